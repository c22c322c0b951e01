"""What is decided about what is public already: corrections that leave the duty met, withdrawals with their own deadline."""

from __future__ import annotations

import pytest

from obligations.orchestration.rulings.recording import is_redraft_asked
from obligations.orchestration.runs.claims import Superseded, claim, corrected_sha256, last_claim
from obligations.steps.ledger.follow_ups import follow_ups_of, open_correction
from obligations.words.errors import UnusableInput
from obligations.words.times import parse_instant, say_due

PAGE = "https://www.example.gov.cn/art/1.html"
ORDER = {"reason": "原处罚决定被撤销", "authority": "县政府负责人", "law": "行政处罚法"}


@pytest.fixture
def met(desk):
    found = desk()
    found.publish("2026-11-20T11:00")
    found.see("2026-11-20T11:05")
    return found


def test_a_correction_makes_one_more_run_possible_and_leaves_the_duty_met_when_it_first_was(met):
    with pytest.raises(Superseded, match="已经办结"):
        claim(met.work, parse_instant("2026-11-23"))
    row = met.decide("correction", "2026-11-24T09:00", reason="表2合计有误").row
    assert met.last.payload == {
        "correction": True, "corrects": "1" * 64, "version": 1, "address": PAGE, "reason": "表2合计有误",
    }  # fmt: skip
    assert (row.outcome, row.met_at) == ("met", parse_instant("2026-11-20T11:00"))
    assert last_claim(met.events).is_over, "the run that published is over, another may begin"
    assert corrected_sha256(met.work) == "1" * 64
    assert claim(met.work, parse_instant("2026-11-24T09:10")).number == 2
    assert claim(met.work, parse_instant("2026-11-24T09:20")).number == 2, "claiming again is a no-op"
    with pytest.raises(UnusableInput, match="更正已在办理"):
        met.decide("correction", "2026-11-24T10:00", reason="再改")
    met.publish("2026-11-25T11:00", version=2)
    assert open_correction(met.events) is None
    assert (met.row.met_at, met.row.stage_label) == (parse_instant("2026-11-20T11:00"), "已公开")
    met.decide("correction", "2026-11-26T09:00", reason="表3也有误")
    assert met.last.payload["corrects"] == "2" * 64, "the version that is public now"
    met.require_sound()


def test_a_correction_that_was_returned_may_be_drafted_anew(met):
    met.decide("correction", "2026-11-24T09:00", reason="表2合计有误")
    claim(met.work, parse_instant("2026-11-24T09:10"))
    met.happened("returned", "2026-11-24T15:00", run_id="form", version=2, sha256="2" * 64, comment="仍不对")
    met.decide("redraft", "2026-11-24T16:00", reason="已与数据处核对")
    assert is_redraft_asked(met.events)
    assert met.row.is_met


def test_what_is_still_under_way_is_returned_rather_than_corrected(desk):
    open_ = desk()
    with pytest.raises(UnusableInput, match="还没有登记公开地址"):
        open_.decide("correction", "2026-11-24T09:00", reason="有误")
    open_.publish("2026-11-20T11:00")
    with pytest.raises(UnusableInput, match="尚未办结；要改稿件，请在审核时退回修改"):
        open_.decide("correction", "2026-11-24T09:00", reason="有误")
    with pytest.raises(UnusableInput, match="没有公开的页面"):
        desk("report").decide("correction", "2026-11-24T09:00", reason="有误")


def test_a_withdrawal_has_the_three_working_days_of_the_law_and_its_fulfilment_is_kept(met):
    # Friday 27 November: the working days are Monday to Wednesday
    ruled = met.decide("withdraw", "2026-11-27T10:00", person="办公室乙", **ORDER)
    said = met.last.payload
    assert said["due_at"] == "2026-12-03T00:00:00+08:00"
    assert said["law"] == "《中华人民共和国行政处罚法》第四十八条（期限依第八十五条为工作日）"
    assert "2026年12月2日24时前撤下" in ruled.said
    assert [each.label for each in follow_ups_of(met.events)] == ["待撤回"]
    with pytest.raises(UnusableInput, match="已责令撤回"):
        met.decide("withdraw", "2026-11-30T10:00", **ORDER)
    met.decide("withdrawn", "2026-12-01T16:00", at="2026-12-01T15:30", proof="网站管理单位回执第3号")
    assert met.last.payload == {
        "address": PAGE, "method": "人工登记", "reference": "网站管理单位回执第3号", "late": False,
    }  # fmt: skip
    assert follow_ups_of(met.events) == ()
    assert met.row.is_met, "it was public in time, whatever became of the page"
    with pytest.raises(UnusableInput, match="已经撤回"):
        met.decide("withdraw", "2026-12-02T10:00", **ORDER)
    met.require_sound()


def test_a_page_taken_down_too_late_says_so(met):
    met.decide("withdraw", "2026-11-27T10:00", **ORDER)
    ruled = met.decide("withdrawn", "2026-12-04T09:00", at="2026-12-03T09:00", proof="回执")
    assert "超过2026年12月2日24时前的期限" in ruled.said
    assert met.last.payload["late"] is True


def test_the_office_may_tighten_the_laws_limit_and_sets_one_where_there_is_none(met):
    with pytest.raises(UnusableInput, match="不得晚于"):
        met.decide("withdraw", "2026-11-27T10:00", **ORDER, due_on="2026-12-03")
    with pytest.raises(UnusableInput, match="请填写 due_on"):
        met.decide("withdraw", "2026-11-27T10:00", **ORDER | {"law": "本单位规定"})
    met.decide("withdraw", "2026-11-27T10:00", **ORDER, due_on="2026-11-30")
    assert say_due(parse_instant(met.last.payload["due_at"])) == "2026年11月30日24时前"
    assert met.last.payload["derivation"][-1] == "本单位提前到2026年11月30日24时前。"


def test_a_law_that_was_not_in_force_gives_no_limit(met):
    with pytest.raises(UnusableInput, match="没有施行中的撤回期限条文"):
        met.decide("withdraw", "2026-11-27T10:00", **ORDER, on="2021-07-14")


REFUSED = {
    "a page that nobody ordered down": ("withdrawn", {"at": "2026-11-26T10:00", "proof": "回执"}, "没有等待撤回"),
    "an order counted from tomorrow": ("withdraw", {**ORDER, "on": "2026-11-28"}, "晚于今天"),
    "an order for a past day": ("withdraw", {**ORDER, "law": "本单位规定", "due_on": "2026-11-26"}, "早于今天"),
    "an unknown basis": ("withdraw", {**ORDER, "law": "惯例"}, "应为：撤回期限的依据"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_rules_forbid_is_refused_and_leaves_no_trace(met, case):
    kind, fields, said = REFUSED[case]
    before = met.events
    with pytest.raises(UnusableInput, match=said):
        met.decide(kind, "2026-11-27T10:00", **fields)
    assert met.events == before


@pytest.mark.parametrize(("at", "said"), [("2026-11-28T10:00", "晚于现在"), ("2026-11-20T10:00", "早于公开的")])
def test_a_page_is_not_down_before_it_was_up_nor_in_the_future(met, at, said):
    met.decide("withdraw", "2026-11-27T09:00", **ORDER)
    with pytest.raises(UnusableInput, match=said):
        met.decide("withdrawn", "2026-11-27T10:00", at=at, proof="回执")
