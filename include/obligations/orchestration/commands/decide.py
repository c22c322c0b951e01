"""The commands by which people decide: ``decide`` on one occurrence, ``purge`` on files that are to go."""

from __future__ import annotations

from collections.abc import Mapping

from obligations.orchestration.commands.look_up import folder_of
from obligations.orchestration.commands.outcome import Door, Outcome, Rows
from obligations.orchestration.people import require_may_decide
from obligations.orchestration.rulings.fields import read_ruling
from obligations.orchestration.rulings.recording import rule
from obligations.orchestration.runs.claims import COMMAND_LINE
from obligations.orchestration.upkeep.purges import (
    Candidate,
    Why,
    carry_out,
    closed_for_years,
    of_content,
    of_occurrence,
)
from obligations.orchestration.work import open_work
from obligations.rules.catalogue import load_one
from obligations.rules.reviews import chain_of
from obligations.steps.ledger import open_ledger
from obligations.words.errors import UnusableInput

_KINDS = {"draft": "稿件", "input": "原始数据", "proof": "佐证"}


def decide(door: Door, key: str, period: str, decision: str, fields: Mapping[str, object], person: str) -> Outcome:
    """Record a decision under the account given, which must hold the role for it; errors as ``read_ruling`` and ``rule``."""
    now = door.now()
    ruling = read_ruling(decision, fields, now)
    obligation = load_one(folder_of(door), key)
    departments = obligation.department_names or obligation.departments
    chain = chain_of(obligation, door.settings.reviews)
    slug = obligation.jurisdiction.slug
    require_may_decide(door.settings, decision, person, slug, departments, now, chain=chain)
    with open_work(door.settings, obligation, period, COMMAND_LINE) as work:
        ruled = rule(work, ruling, person=person, now=now)
    row = ruled.row
    value = {
        "key": row.key,
        "period": row.period,
        "decision": decision,
        "said": ruled.said,
        "seq": ruled.seq,
        "stage": row.stage,
        "outcome": row.outcome,
        "paused": row.paused_at is not None,
        "due_at": row.due_at,
        "original_due_at": row.original_due_at,
    }
    return Outcome(value, (ruled.said,))


def purge(
    door: Door,
    *,
    years: int | None,
    sha256: str | None,
    key: str | None,
    period: str | None,
    why: Why,
    apply: bool,
) -> Outcome:
    """List what is to go by rule (``years``) or by order; with ``apply``, set the tombstones and remove the files.

    Raises UnusableInput where only one of key and period is given, or reason, person or authority is empty.
    """
    if (key is None) != (period is None):
        raise UnusableInput("--key 与 --period 须同时填写，写明是哪一个事项的哪一期")
    empty = [
        name
        for name, text in (("理由", why.reason), ("登记人", why.person), ("批准人", why.authority))
        if not text.strip()
    ]
    if empty:
        raise UnusableInput(f"清除文件须写明{'、'.join(empty)}")
    settings, now = door.settings, door.now()
    with open_ledger(settings.ledger_url) as ledger:
        if years is not None:
            found = closed_for_years(settings, ledger, years, now)
        elif sha256 is not None:
            found = of_content(settings, ledger, sha256)
        else:
            found = of_occurrence(settings, ledger, str(key), str(period))
        gone = carry_out(settings, ledger, found, why, now) if apply else ()
    rows = [
        (each.key, each.period, _KINDS[each.file.kind], each.file.name, f"{each.file.size:,}", _remark(each))
        for each in found
    ]
    table = (Rows(("编号", "期间", "类别", "文件", "字节", "说明"), rows),) if rows else ()
    return Outcome(_as_json(found, gone, apply=apply), (*table, _say(found, gone, apply=apply)))


def _remark(candidate: Candidate) -> str:
    remarks = ["尚未办结"] if candidate.is_open else []
    if candidate.needed_by:
        remarks.append(f"文件保留，{'、'.join(candidate.needed_by)} 仍需要")
    return "；".join(remarks)


def _say(found: tuple[Candidate, ...], gone: tuple[object, ...], *, apply: bool) -> str:
    if not found:
        return "没有可以清除的文件"
    if not apply:
        return f"共 {len(found)} 份，尚未清除；核对无误后加 --apply 清除，清除后不能恢复"
    return f"已登记清除 {len(found)} 份，删除文件 {len(gone)} 个；台账记录和清除凭证永远保留"


def _as_json(found: tuple[Candidate, ...], gone: tuple[object, ...], *, apply: bool) -> dict[str, object]:
    files = [
        {
            "key": each.key,
            "period": each.period,
            "kind": each.file.kind,
            "name": each.file.name,
            "sha256": each.file.sha256,
            "size": each.file.size,
            "needed_by": list(each.needed_by),
        }
        for each in found
    ]
    return {"applied": apply, "files": files, "removed": [str(path) for path in gone]}
