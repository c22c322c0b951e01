"""Evidence by people: one enters it, the office accepts or refuses it, and only what is accepted is when the duty was met.

October's report is due 20 working days after its end, on Friday 27 November at 24:00.
"""

from __future__ import annotations

import pytest

from obligations.words.errors import UnusableInput
from obligations.words.times import parse_instant

PAGE = "https://www.example.gov.cn/art/1.html"
FILE = "a" * 64
SHOWN = {"at": "2026-11-20T10:30", "basis": "页面发布时间", "proof": "页面“发布时间”栏"}


def vouched(desk, **more):
    desk.publish("2026-11-20T11:00")
    desk.decide("vouch", "2026-11-24T09:00", **SHOWN | more)


def test_what_a_person_vouches_for_is_kept_apart_until_the_office_accepts_it(desk):
    found = desk()
    vouched(found)
    assert (found.last.kind, found.last.person, found.row.outcome) == ("vouched", "责任人甲", None)
    assert found.last.payload == {
        "address": PAGE, "sha256": "1" * 64, "fulfilled_at": "2026-11-20T10:30:00+08:00", "basis": "page_time",
        "reference": "页面“发布时间”栏", "attachments": [],
    }  # fmt: skip
    ruled = found.decide("accept", "2026-11-30T09:00", person="办公室乙", note="已核对截图")
    assert "认定于2026年11月20日10:30公开，按期" in ruled.said
    said = found.last.payload
    assert (found.last.kind, said["grade"], said["vouched_by"], said["accepted_by"]) == (
        "verified", "人工佐证", "责任人甲", "办公室乙",
    )  # fmt: skip
    assert (found.row.is_met, found.row.met_at) == (True, parse_instant("2026-11-20T10:30"))
    (row,) = found.work.ledger.rows(
        found.work.key, now=parse_instant("2026-12-01"), is_working_day=found.work.calendar.is_working_day
    )
    assert (row.publications[0].grade, row.lateness) == ("人工佐证", "按时")
    found.require_sound()


def test_accepted_evidence_takes_a_miss_back_and_re_times_what_was_seen_late(desk):
    found = desk()
    found.publish("2026-11-30T15:00", signed="2026-11-27T13:00")
    found.happened("missed", "2026-11-28")
    found.see("2026-12-01T08:00")
    before = found.row
    assert before.met_at == parse_instant("2026-11-30T15:00")
    found.decide("vouch", "2026-12-02T09:00", at="2026-11-27T14:30", basis="网站日志", proof="日志第12行")
    assert found.row.met_at == before.met_at, "a claim alone moves nothing"
    found.decide("accept", "2026-12-03T09:00", person="办公室乙")
    assert (found.row.met_at, found.row.missed_at) == (parse_instant("2026-11-27T14:30"), None)
    found.require_sound()


def test_evidence_that_is_refused_leaves_the_publication_unproven_and_may_be_entered_anew(desk):
    found = desk()
    vouched(found)
    found.decide("reject", "2026-11-25T09:00", person="办公室乙", reason="截图没有显示网址")
    assert (found.last.kind, found.last.payload["reason"], found.row.outcome) == (
        "evidence_rejected", "截图没有显示网址", None,
    )  # fmt: skip
    with pytest.raises(UnusableInput, match="没有等待采信的佐证"):
        found.decide("accept", "2026-11-25T10:00", person="办公室乙")
    found.decide("vouch", "2026-11-25T11:00", **SHOWN)
    found.require_sound()


@pytest.mark.parametrize("decision", [("accept", {}), ("reject", {"reason": "不足"})], ids=lambda one: one[0])
def test_nobody_rules_on_evidence_of_their_own(desk, decision):
    found = desk()
    vouched(found)
    with pytest.raises(UnusableInput, match="由 责任人甲 本人登记，不能由同一人"):
        found.decide(decision[0], "2026-11-25T09:00", **decision[1])


def test_the_same_acceptance_again_changes_nothing(desk):
    found = desk()
    vouched(found)
    first, again = (found.decide("accept", "2026-11-25T09:00", person="办公室乙", once="decided:run") for _ in "ab")
    assert (first.seq, first.is_new, again.is_new) == (again.seq, True, False)
    found.require_sound()


def test_a_file_that_was_handed_in_can_be_named_and_no_other(desk):
    found = desk()
    found.publish("2026-11-20T11:00")
    fields = {"at": "2026-11-20T10:30", "basis": "截图", "attachments": FILE}
    with pytest.raises(UnusableInput, match="没有这些附件，请先上传"):
        found.decide("vouch", "2026-11-24T09:00", **fields)
    found.happened("attached", "2026-11-24T08:00", what="screenshot", sha256=FILE, name="页面.png")
    found.decide("vouch", "2026-11-24T09:00", **fields)
    assert found.last.payload["attachments"] == [FILE]


REFUSED = {
    "before it is out": ({"at": "2026-11-25T10:00"}, "晚于现在"),
    "before it was signed": ({"at": "2026-11-20T09:59"}, "先审后发"),
    "at a place where nothing was published": ({"address": "https://other.example.cn/"}, "没有登记过公开地址"),
    "without anything that shows it": ({"proof": ""}, "至少填写一项"),
    "with a basis of one's own": ({"basis": "听说"}, "应为：佐证类型"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_evidence_that_cannot_be_is_refused_and_leaves_no_trace(desk, case):
    fields, said = REFUSED[case]
    found = desk()
    found.publish("2026-11-20T11:00")
    before = found.events
    with pytest.raises(UnusableInput, match=said):
        found.decide("vouch", "2026-11-24T09:00", **SHOWN | fields)
    assert found.events == before


def test_what_we_saw_ourselves_needs_no_evidence_but_of_an_earlier_time(desk):
    found = desk()
    found.publish("2026-11-20T11:00")
    found.see("2026-11-20T11:05")
    with pytest.raises(UnusableInput, match="不早于它，不必登记"):
        found.decide("vouch", "2026-11-24T09:00", **SHOWN | {"at": "2026-11-20T11:00"})
    found.decide("vouch", "2026-11-24T09:00", **SHOWN)
    with pytest.raises(UnusableInput, match="已有一份佐证等待"):
        found.decide("vouch", "2026-11-24T10:00", **SHOWN)


def test_what_is_met_otherwise_or_not_published_has_no_page_to_vouch_for(desk):
    with pytest.raises(UnusableInput, match="还没有登记公开地址"):
        desk().decide("vouch", "2026-11-24T09:00", **SHOWN)
    with pytest.raises(UnusableInput, match="没有公开的页面"):
        desk("report").decide("vouch", "2026-11-24T09:00", **SHOWN)
