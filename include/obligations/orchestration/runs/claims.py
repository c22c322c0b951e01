"""Which run works on which version of an occurrence. One at a time; the ledger decides, never Airflow's run table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from obligations.orchestration.work import Work
from obligations.steps.ledger import LedgerEvent
from obligations.steps.ledger.follow_ups import is_correction, open_correction
from obligations.words.errors import ObligationsError

COMMAND_LINE = "cli"
"""Run id of a trial on the command line, which stops at the review and never keeps a real run from working."""

_ENDS = {"returned", "failed"}  # the run that owned the version is over, a new run may take the next


class Superseded(ObligationsError):
    """Another run already works on this occurrence, or it is met; this run has nothing to do."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The last run that opened the occurrence.

    Attributes:
        run_id: the run; number: 1 for the first run, one more for each that followed an ended one.
        is_over: that run was returned or failed, or what it published is to be corrected; replaced: a person's own file took the place of its version.
    """

    run_id: str
    number: int
    is_over: bool
    replaced: bool = False


def last_claim(events: Iterable[LedgerEvent]) -> Claim | None:
    """Read the last claim from an occurrence's events; None where no run has opened it."""
    claim: Claim | None = None
    for event in events:
        if event.kind == "opened":
            claim = Claim(event.payload["run_id"], event.payload["number"], is_over=False)
        elif claim is not None and event.kind in _ENDS and event.payload.get("run_id") == claim.run_id:
            claim = replace(claim, is_over=True, replaced=claim.replaced or _is_replacement(event))
        elif claim is not None and is_correction(event):
            claim = replace(claim, is_over=True)
    return claim


def replaced_runs(events: Iterable[LedgerEvent]) -> frozenset[str]:
    """Return the runs whose version a person's own file took the place of; none of them may work on it again."""
    return frozenset(str(event.payload["run_id"]) for event in events if _is_replacement(event))


def _is_replacement(event: LedgerEvent) -> bool:
    return event.kind == "returned" and event.payload.get("replaced") is True


def claim(work: Work, now: datetime) -> Claim:
    """Make this run the one that works on the occurrence; claiming again is a no-op. Raises Superseded.

    Two runs that claim at once write the same token, so that the ledger keeps one of them. A run whose version was
    replaced by an uploaded file never claims again, though Airflow starts it anew so that it ends by itself.
    """
    refuse_if_closed(work)
    events = work.ledger.events(work.key, work.period)
    if work.run_id != COMMAND_LINE and work.run_id in replaced_runs(events):
        raise Superseded(f"{work.key} {work.period} 已有上传的修改稿，由新的运行办理，本次运行 {work.run_id} 不再继续")
    last = last_claim(events)
    if last is None or last.is_over or last.run_id == COMMAND_LINE != work.run_id:
        number = (last.number if last else 0) + 1
        payload = {"run_id": work.run_id, "number": number}
        work.ledger.append(
            work.key,
            work.period,
            "opened",
            happened_at=now,
            recorded_at=now,
            person=None,
            payload=payload,
            once=f"opened:{number}",
        )
        last = last_claim(work.ledger.events(work.key, work.period))
    return require_claim(work, last)


def require_claim(work: Work, last: Claim | None = None) -> Claim:
    """Return this run's claim; raises Superseded if the occurrence belongs to another run or to none."""
    last = last or last_claim(work.ledger.events(work.key, work.period))
    if last is None or last.run_id != work.run_id:
        owner = f"由运行 {last.run_id} 办理" if last else "尚未由任何运行开始办理"
        raise Superseded(f"{work.key} {work.period} {owner}，本次运行 {work.run_id} 不再重复")
    if last.replaced:
        raise Superseded(f"{work.key} {work.period} 已有上传的修改稿，由新的运行办理，本次运行 {work.run_id} 不再继续")
    return last


def corrected_sha256(work: Work) -> str | None:
    """Return which published version a correction (更正) that was ordered is to replace; None where none is under way."""
    asked = open_correction(work.ledger.events(work.key, work.period))
    return None if asked is None else str(asked.payload["corrects"])


def refuse_if_closed(work: Work) -> None:
    """Raise Superseded if the occurrence is met or has an outcome, unless what is public is to be corrected."""
    row = work.ledger.occurrence(work.key, work.period)
    if row is not None and row.closed_at is not None and corrected_sha256(work) is None:
        raise Superseded(f"{work.key} {work.period} 已经办结，本次运行无事可做")
