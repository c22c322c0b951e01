"""What the ledger says of one occurrence when punctuality is told, and what was answered and ruled on it. Values only.

How a line comes to be counted is ``rules.accountability``; what is printed of the lines is their publication kinds'.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

Result = Literal[
    "按期完成", "逾期完成", "逾期未完成", "未到期", "零报告", "不予公开", "不计入考核", "时限中止", "待核验", "补录"
]
"""What the ledger's facts come to."""
Cause = Literal["责任单位", "上级数据未下达", "系统原因"]
"""Whose it is that an occurrence is late."""
Decision = Literal["维持", "上级数据未下达", "系统原因", "其他原因单列"]
"""How the office rules on a department's objection; all but 维持 set the occurrence apart."""
Counted = Literal[
    "按期", "逾期", "上级数据未下达", "系统原因", "其他原因单列", "零报告", "不予公开", "不计入考核", "时限中止",
    "待核验", "未到期", "补录",
]  # fmt: skip
"""Where an occurrence is counted: in the rate (按期, 逾期), or apart from it under its own name."""
APART: tuple[Counted, ...] = ("上级数据未下达", "系统原因", "其他原因单列")
OUTCOMES: tuple[Counted, ...] = ("零报告", "不予公开", "不计入考核", "时限中止", "待核验")
Response = Literal["无异议", "提出异议", "未反馈"]
"""What became of a line in the round of feedback; empty while none was held."""
DECISIONS: tuple[Decision, ...] = get_args(Decision)
COUNTED: tuple[Counted, ...] = get_args(Counted)
RESULTS: tuple[Result, ...] = get_args(Result)
RESPONSES: tuple[Response, ...] = get_args(Response)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One occurrence as the ledger had it when the lines were frozen; every field is the text of a column.

    ``HEADERS`` names the columns. After freezing only ``counted`` and what follows it change: they hold what a
    department answered and the office ruled.

    Attributes:
        counted_in: period of the statement in which it fell due; month: ``2026-09``, in which it fell due.
        department: the one it is counted for, the first named; others: those named beside it.
        due, original_due, closed: as people read them; lateness: 逾期3天.
        stage, owner: where the time was lost and whose it was; cause_basis: 系统推定 or 人工更正, with its reason.
        counted: see ``Counted``; response: see ``Response``.
    """

    counted_in: str
    month: str
    key: str
    title: str
    period: str
    department: str
    others: str
    due: str
    original_due: str
    closed: str
    result: str
    lateness: str
    stage: str
    owner: str
    cause: str
    cause_basis: str
    counted: str
    response: str = ""
    answer: str = ""
    evidence: str = ""
    decision: str = ""
    decision_reason: str = ""


HEADERS = {
    "counted_in": "统计期",
    "month": "到期月份",
    "key": "事项编号",
    "title": "事项",
    "period": "期间",
    "department": "责任单位",
    "others": "共同责任单位",
    "due": "完成时限",
    "original_due": "原定时限",
    "closed": "完成时间",
    "result": "办理结果",
    "lateness": "逾期情况",
    "stage": "滞后环节",
    "owner": "环节责任",
    "cause": "原因归类",
    "cause_basis": "归类依据",
    "counted": "统计归类",
    "response": "反馈情况",
    "answer": "单位意见",
    "evidence": "佐证材料",
    "decision": "裁定",
    "decision_reason": "裁定理由",
}
"""Field of a line → header of its column, in order."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What a department says against one of its late occurrences, and what shows it."""

    key: str
    period: str
    text: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One department's answer in a round; no objection means it agrees (无异议)."""

    department: str
    objections: tuple[Objection, ...]
    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OfficeRuling:
    """What the office ruled on one objection."""

    key: str
    period: str
    decision: Decision
    reason: str
    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """The round in which departments check their own figures before the draft (反馈核实).

    Attributes:
        opened_at, until: it runs up to and with ``until``.
        departments: those that are asked.
        answers: the last answer by department; rulings: by (key, period).
        settled: the draft may begin.
    """

    opened_at: datetime
    until: datetime
    departments: tuple[str, ...]
    answers: dict[str, Answer] = field(default_factory=dict)
    rulings: dict[tuple[str, str], OfficeRuling] = field(default_factory=dict)
    settled: bool = False

    @property
    def silent(self) -> tuple[str, ...]:
        """Departments that have not answered."""
        return tuple(name for name in self.departments if name not in self.answers)

    @property
    def unruled(self) -> tuple[tuple[str, Objection], ...]:
        """Objections, each with its department, that the office has not ruled on."""
        return tuple(
            (answer.department, objection)
            for answer in self.answers.values()
            for objection in answer.objections
            if (objection.key, objection.period) not in self.rulings
        )

    def is_open(self, now: datetime) -> bool:
        """Whether departments may still answer."""
        return not self.settled and now <= self.until and bool(self.silent)


def as_payload(objections: tuple[Objection, ...]) -> list[dict[str, Any]]:
    """Return objections as the ledger keeps them."""
    return [{"key": o.key, "period": o.period, "text": o.text, "evidence": o.evidence} for o in objections]
