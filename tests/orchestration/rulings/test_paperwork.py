"""What is decided about a review beside its answers: 核对错误放行, 补办手续, and what happens on the day of reassessment."""

from __future__ import annotations

import pytest

from obligations.steps.ledger.follow_ups import follow_ups_of
from obligations.words.errors import UnusableInput

FILE = "a" * 64
WRONG = ["财政收入 10.2 亿元与数据 12.0 亿元不符"]
ORAL = {"by": "演示乙", "at": "2026-11-10T20:00:00+08:00", "entered_by": "值班甲"}
WITHHELD = {
    "scope": "不予公开", "article": "15", "reason": "涉及商业秘密", "authority": "分管负责人", "reassess_on": "2027-11-05",
}  # fmt: skip


def test_a_version_with_errors_may_pass_with_a_written_reason_that_names_them(desk):
    found = desk()
    found.draft("2026-11-10T09:00", 2, "uploaded", errors=WRONG)
    with pytest.raises(UnusableInput, match=r"与填写的 1{64} 不同"):
        found.decide("override", "2026-11-10T10:00", sha256="1" * 64, reason="口径不同")
    found.decide("override", "2026-11-10T10:00", sha256="2" * 64, reason="口径不同，已核实")
    assert (found.last.kind, found.last.payload) == (
        "overridden", {"version": 2, "sha256": "2" * 64, "errors": WRONG, "reason": "口径不同，已核实"},
    )  # fmt: skip
    with pytest.raises(UnusableInput, match="没有未处理的核对错误"):
        found.decide("override", "2026-11-10T11:00", sha256="2" * 64, reason="再放行一次")
    found.require_sound()


def test_nothing_passes_where_there_is_no_draft_or_all_is_over(desk):
    found = desk()
    with pytest.raises(UnusableInput, match="还没有稿件"):
        found.decide("override", "2026-11-10T10:00", sha256="2" * 64, reason="理由")
    found.draft("2026-11-10T09:00", 2, "uploaded", errors=WRONG)
    found.decide("nil", "2026-11-10T10:00", reason="没有内容")
    with pytest.raises(UnusableInput, match="零报告，不能再作这项登记"):
        found.decide("override", "2026-11-10T11:00", sha256="2" * 64, reason="理由")


def approve(found, level: str, at: str = "2026-11-10T20:00", **more):
    found.happened("approved", at, "演示乙", version=1, sha256="1" * 64, level=level, oral=ORAL, final=False, **more)


def test_an_approval_by_word_of_mouth_waits_for_its_paper(desk):
    found = desk()
    approve(found, "终审")
    assert [each.label for each in follow_ups_of(found.events)] == ["待补办手续"]
    (row,) = found.work.ledger.rows(
        found.work.key, now=found.last.happened_at, is_working_day=found.work.calendar.is_working_day
    )
    assert [each["label"] for each in row.as_json()["follow_ups"]] == ["待补办手续"]
    with pytest.raises(UnusableInput, match="至少填写一项"):
        found.decide("formalize", "2026-11-11T09:00")
    found.decide("formalize", "2026-11-11T09:00", proof="信息发布审批单第12号")
    assert found.last.payload == {
        "level": "终审", "version": 1, "sha256": "1" * 64, "reference": "信息发布审批单第12号", "attachments": [],
    }  # fmt: skip
    assert follow_ups_of(found.events) == ()
    with pytest.raises(UnusableInput, match="没有待补办手续的口头批准"):
        found.decide("formalize", "2026-11-11T10:00", proof="第12号")
    found.require_sound()


def test_of_two_levels_the_paper_says_which_it_is_and_its_file_must_have_been_handed_in(desk):
    found = desk()
    approve(found, "保密审查")
    approve(found, "终审", "2026-11-10T20:05")
    with pytest.raises(UnusableInput, match="第1版保密审查、第1版终审；请在 level 中写明"):
        found.decide("formalize", "2026-11-11T09:00", proof="第12号")
    with pytest.raises(UnusableInput, match="请先上传"):
        found.decide("formalize", "2026-11-11T09:00", level="终审", attachments=FILE)
    found.happened("attached", "2026-11-11T08:00", what="approval_form", sha256=FILE)
    found.decide("formalize", "2026-11-11T09:00", level="终审", attachments=FILE)
    assert [each.event.payload["level"] for each in follow_ups_of(found.events)] == ["保密审查"]


def test_a_version_that_is_returned_needs_no_paper_any_more(desk):
    found = desk()
    approve(found, "保密审查")
    found.happened("returned", "2026-11-10T21:00", run_id="x", version=1, sha256="1" * 64, comment="不妥")
    assert follow_ups_of(found.events) == ()


def test_what_is_withheld_is_looked_at_again_on_its_day_and_not_before(desk):
    found = desk()
    closed = found.decide("withhold", "2026-11-05T10:00", **WITHHELD).row
    with pytest.raises(UnusableInput, match="不能再作这项登记"):
        found.decide("withhold", "2027-11-04T10:00", **WITHHELD | {"reassess_on": "2028-11-05"})
    row = found.decide("withhold", "2027-11-05T10:00", **WITHHELD | {"reassess_on": "2028-11-05"}).row
    assert (row.outcome, row.closed_at) == ("withheld", closed.closed_at), "it was closed when it was first decided"
    assert found.last.payload["reassessed"] is True
    (again,) = follow_ups_of(found.events)
    assert again.at.date().isoformat() == "2028-11-05"
    found.require_sound()
