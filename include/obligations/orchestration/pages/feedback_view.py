"""What the page of a round of feedback shows of each department, as the kind's own measures say it. Only reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from obligations.orchestration.accountability.feedback import frozen_snapshot
from obligations.orchestration.work import Work
from obligations.publications.wording import say_number
from obligations.steps.gather import load_frame
from obligations.words.accountability import LedgerLine, Round
from obligations.words.publication import Measure
from obligations.words.times import say_instant

_FIGURES = {
    "due": "到期", "owed": "应考核（分母）", "on_time": "按期（分子）", "rate": "按期率", "late": "逾期",
    "upstream": "上级数据未下达", "system": "系统原因", "ruled": "其他原因单列", "outcomes": "另计",
}  # fmt: skip


def department_views(
    work: Work, found: Round, lines: Sequence[LedgerLine], departments: Sequence[str]
) -> list[dict[str, Any]]:
    """Return, for each department, its figures, its lines and its answer, ready to print.

    The figures are the kind's own measures of the frozen lines, so that page and draft cannot differ.
    """
    if work.kind.contract is None or work.kind.analyse is None:
        return []
    snapshot = frozen_snapshot(work)
    frame = load_frame(snapshot, work.kind.contract)
    measures = work.kind.analyse(frame, snapshot, work.occurrence.period).measures
    views = []
    for name in departments:
        answer = found.answers.get(name)
        views.append(
            {
                "name": name,
                "figures": [
                    (label, _say(measures.get(f"department.{name}.{part}"))) for part, label in _FIGURES.items()
                ],
                "lines": [line for line in lines if line.department == name],
                "answered": f"{say_instant(answer.at)}，{answer.person}" if answer else "",
                "agrees": answer is not None and not answer.objections,
            }
        )
    return views


def objection_views(found: Round, lines: Sequence[LedgerLine], departments: Sequence[str]) -> list[dict[str, Any]]:
    """Return the objections of these departments with their line and ruling, ready to print."""
    by_subject = {(line.key, line.period): line for line in lines}
    views = []
    for answer in found.answers.values():
        for objection in answer.objections if answer.department in departments else ():
            subject = (objection.key, objection.period)
            ruling = found.rulings.get(subject)
            views.append(
                {
                    "department": answer.department,
                    "key": objection.key,
                    "of": objection.period,
                    "title": by_subject[subject].title if subject in by_subject else objection.key,
                    "text": objection.text,
                    "evidence": objection.evidence,
                    "decision": ruling.decision if ruling else "",
                    "reason": ruling.reason if ruling else "",
                    "ruled": f"{say_instant(ruling.at)}，{ruling.person}" if ruling else "",
                }
            )
    return views


def _say(measure: Measure | None) -> str:
    if measure is None or measure.value is None:
        return "—"
    return f"{say_number(measure.value, measure.places)}{measure.unit}"
