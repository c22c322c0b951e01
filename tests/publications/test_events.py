"""What drafts take from an event's fields, and what authors are warned not to publish."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from obligations.publications.events import event_warnings, event_words
from obligations.words.occurrence import Event
from obligations.words.times import SHANGHAI

EVENT = Event(
    id="event-1",
    type="incident",
    level="重大",
    title="化工厂爆炸事故",
    happened_at=datetime(2026, 9, 12, 14, 5, tzinfo=SHANGHAI),
    reported_at=datetime(2026, 9, 12, 15, 0, tzinfo=SHANGHAI),
    noticed_at=None,
    fields={"place": "演示县城关镇滨海路", "summary": "现场明火已扑灭。"},
)


def with_fields(**fields):
    return replace(EVENT, fields={**EVENT.fields, **fields})


def test_times_are_written_as_bulletins_do():
    words = event_words(EVENT)
    assert (words["happened"], words["as_of"]) == ("9月12日14时05分许", "9月12日15时")


def test_an_event_named_as_a_thing_happens_and_one_named_as_a_sentence_stands():
    assert event_words(EVENT)["what_happened"] == "发生化工厂爆炸事故"
    told = event_words(replace(EVENT, title="滨海路一化工厂发生爆炸"))
    assert (told["what_happened"], told["tells_place"]) == ("滨海路一化工厂发生爆炸", True)


def test_a_place_already_in_the_title_is_not_said_twice():
    named = replace(EVENT, title="演示县城关镇滨海路化工厂爆炸事故")
    assert event_words(named)["what_happened"] == "发生化工厂爆炸事故"


def test_empty_fields_are_nothing_and_full_stops_are_the_templates():
    words = event_words(with_fields(casualties=" "))
    assert words["casualties"] is None
    assert words["summary"] == "现场明火已扑灭"


@pytest.mark.parametrize("casualties", ["截至15时，2人受伤", "人员伤亡情况正在核查"])
def test_casualties_that_say_their_time_get_no_second_one(casualties):
    assert event_words(with_fields(casualties=casualties))["as_of"] is None


@pytest.mark.parametrize(
    ("field", "text", "warning"),
    [
        ("summary", "因操作不当引发爆炸", "似为原因结论"),
        ("summary", "事故原因是设备老化", "似为原因结论"),
        ("casualties", "伤者张某某（男，45岁）送医", "似有当事人姓名"),
        ("measures", "联系电话13912345678", "属个人信息"),
        ("casualties", "身份证号37010219800101123X", "属个人信息"),
    ],
)
def test_what_must_not_be_published_is_warned_of(field, text, warning):
    assert any(warning in each for each in event_warnings(with_fields(**{field: text})))


def test_plain_facts_are_not_warned_of():
    plain = with_fields(casualties="2人受伤，无生命危险", measures="启动应急预案，投入消防车12台、人员60名")
    assert event_warnings(plain) == ()


def test_a_notice_before_the_event_is_warned_of():
    early = replace(EVENT, noticed_at=datetime(2026, 9, 12, 14, 0, tzinfo=SHANGHAI))
    assert any("知悉时间早于发生时间" in each for each in event_warnings(early))
