"""Enters rows of an old register in the ledger as 补录: decides which may be, and records them under a person's name.

Only what fell due before this installation's first sweep is entered; what falls due after it is worked on here. Nothing
that the ledger knows already is changed, so that entering a file twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from obligations.orchestration.work import catalogue_version
from obligations.rules.calendar import WorkingCalendar
from obligations.rules.occurrences import earliest_fulfilment
from obligations.rules.workbooks.register import Done
from obligations.rules.workbooks.register_matching import Match
from obligations.steps.ledger import Ledger, OccurrenceRow, Sweeps
from obligations.words.evidence import Evidence
from obligations.words.times import SHANGHAI, end_of_day, midnight, say_due, say_instant

Verdict = Literal["enter", "known", "open", "refused", "none", "ambiguous"]
VERDICTS: dict[Verdict, str] = {
    "enter": "可补录",
    "known": "台账已有",
    "open": "未完成，不补录",
    "refused": "不能补录",
    "none": "对不上",
    "ambiguous": "有歧义",
}
_NO_DRAFT = 0  # version of a publication that was not drafted here


@dataclass(frozen=True, slots=True)
class Entry:
    """What becomes of a row.

    Attributes:
        verdict: see ``VERDICTS``; why: in Chinese, where it is not entered.
        fulfilled_at: when it was done, of a row that may be entered.
    """

    match: Match
    verdict: Verdict
    why: str = ""
    fulfilled_at: datetime | None = None


def judge(matches: Iterable[Match], ledger: Ledger, now: datetime) -> list[Entry]:
    """Say of every row what becomes of it; only reads."""
    first_sweep = Sweeps(ledger).first_at() or now
    return [_judge(match, ledger, first_sweep, now) for match in matches]


def enter(entry: Entry, ledger: Ledger, calendar: WorkingCalendar, *, file: str, person: str, now: datetime) -> bool:
    """Record a row that may be entered; False if the ledger turns out to know the occurrence otherwise by now.

    The occurrence becomes historical (补录), met by 人工佐证 under the name of ``person``. Interrupted, it is finished by
    the next call. Raises ValueError for a row that was refused.
    """
    match, at = entry.match, entry.fulfilled_at
    if match.obligation is None or match.occurrence is None or at is None:
        raise ValueError("only a row that may be entered can be recorded")
    row = ledger.expect(
        match.obligation,
        match.occurrence,
        calendar_version=calendar.version,
        catalogue_version=catalogue_version(match.obligation),
        historical=True,
        now=now,
    )
    if not row.historical or row.outcome is not None:
        return False
    address = match.row["佐证链接"] or f"补录自《{file}》第{match.row.number}行，未附链接"
    cells = {name: text for name, text in match.row.cells.items() if text}
    said = f"由 {person} 按《{file}》第{match.row.number}行补录，并对真实性负责"
    details = {"file": file, "row": match.row.number, "cells": cells, "to_the_day": match.row.done.at is None}
    evidence = Evidence("人工佐证", said, at, now, details)
    said_of_it: dict[str, Any] = {
        "sha256": match.row.digest,
        "address": address,
        "evidence": evidence.as_payload(),
        "grade": evidence.grade,
        "happened_at": at,
        "recorded_at": now,
        "person": person,
    }
    ledger.register_publication(
        row.key,
        row.period,
        kind=match.obligation.fulfilment,
        version=_NO_DRAFT,
        **said_of_it,
    )
    if match.obligation.fulfilment == "published":
        ledger.register_evidence(row.key, row.period, **said_of_it)
    return True


def _judge(match: Match, ledger: Ledger, first_sweep: datetime, now: datetime) -> Entry:
    if match.sort != "matched" or match.occurrence is None:
        return Entry(match, "ambiguous" if match.sort == "ambiguous" else "none", match.why)
    due_at = match.occurrence.due_at
    known = ledger.occurrence(match.occurrence.key, match.occurrence.period.key)
    if known is not None and known.outcome is not None:
        return Entry(match, "known", f"台账中已是“{known.stage_label}”，不改动")
    if due_at > first_sweep or (known is not None and not known.historical):
        return Entry(match, "refused", f"{say_due(due_at)}到期，在系统启用之后，请在系统中办理和登记")
    done = match.row.done
    if done.problem is not None:
        return Entry(match, "refused", f"完成情况{done.problem}")
    if not done.is_done or done.day is None:
        return Entry(match, "open", f"完成情况为“{match.row['完成情况']}”")
    return _judge_time(match, known, _instant(done, due_at, now), now)


def _judge_time(match: Match, known: OccurrenceRow | None, at: datetime, now: datetime) -> Entry:
    if match.obligation is None or match.occurrence is None:
        raise ValueError("only a matched row has a time")
    if at > now:
        return Entry(match, "refused", f"完成时间{say_instant(at)}还没有到，请核对")
    earliest = earliest_fulfilment(match.obligation, match.occurrence, match.event)
    if at < earliest:
        return Entry(
            match, "refused", f"完成时间{say_instant(at)}早于这一期可以完成的最早时间{say_instant(earliest)}，请核对"
        )
    return Entry(match, "enter", "补全上次未完成的补录" if known is not None else "", at)


def _instant(done: Done, due_at: datetime, now: datetime) -> datetime:
    """Return when it was done; of a day without a time its end, or the due time or now where they are that day's."""
    if done.at is not None:
        return done.at.replace(tzinfo=SHANGHAI)
    if done.day is None:
        raise ValueError("what is not dated has no instant")
    last = end_of_day(done.day) - timedelta(seconds=1)  # still that day, wherever it is printed
    return min([last, *(limit for limit in (due_at, now) if midnight(done.day) < limit < last)])
