"""Pause and extension: only where the provision names them, bounded, with reason and authority, the original kept."""

from __future__ import annotations

from datetime import date

import pytest

from obligations.rules.occurrences import occurrence_of_event
from obligations.rules.suspensions import AdjustedOccurrence, adjust, extend, pause
from obligations.words.errors import UnusableInput
from obligations.words.limits import Limit
from obligations.words.occurrence import Event
from obligations.words.times import parse_instant, say_due

BY = {"authority": "测试办公室负责人"}
ASKING = {"reason": "征求第三方意见", **BY}


@pytest.fixture
def request_for_information(make_obligation):
    return make_obligation(
        {"kind": "event", "event": "收到政府信息公开申请"}, {"limit": "P20WD", "origin": "law", "law": "on-request"}
    )


@pytest.fixture
def received(request_for_information, calendar):
    def on(at: str = "2026-11-02T10:00") -> AdjustedOccurrence:
        moment = parse_instant(at)
        event = Event("ysq-1", "收到政府信息公开申请", "", "某申请", moment, moment, None, {})
        occurrence = occurrence_of_event(request_for_information, event, calendar)
        return AdjustedOccurrence(occurrence, occurrence)

    return on


def test_working_days_of_asking_others_do_not_count(request_for_information, received, calendar):
    open_request = received()
    assert say_due(open_request.current.due_at) == "2026年11月30日24时前"
    # Thursday 5 to Wednesday 11 November: five working days
    paused = pause(
        request_for_information,
        open_request,
        first=date(2026, 11, 5),
        last=date(2026, 11, 11),
        calendar=calendar,
        **ASKING,
    )
    assert say_due(paused.current.due_at) == "2026年12月7日24时前"
    assert paused.original == open_request.original
    assert "5个工作日不计入期限" in "".join(paused.current.due.derivation)
    assert "批准：测试办公室负责人" in "".join(paused.current.due.derivation)


def test_one_extension_of_up_to_20_working_days_is_given(request_for_information, received, calendar):
    extended = extend(
        request_for_information,
        received(),
        by=Limit(20, "working_day"),
        decided_on=date(2026, 11, 27),
        reason="资料量大",
        calendar=calendar,
        **BY,
    )
    assert say_due(extended.current.due_at) == "2026年12月28日24时前"
    assert extended.current.draft_by < extended.current.due_at
    with pytest.raises(UnusableInput, match="只有一次"):
        extend(
            request_for_information,
            extended,
            by=Limit(1, "working_day"),
            decided_on=date(2026, 12, 1),
            reason="又一次",
            calendar=calendar,
            **BY,
        )


def test_the_old_regulation_extends_by_15_at_most_and_knows_no_pause(request_for_information, received, calendar):
    old = received("2018-09-03T10:00")
    assert say_due(old.current.due_at) == "2018年9月25日24时前"  # 15 working days; Mid-Autumn Monday off
    decided = {"decided_on": date(2018, 9, 20), "reason": "资料量大", "calendar": calendar, **BY}
    with pytest.raises(UnusableInput, match="最长不得超过15个工作日"):
        extend(request_for_information, old, by=Limit(16, "working_day"), **decided)
    extended = extend(request_for_information, old, by=Limit(15, "working_day"), **decided)
    assert say_due(extended.current.due_at) == "2018年10月19日24时前"  # Saturday 29 and Sunday 30 September worked
    with pytest.raises(UnusableInput, match="没有规定可以扣除"):
        pause(request_for_information, old, first=date(2018, 9, 4), last=date(2018, 9, 5), calendar=calendar, **ASKING)


def test_adjustments_are_replayed_in_order_on_the_original(request_for_information, received, calendar):
    asked = pause(
        request_for_information,
        received(),
        first=date(2026, 11, 5),
        last=date(2026, 11, 11),
        calendar=calendar,
        **ASKING,
    )
    # two days more fall into the time that the pause had won
    both = extend(
        request_for_information,
        asked,
        by=Limit(2, "working_day"),
        decided_on=date(2026, 12, 4),
        reason="资料量大",
        calendar=calendar,
        **BY,
    )
    assert say_due(both.current.due_at) == "2026年12月9日24时前"
    assert adjust(request_for_information, both.original, both.adjustments, calendar) == both


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"reason": "领导出差"}, "应为：征求第三方意见、征求其他机关意见"),
        ({"reason": " "}, "请写明理由"),
        ({"authority": ""}, "请写明批准人"),
        ({"last": date(2026, 11, 4)}, "晚于止日"),
        ({"first": date(2026, 10, 30)}, "不在时限2026年11月2日至2026年11月30日之内"),
        ({"first": date(2026, 12, 1), "last": date(2026, 12, 2)}, "不在时限"),
        ({"last": date(2026, 11, 26)}, "每次扣除不超过15个工作日，这里是16个工作日"),
    ],
)
def test_a_pause_outside_the_provision_is_refused(changes, expected, request_for_information, received, calendar):
    asked = {"first": date(2026, 11, 5), "last": date(2026, 11, 11), **ASKING} | changes
    with pytest.raises(UnusableInput, match=expected):
        pause(request_for_information, received(), calendar=calendar, **asked)


def test_a_day_is_paused_once(request_for_information, received, calendar):
    once = pause(
        request_for_information,
        received(),
        first=date(2026, 11, 5),
        last=date(2026, 11, 11),
        calendar=calendar,
        **ASKING,
    )
    with pytest.raises(UnusableInput, match="不能扣除两次"):
        pause(
            request_for_information,
            once,
            first=date(2026, 11, 11),
            last=date(2026, 11, 12),
            calendar=calendar,
            **ASKING,
        )


@pytest.mark.parametrize("by", [Limit(21, "working_day"), Limit(20, "day"), Limit(0, "working_day")])
def test_an_extension_beyond_the_provision_is_refused(by, request_for_information, received, calendar):
    with pytest.raises(UnusableInput, match="最长不得超过20个工作日"):
        extend(
            request_for_information,
            received(),
            by=by,
            decided_on=date(2026, 11, 5),
            reason="资料量大",
            calendar=calendar,
            **BY,
        )


def test_what_has_run_out_cannot_be_extended(request_for_information, received, calendar):
    with pytest.raises(UnusableInput, match="不在时限"):
        extend(
            request_for_information,
            received(),
            by=Limit(5, "working_day"),
            decided_on=date(2026, 12, 1),
            reason="资料量大",
            calendar=calendar,
            **BY,
        )


@pytest.mark.parametrize(
    "due", [{"limit": "P7WD", "origin": "text"}, {"limit": "P20WD", "origin": "law", "law": "proactive-disclosure"}]
)
def test_a_rule_that_names_neither_pause_nor_extension_has_none(due, make_obligation, calendar):
    obligation = make_obligation({"kind": "event", "event": "作出决定"}, due)
    moment = parse_instant("2026-11-02T10:00")
    occurrence = occurrence_of_event(obligation, Event("a", "b", "", "c", moment, moment, None, {}), calendar)
    with pytest.raises(UnusableInput, match="没有规定可以"):
        extend(
            obligation,
            AdjustedOccurrence(occurrence, occurrence),
            by=Limit(1, "working_day"),
            decided_on=date(2026, 11, 3),
            reason="资料量大",
            calendar=calendar,
            **BY,
        )
