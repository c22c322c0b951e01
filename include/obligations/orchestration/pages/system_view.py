"""What the page 系统运行 says, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from obligations.orchestration.pages.lines import Line, Sight, line_of
from obligations.rules.contacts import Gap
from obligations.steps.ledger import SweepRecord
from obligations.steps.ledger.condition import Lacking
from obligations.words.times import say_instant


@dataclass(frozen=True, slots=True)
class SweepSaid:
    """The last pass: whether passes come as they should, and when it was."""

    well: bool
    said: str
    running: str
    obligations: int | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something at fault: where, and the sentence that says what to do."""

    where: str
    said: str


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """One occurrence that waits for its data: since when, and why."""

    line: Line
    since: str
    said: tuple[str, ...]


def say_sweep(last: SweepRecord | None, finished: SweepRecord | None, at: datetime, longest: timedelta) -> SweepSaid:
    """Say when the last pass ended, and whether one is under way."""
    if finished is None or finished.finished_at is None:
        return SweepSaid(False, "还没有巡检过；请在 Airflow 中确认“定时巡检”没有暂停", _running(last, finished), None)
    ago = max(timedelta(0), at - finished.finished_at)
    said = f"{say_instant(finished.finished_at)}完成，{ago // timedelta(minutes=1)}分钟前"
    well = ago <= longest
    if not well:
        said += "；巡检应每10分钟一次，请检查调度器和“定时巡检”是否暂停"
    count = finished.facts.get("obligations")
    return SweepSaid(well, said, _running(last, finished), count if isinstance(count, int) else None)


def notices_on(where: str, said: Iterable[str]) -> list[Notice]:
    """Return what is wrong in one place."""
    return [Notice(where, each) for each in said]


def say_gaps(gaps: Iterable[Gap], governments: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return the roles that nobody holds, nor stands in for: government, role, and the departments that lack it."""
    found: dict[tuple[str, str], list[str]] = {}
    for gap in gaps:
        if not gap.stand_ins:
            place = (governments.get(gap.jurisdiction, gap.jurisdiction), gap.role.label)
            found.setdefault(place, []).append(gap.department or "（整个辖区）")
    return [(*place, "、".join(departments)) for place, departments in found.items()]


def waiting_lines(found: Iterable[Lacking], sight: Sight) -> list[WaitingLine]:
    """Return what waits for data."""
    return [
        WaitingLine(line_of(each.row, (), sight), say_instant(each.since) if each.since else "", each.said)
        for each in found
    ]


def _running(last: SweepRecord | None, finished: SweepRecord | None) -> str:
    if last is None or last.finished_at is not None or (finished is not None and finished.id > last.id):
        return ""
    return f"{say_instant(last.at)}开始的一次尚未完成"
