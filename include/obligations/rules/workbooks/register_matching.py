"""Finds the occurrence that each row of an old register tells of: by key and period, else by title within a jurisdiction.

Nothing is guessed: a row that fits several occurrences, or none, says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Literal

from obligations.rules.calendar import WorkingCalendar
from obligations.rules.delivery import shown
from obligations.rules.occurrences import binding_range, occurrence_of, occurrence_of_event, periods_of
from obligations.rules.periods import has_periods, period_from_key
from obligations.rules.workbooks.reading import read_moment
from obligations.rules.workbooks.register import KEY, PERIOD, RegisterRow
from obligations.words.clocks import DeadlineClock
from obligations.words.errors import UnusableInput
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event, Occurrence
from obligations.words.times import SHANGHAI, say_day

_INSTANT = timedelta(microseconds=1)
_LONGEST = timedelta(days=800)  # from the first day of a period to its due date, with room to spare
_MARKS = re.compile(r"[\s，。、；：:,.;“”\"'‘’（）()《》〈〉【】\-—·]+")
_TITLE_WITH_PERIOD = re.compile(r"(?P<title>.+)[（(](?P<period>[\w-]+)[）)]", re.ASCII | re.DOTALL)  # as we export it
FindEvent = Callable[[str], Event | None]


@dataclass(frozen=True, slots=True)
class Match:
    """What a row tells of.

    Attributes:
        sort: matched, none or ambiguous; why: in Chinese, for the latter two.
        obligation, occurrence, event: of a matched row.
    """

    row: RegisterRow
    sort: Literal["matched", "none", "ambiguous"]
    why: str = ""
    obligation: Obligation | None = None
    occurrence: Occurrence | None = None
    event: Event | None = None


def match_rows(
    rows: Sequence[RegisterRow],
    obligations: Mapping[str, Obligation],
    calendar: WorkingCalendar,
    *,
    jurisdiction: str | None,
    find_event: FindEvent,
) -> list[Match]:
    """Match every row; two rows that tell of one occurrence are both ambiguous.

    ``find_event``: returns a reported event by its id, or None.
    """
    found = [_match(row, obligations, calendar, jurisdiction, find_event) for row in rows]
    times = Counter(_place(match) for match in found)
    return [
        replace(match, sort="ambiguous", why=f"文件中有 {times[_place(match)]} 行是同一期，请只留一行")
        if match.sort == "matched" and times[_place(match)] > 1
        else match
        for match in found
    ]


def _place(match: Match) -> tuple[str, str] | None:
    return (match.occurrence.key, match.occurrence.period.key) if match.occurrence is not None else None


def _match(
    row: RegisterRow,
    obligations: Mapping[str, Obligation],
    calendar: WorkingCalendar,
    jurisdiction: str | None,
    find_event: FindEvent,
) -> Match:
    if row[KEY] and row[KEY] not in obligations:
        return Match(row, "none", f"任务清单中没有编号“{shown(row[KEY])}”{_hint(row[KEY], obligations)}")
    if row[KEY]:
        candidates = [obligations[row[KEY]]]
    elif jurisdiction is None:
        return Match(row, "none", "没有编号，请补“编号”列，或用 --jurisdiction 指定在哪个辖区按任务名称查找")
    else:
        here = [one for one in obligations.values() if one.jurisdiction.slug == jurisdiction]
        candidates = _titled(row, here)
        if not candidates and (parted := _TITLE_WITH_PERIOD.fullmatch(row["任务"])):
            apart = {"任务": parted["title"], PERIOD: row[PERIOD] or parted["period"]}
            row = replace(row, cells={**row.cells, **apart})
            candidates = _titled(row, here)
        if not candidates:
            titles = _hint(row["任务"], (one.title for one in here))
            return Match(row, "none", f"{jurisdiction} 的任务清单中没有任务“{shown(row['任务'])}”{titles}")
    if len(candidates) > 1:
        keys = "、".join(one.key for one in candidates)
        return Match(row, "ambiguous", f"有 {len(candidates)} 项任务叫这个名称，请补“编号”列：{keys}")
    return _match_period(row, candidates[0], calendar, find_event)


def _titled(row: RegisterRow, obligations: Sequence[Obligation]) -> list[Obligation]:
    """Return the obligations of this title; of several, those of the row's clause, then of its departments."""
    found = [one for one in obligations if _plain(one.title) == _plain(row["任务"])]
    departments = _plain(row["牵头单位"] + row["责任单位"])
    narrower = (
        [one for one in found if _plain(one.clause) == _plain(row["依据条款"])],
        [one for one in found if any(_plain(name) in departments for name in one.department_names or one.departments)],
    )
    for narrowed in narrower:
        if len(found) > 1 and len(narrowed) == 1:
            return narrowed
    return found


def _match_period(row: RegisterRow, obligation: Obligation, calendar: WorkingCalendar, find_event: FindEvent) -> Match:
    try:
        if not has_periods(obligation.clock):
            return _match_event(row, obligation, calendar, find_event)
        if not row[PERIOD] and not isinstance(obligation.clock, DeadlineClock):
            return _match_due(row, obligation, calendar)
        written = row[PERIOD] or obligation.clock.canonical()
        period = period_from_key(obligation.clock, str(written))
    except UnusableInput as unknown:
        return Match(row, "none", str(unknown))
    if period not in periods_of(obligation, period.start, period.end):
        begins, ends = binding_range(obligation)
        until = f"至{say_day(ends)}" if ends else "起"
        return Match(row, "none", f"期间“{period.key}”不在本事项的执行期内（{say_day(begins)}{until}）")
    return Match(row, "matched", "", obligation, occurrence_of(obligation, period, calendar))


def _match_event(row: RegisterRow, obligation: Obligation, calendar: WorkingCalendar, find_event: FindEvent) -> Match:
    if not row[PERIOD]:
        return Match(row, "none", "这一任务由事件触发，请在“期间”列写事件编号")
    event = find_event(row[PERIOD])
    if event is None:
        return Match(row, "none", f"没有登记过事件“{shown(row[PERIOD])}”，请先用 report-event 登记")
    return Match(row, "matched", "", obligation, occurrence_of_event(obligation, event, calendar), event)


def _match_due(row: RegisterRow, obligation: Obligation, calendar: WorkingCalendar) -> Match:
    """Find the period that falls due on the day of 完成时限."""
    moment = read_moment(row["完成时限"].removesuffix("前").removesuffix("24时").removesuffix("底"))
    if moment is None:
        said = (
            f"完成时限“{shown(row['完成时限'])}”不是一个日期，认不出是哪一期" if row["完成时限"] else "没有写完成时限"
        )
        return Match(row, "none", f"{said}；请补“期间”列，如 2026-09、2026-Q3、2026-W40")
    day = moment[0]
    periods = periods_of(obligation, day - _LONGEST, day + timedelta(days=1))
    found = [occurrence_of(obligation, period, calendar) for period in periods]
    due = [occurrence for occurrence in found if _due_day(occurrence) == day]
    if len(due) == 1:
        return Match(row, "matched", "", obligation, due[0])
    if due:
        keys = "、".join(occurrence.period.key for occurrence in due)
        return Match(row, "ambiguous", f"{say_day(day)}到期的有 {len(due)} 期，请补“期间”列：{keys}")
    near = min(found, key=lambda occurrence: abs(_due_day(occurrence) - day), default=None)
    hint = f"；最近的一期是 {near.period.key}，{say_day(_due_day(near))}到期" if near is not None else ""
    return Match(row, "none", f"没有{say_day(day)}到期的一期{hint}；请核对完成时限，或补“期间”列")


def _due_day(occurrence: Occurrence) -> date:
    return (occurrence.due_at - _INSTANT).astimezone(SHANGHAI).date()


def _plain(text: str) -> str:
    return _MARKS.sub("", text)


def _hint(said: str, known: Iterable[str]) -> str:
    close = get_close_matches(said, list(known), n=3, cutoff=0.5)
    return f"；相近的有：{'、'.join(close)}" if close else ""
