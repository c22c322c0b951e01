"""How late an occurrence is, in words, and which stage lost the time and whose it was. Pure.

The stage is proposed by one rule that anybody can check by hand: up to the internal limit (``draft_by``) the time
belongs to start, data and draft; from the request for review on, review and publication have as long as lies between
the internal limit and the due time. Whatever ran longest beyond its share is named. A person may correct it with a
reason (a ``corrected`` event with ``late_stage``, ``owner`` and ``reason``), and that stands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from obligations.steps.ledger.events import EventKind, Happening
from obligations.steps.ledger.projection import OccurrenceRow
from obligations.steps.ledger.stages import Stage
from obligations.steps.ledger.timing import STAGES, Marks
from obligations.words.times import SHANGHAI

SYSTEM = "系统运行"
_NOTHING = timedelta()
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Loss:
    """Which stage lost the time.

    Attributes:
        stage: ``start``, ``data``, ``draft``, ``review`` or ``publication``; label: its Chinese name.
        owner: department, office, person or 系统运行.
        found_by: 系统推定, or 人工更正 where a person corrected it.
        reason: the person's, or None.
    """

    stage: str
    label: str
    owner: str
    found_by: str = "系统推定"
    reason: str | None = None


def late_by(row: OccurrenceRow, now: datetime) -> timedelta:
    """Return how far past ``due_at`` it was closed, or is by now; nothing when in time (at ``due_at`` is in time)."""
    if is_unverified_in_time(row):
        return _NOTHING
    return max(_NOTHING, (row.closed_at or now) - row.due_at)


def is_unverified_in_time(row: OccurrenceRow) -> bool:
    """Whether it was published by the due time and is not yet proven: what could not be seen is not late (已发布待核验).

    No longer where a miss is on record, which the office's rejection of the evidence leads to.
    """
    waits = row.stage == Stage.PUBLISHED and row.fulfilment == EventKind.PUBLISHED and row.missed_at is None
    return waits and row.published_at is not None and row.published_at <= row.due_at


def say_lateness(row: OccurrenceRow, now: datetime) -> str:
    """Write the true lateness: 按时, 逾期3天, 逾期2小时, 未到期, 时限中止 or 不计入考核; 补录 is said beside it, not here.

    Past its due time, what is public and not yet proven is 待核验. Days are begun days. An hour limit is late by begun hours within the first day.
    """
    if row.waived_at is not None and not row.is_met:
        return "不计入考核"
    late = late_by(row, now)
    if is_unverified_in_time(row) and now > row.due_at:
        return "待核验"
    if late == _NOTHING:
        return "未到期" if row.closed_at is None else "按时"
    if row.closed_at is None and row.paused_at is not None:
        return "时限中止"
    due = row.due_at.astimezone(SHANGHAI)
    ends_a_day = (due.hour, due.minute, due.second) == (0, 0, 0)
    if ends_a_day or late >= _DAY:
        return f"逾期{math.ceil(late / _DAY)}天"
    return f"逾期{math.ceil(late / timedelta(hours=1))}小时"


def find_loss(row: OccurrenceRow, marks: Marks, events: Sequence[Happening], now: datetime) -> Loss | None:
    """Return which stage lost the time and whose it was; None unless it is late and owed."""
    excused = row.outcome in {Stage.WAIVED, Stage.WITHHELD}
    if excused or late_by(row, now) == _NOTHING:
        return None
    stage, start, end = _worst(row, marks, row.closed_at or now)
    label = _label(row, stage)
    proposed = Loss(stage, label, _owner(row, stage, [e for e in events if start <= e.happened_at <= end]))
    for event in events:
        if event.kind == EventKind.CORRECTED and ("late_stage" in event.payload or "owner" in event.payload):
            said = event.payload.get("late_stage", proposed.stage)
            owner = event.payload.get("owner", proposed.owner)
            proposed = Loss(said, _label(row, said), owner, "人工更正", event.payload.get("reason"))
    return proposed


def _worst(row: OccurrenceRow, marks: Marks, end: datetime) -> tuple[str, datetime, datetime]:
    """Return the stage that ran longest beyond its share, with its bounds; the earlier one where two are equal."""
    handovers = (marks.opened, marks.data_arrived, marks.review_requested or marks.drafted, marks.approved, end)
    bounds = _bounds(row.opens_at, handovers, end)
    share = max(_NOTHING, row.due_at - row.draft_by)
    overruns: dict[str, timedelta] = {}
    for code in ("start", "data", "draft"):
        began, ended = bounds[code]
        overruns[code] = max(_NOTHING, ended - max(began, row.draft_by))
    review, publication = (bounds[code][1] - bounds[code][0] for code in ("review", "publication"))
    overruns["review"] = max(_NOTHING, review - share)
    overruns["publication"] = max(_NOTHING, review + publication - share) - overruns["review"]
    worst = max(overruns, key=lambda code: overruns[code])  # max keeps the first of equals
    return worst, *bounds[worst]


def _bounds(
    opens_at: datetime, handovers: Sequence[datetime | None], end: datetime
) -> dict[str, tuple[datetime, datetime]]:
    """Lay the five stages end to end from ``opens_at`` to ``end``.

    A handover that nobody recorded took no time if a later one happened; otherwise its stage is still running.
    """
    bounds: dict[str, tuple[datetime, datetime]] = {}
    began = min(opens_at, end)
    codes = ("start", *STAGES)
    for position, (code, handover) in enumerate(zip(codes, handovers, strict=True)):
        happened_later = any(later is not None for later in handovers[position + 1 : -1])
        ended = min(max(began, handover or (began if happened_later else end)), end)
        bounds[code] = (began, ended)
        began = ended
    return bounds


def _label(row: OccurrenceRow, stage: str) -> str:
    if stage == "start":
        return "事件报告" if row.event_id else "启动"
    return STAGES.get(stage, stage)


def _owner(row: OccurrenceRow, stage: str, during: Sequence[Happening]) -> str:
    departments = "、".join(row.departments) or row.office or SYSTEM
    if _failed_by_itself(during):
        return SYSTEM
    if stage == "start":
        return departments if row.event_id else SYSTEM
    if stage == "publication":
        return row.office or departments
    return departments


def _failed_by_itself(during: Sequence[Happening]) -> bool:
    """Whether a run failed other than by bad input or a return, which are not the system's doing."""
    kinds = [event.kind for event in during if not event.is_aside]
    return any(
        kind == EventKind.FAILED and earlier not in {EventKind.BAD_INPUT, EventKind.RETURNED}
        for earlier, kind in zip([None, *kinds], kinds, strict=False)
    )
