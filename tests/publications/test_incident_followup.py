"""Follow-ups to an incident bulletin: what is new since the last, and what an author is warned of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from obligations.publications.incident_followup import BLANKS, describe
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import Event
from obligations.words.times import SHANGHAI

FIELDS = {
    "followup": "2",
    "last_at": "2026-09-12T15:30",
    "as_of": "2026-09-12T19:00",
    "place": "演示县城关镇滨海路",
    "news": "现场清理已完成。",
    "casualties": "2人受伤",
    "last_casualties": "2人受伤。",
    "measures": "转移周边群众46人",
    "last_measures": "启动应急预案",
}
HAPPENED = datetime(2026, 9, 12, 14, 0, tzinfo=SHANGHAI)
EVENT = Event("event-1", "incident", "重大", "化工厂爆炸事故", HAPPENED, HAPPENED, None, FIELDS)


def told(**fields):
    return describe(replace(EVENT, fields={**FIELDS, **fields}))


def test_a_follow_up_says_its_number_since_when_and_up_to_when():
    words = told().words
    assert (words["number"], words["last_at"], words["until"]) == ("二", "9月12日15时30分", "9月12日19时")


def test_what_the_last_bulletin_said_is_not_told_as_new():
    words = told().words
    assert (words["same_casualties"], words["same_measures"]) == (True, False)
    assert told(casualties="3人受伤").words["same_casualties"] is False
    assert told(casualties="", last_casualties="").words["same_casualties"] is False


def test_what_was_not_reported_is_a_blank():
    words = describe(replace(EVENT, fields={})).words
    assert (words["number"], words["last_at"], words["news"], words["casualties"]) == ("一", None, None, None)
    assert {"since", "news", "casualties", "measures"} <= {blank.name for blank in BLANKS if blank.required}


def test_verified_facts_are_not_warned_of():
    assert told().warnings == ()


@pytest.mark.parametrize(
    ("fields", "warning"),
    [
        ({"news": "网传有人失联"}, "新情况中“网传”似未经核实，续报只写已核实的情况，请核实或删改。"),
        ({"casualties": "可能有1人失联"}, "伤亡情况中“可能”似未经核实，续报只写已核实的情况，请核实或删改。"),
        ({"aftercare": "因操作不当引发的损失已赔付"}, "善后和救助安排中“因操作不当引发”似为原因结论"),
        ({"news": "联系电话13800000000"}, "新情况中似有身份证号或手机号码"),
        ({"as_of": "2026-09-12T15:30"}, "续报截止时间不晚于上次通报时间，请核对。"),
        ({"last_at": "", "as_of": "2026-09-12T13:00"}, "续报截止时间早于事件发生时间，请核对。"),
        (
            {"casualties": "2人死亡", "last_casualties": "死亡3人"},
            "死亡人数2人少于上次通报的3人，请核实，确属核减的应在正文中说明原因。",
        ),
    ],
)
def test_what_is_not_verified_or_contradicts_the_last_bulletin_is_warned_of(fields, warning):
    assert any(each.startswith(warning) for each in told(**fields).warnings)


@pytest.mark.parametrize("number", ["0", "第二", "２", "100"])
def test_a_number_that_counts_nothing_is_refused(number):
    with pytest.raises(UnusableInput, match=f"续报次数“{number}”无法识别，应为1至99的整数"):
        told(followup=number)


@pytest.mark.parametrize(("name", "label"), [("last_at", "上次通报时间"), ("as_of", "续报截止时间")])
def test_a_time_that_cannot_be_read_is_refused(name, label):
    with pytest.raises(UnusableInput, match=f"{label}“下午三点”无法识别，应写作 2026-09-12T18:00"):
        told(**{name: "下午三点"})
