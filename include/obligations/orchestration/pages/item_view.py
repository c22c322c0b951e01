"""What the page of an obligation shows: its rule in words, its next dates, its review, who holds its roles, how it went so far. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice

from obligations.orchestration.accountability.lines import line_of
from obligations.orchestration.pages.lines import say_period_of
from obligations.publications.analysis import rate_places
from obligations.publications.periods import say_key
from obligations.publications.wording import rounded
from obligations.rules.accountability import settle
from obligations.rules.calendar import WorkingCalendar
from obligations.rules.contacts import Directory
from obligations.rules.occurrences import occurrence_of, periods_of
from obligations.rules.periods import has_periods
from obligations.steps.ledger import LedgerRow, OccurrenceRow
from obligations.words.accountability import LedgerLine, Objection, OfficeRuling
from obligations.words.channels import Channel
from obligations.words.contacts import Person, Role
from obligations.words.obligation import Obligation
from obligations.words.reviews import Chain
from obligations.words.times import say_due

_AHEAD = timedelta(days=400)
_DATES = 3
_CHANNELS = {
    "manual": "人工发布后登记网址",
    "package": "发布包",
    "sftp": "上传到网站接收文件夹",
    "site_api": "网站平台接口",
}
_SITES = {"office": "政务公开办公室的网站", "department": "本部门的网站"}


@dataclass(frozen=True, slots=True)
class NextDate:
    """One date to come; ``expected``: whether the ledger holds it, or it is only computed."""

    period: str
    due: str
    provisional: bool
    bounds: str
    derivation: tuple[str, ...]
    expected: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """The stages of one occurrence in the chart, in working hours: code, label and where each begins and how long it is.

    ``spans`` are in hundredths of the longest bar.
    """

    period: str
    spans: tuple[tuple[str, str, float, float, float], ...]
    total: float


@dataclass(frozen=True, slots=True)
class Year:
    """How many of the occurrences that fell due in a year count, and how many of them were in time."""

    name: str
    owed: int
    on_time: int
    apart: int

    @property
    def rate(self) -> str:
        """按期率 in words."""
        return say_rate(self.on_time, self.owed)


def say_rate(numerator: int, denominator: int) -> str:
    """Write a rate with one decimal: ``95.0%``; more where one miss among thousands would read as none; a dash for none counted."""
    if not denominator:
        return "—"
    rate = Decimal(numerator) / denominator * 100
    return f"{rounded(rate, max(1, rate_places(rate)))}%"


def next_dates(
    obligation: Obligation, known: Sequence[OccurrenceRow], calendar: WorkingCalendar, now: datetime
) -> list[NextDate]:
    """Return the next dates, earliest first: those that the ledger expects, and what the rules compute beside them."""
    dates = {
        (row.due_at, row.period): NextDate(
            say_period_of(row), say_due(row.due_at), row.provisional, _bounds(row), row.derivation, expected=True
        )
        for row in known[:_DATES]
    }
    if len(dates) < _DATES and has_periods(obligation.clock):
        there = {row.period for row in known}
        periods = periods_of(obligation, now.date() - _AHEAD, now.date() + _AHEAD)
        coming = (occurrence_of(obligation, period, calendar) for period in periods if period.key not in there)
        for found in islice((each for each in coming if each.due_at >= now), _DATES - len(dates)):
            due = found.due
            bounds = f"最早{say_due(due.earliest)}，最迟{say_due(due.latest)}" if due.earliest != due.latest else ""
            dates[due.due_at, found.period.key] = NextDate(
                say_key(found.period.key), say_due(due.due_at), due.provisional, bounds, due.derivation, expected=False
            )
    return [date for _, date in sorted(dates.items())]


def _bounds(row: OccurrenceRow) -> str:
    return f"最早{say_due(row.earliest)}，最迟{say_due(row.latest)}" if row.earliest != row.latest else ""


def bars_of(rows: Iterable[LedgerRow]) -> list[Bar]:
    """Return the chart of the stages' times of those that were fulfilled, in the order given."""
    timed = [(row, [time for time in row.stages if time.working_hours is not None]) for row in rows]
    totals = {row.occurrence.id: sum(time.working_hours or 0 for time in times) for row, times in timed}
    longest = max(totals.values(), default=0.0)
    bars = []
    for row, times in timed:
        total = totals[row.occurrence.id]
        if not total:
            continue
        spans, began = [], 0.0
        for time in times:
            hours = time.working_hours or 0.0
            spans.append(
                (time.code, time.label, hours, round(began / longest * 100, 2), round(hours / longest * 100, 2))
            )
            began += hours
        bars.append(Bar(say_period_of(row.occurrence), tuple(spans), total))
    return bars


def years_of(
    rows: Iterable[LedgerRow],
    objections: dict[tuple[str, str], Objection],
    rulings: dict[tuple[str, str], OfficeRuling],
    now: datetime,
) -> list[Year]:
    """Count the occurrences by the year in which they fell due, the latest first, as every statement counts them."""
    lines = settle([line_of(row, "", now) for row in rows], objections, rulings)
    by_year: dict[str, list[LedgerLine]] = {}
    for line in lines:
        if line.counted != "未到期":
            by_year.setdefault(line.month[:4], []).append(line)
    years = []
    for name, found in sorted(by_year.items(), reverse=True):
        on_time, late = (sum(line.counted == counted for line in found) for counted in ("按期", "逾期"))
        years.append(Year(name, on_time + late, on_time, len(found) - on_time - late))
    return years


def say_chain(chain: Chain) -> list[str]:
    """Return the stages of the review, each its levels and who answers them."""
    return [
        "、".join(
            f"{step.level.label}（{'或'.join(role.label for role in step.answered_by)}{'，可空缺' if step.optional else ''}）"
            for step in stage
        )
        for stage in chain.stages
    ]


def say_channel(obligation: Obligation, channel: Channel) -> str:
    """Say how it reaches the public, or that it does not."""
    if not obligation.may_reach_the_public:
        return "不进入公开渠道（报送、办结或会议类事项）"
    if obligation.fulfilment == "held":
        return "以举行为完成，登记时间、地点和记录"
    return f"{channel.name}：{_CHANNELS[channel.type]}，{_SITES[channel.site]}"


def holders_of(
    directory: Directory, obligation: Obligation, chain: Chain, now: datetime
) -> list[tuple[str, tuple[Person, ...]]]:
    """Return each role that it needs with the people it may come to."""
    roles = (Role.RESPONSIBLE, *(role for step in chain.steps for role in step.answered_by), Role.LEADER, Role.OFFICE)
    names = obligation.department_names or obligation.departments
    return [
        (role.label, directory.holders((role,), obligation.jurisdiction.slug, names, now))
        for role in dict.fromkeys(roles)
    ]
