"""Where an occurrence may stand, and in which words people read it. What brings it there is ``projection``."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where an occurrence stands, as a code; ``stage_label`` gives the words that people see."""

    EXPECTED = "expected"
    GATHERING = "gathering"
    WAITING = "waiting"
    BAD_INPUT = "bad_input"
    DRAFTING = "drafting"
    DRAFTED = "drafted"
    REVIEW = "review"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    FAILED = "failed"
    MET = "met"
    NIL = "nil"
    WAIVED = "waived"
    WITHHELD = "withheld"
    MERGED = "merged"


_LABELS = {
    Stage.EXPECTED: "待启动",
    Stage.GATHERING: "数据收集中",
    Stage.WAITING: "等待数据",
    Stage.BAD_INPUT: "数据有误待更正",
    Stage.DRAFTING: "起草中",
    Stage.DRAFTED: "待送审",
    Stage.REVIEW: "审核中",
    Stage.RETURNED: "退回修改",
    Stage.APPROVED: "待发布",
    Stage.PUBLISHED: "已发布待核验",
    Stage.FAILED: "处理失败",
    Stage.NIL: "零报告",
    Stage.WAIVED: "经批准不计入考核",
    Stage.WITHHELD: "不予公开",
    Stage.MERGED: "并入其他事项",
}
_MET_LABELS = {"published": "已公开", "held": "已召开", "submitted": "已报送", "completed": "已办结"}


def stage_label(stage: Stage, fulfilment: str) -> str:
    """Return a stage in the field's own words; what is met was 公开, 召开, 报送 or 办结 by its fulfilment."""
    return _MET_LABELS[fulfilment] if stage == Stage.MET else _LABELS[stage]


def stage_words(stage: Stage) -> str:
    """Return a stage in words, whatever the duty: 办结 of some is 公开 or 报送 of others."""
    return _LABELS.get(stage, "已完成")
