"""The commands that only look at the catalogue and the calendar: check, list, due, clock. They import nothing heavy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

from obligations.orchestration.commands.listing import (
    due_date_as_json,
    obligation_as_json,
    occurrence_as_json,
    say_due_date,
    say_in_force,
    say_none,
    say_span,
)
from obligations.orchestration.commands.outcome import Door, Outcome, Rows
from obligations.rules.calendar import check_notices, load_calendar
from obligations.rules.catalogue import jurisdictions, load, load_jurisdiction, load_one
from obligations.rules.channels import load_channels
from obligations.rules.clocks import due_after
from obligations.rules.law import read_law
from obligations.rules.occurrences import occurrence_of, occurrence_of_event
from obligations.rules.periods import has_periods, periods_between
from obligations.rules.policies import load_policies
from obligations.rules.reviews import load_reviews
from obligations.rules.wording import say_clock, say_duty, say_kind, say_source
from obligations.words.errors import CatalogueFault, Fault, UnusableInput
from obligations.words.limits import Limit
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Occurrence
from obligations.words.times import say_due, say_instant


def check(door: Door) -> Outcome:
    """Find every fault of the catalogue, the notices, the law, rules files and templates; exit 1 if there is one."""
    from obligations.orchestration.documents.template_check import (
        template_faults,  # here, because the others need no template
    )

    catalogue = load(folder_of(door))
    faults = [*catalogue.faults, *check_notices(door.settings.holidays)]
    known = {(fault.file, fault.field, fault.value) for fault in faults}
    # a faulty law.yaml already shows as what the catalogue loses by it; without such an obligation it shows here
    faults += [fault for fault in _faults_of(read_law) if (fault.file, fault.field, fault.value) not in known]
    faults += _faults_of(lambda: load_policies(door.settings.policies))
    faults += _faults_of(lambda: load_reviews(door.settings.reviews))
    faults += _faults_of(lambda: load_channels(door.settings.channels))
    faults += template_faults(door.settings.templates)
    if faults:
        lines = (*(str(fault) for fault in faults), f"共 {len(faults)} 处问题")
        return Outcome([asdict(fault) for fault in faults], lines, exit_code=1)
    found = list(catalogue.obligations.values())
    counts = Counter((obligation.jurisdiction.name, say_kind(obligation.clock)) for obligation in found)
    names = tuple(dict.fromkeys(obligation.jurisdiction.name for obligation in found))
    kinds = tuple(dict.fromkeys(kind for _, kind in sorted(counts)))
    rows = [
        (name, *(str(counts[name, kind]) for kind in kinds), str(sum(counts[name, kind] for kind in kinds)))
        for name in names
    ]
    return Outcome([], (f"目录没有问题，共 {len(found)} 项", Rows(("辖区", *kinds, "合计"), rows)))


def _faults_of(read: Callable[[], object]) -> tuple[Fault, ...]:
    """Return every fault of what ``read`` reads."""
    try:
        read()
    except CatalogueFault as error:
        return error.faults
    return ()


def list_obligations(door: Door, jurisdiction: str | None) -> Outcome:
    """List every obligation that can be loaded, and note how many cannot."""
    root = folder_of(door)
    if jurisdiction is not None:
        require_jurisdiction(root, jurisdiction)
    catalogue = load(root) if jurisdiction is None else load_jurisdiction(root, jurisdiction)
    found = list(catalogue.obligations.values())
    today = door.now().date()
    rows = [
        (
            obligation.key,
            obligation.title,
            say_kind(obligation.clock),
            say_duty(obligation.duty),
            say_clock(obligation),
            "、".join(obligation.department_names or obligation.departments),
            obligation.status(today),
        )
        for obligation in found
    ]
    headers = ("编号", "公开事项", "类型", "职责", "时限", "责任单位", "状态")
    shown = (Rows(headers, rows), f"共 {len(found)} 项")
    return Outcome([obligation_as_json(obligation) for obligation in found], shown, notes_on(catalogue.faults))


def due(door: Door, key: str, first: date, last: date) -> Outcome:
    """List what falls due for the periods, or the reported events, that touch ``first`` to ``last``.

    Raises UnusableInput for a range that ends before it begins, an unknown key, and dates beyond the calendar.
    """
    if first > last:
        raise UnusableInput(f"--from {first} 晚于 --to {last}，请对调")
    obligation = load_one(folder_of(door), key)
    if not has_periods(obligation.clock):
        found = list(_reported_between(door, obligation, first, last))
    else:
        calendar = load_calendar(door.settings.holidays)
        periods = periods_between(obligation.clock, first, last)
        found = [occurrence_of(obligation, period, calendar) for period in periods]
    rows = [
        (
            occurrence.period.key,
            say_span(occurrence),
            say_due_date(occurrence.due),
            say_due(occurrence.draft_by),
            say_instant(occurrence.opens_at),
        )
        for occurrence in found
    ]
    shown = (
        f"{obligation.title}（{obligation.key}）",
        f"依据：{say_source(obligation)}",
        f"时限：{say_clock(obligation)}",
        *([Rows(("期间", "起止", "时限", "送审期限", "开始归集"), rows)] if rows else [say_none(obligation)]),
        *say_in_force(obligation, found),
    )
    return Outcome([occurrence_as_json(occurrence) for occurrence in found], shown)


def clock(door: Door, rule: str, starts: Sequence[datetime]) -> Outcome:
    """Count a bare limit from each start; raises UnusableInput for one that is not of the forms of ``Limit.parse``."""
    try:
        limit = Limit.parse(rule)
    except ValueError as error:
        raise UnusableInput(str(error)) from None
    calendar = load_calendar(door.settings.holidays)
    dates = [due_after(limit, start, calendar) for start in starts]
    lines: list[str] = []
    for date_ in dates:
        lines.append(f"自{say_instant(date_.start)}起{limit.say()}：{say_due_date(date_)}")
        lines += [f"  {number}. {said}" for number, said in enumerate(date_.derivation, start=1)]
    return Outcome([due_date_as_json(date_) for date_ in dates], tuple(lines))


def folder_of(door: Door) -> Path:
    """Return the catalogue's folder; raises UnusableInput if it is not there."""
    if not door.settings.catalogue.is_dir():
        raise UnusableInput(f"没有目录文件夹 {door.settings.catalogue}；请检查环境变量 OBLIGATIONS_CATALOGUE")
    return door.settings.catalogue


def require_jurisdiction(root: Path, slug: str) -> None:
    """Raise UnusableInput, naming the jurisdictions there are, if ``slug`` is none of them."""
    known = jurisdictions(root)
    if slug not in known:
        raise UnusableInput(f"没有辖区“{slug}”，目录中有：{'、'.join(known)}")


def notes_on(faults: Sequence[Fault]) -> tuple[str, ...]:
    """Say that faults keep obligations from being seen."""
    lost = {key for fault in faults for key in fault.loses}
    return (f"目录有 {len(faults)} 处问题，{len(lost)} 项未能载入；请运行 obligations check",) if faults else ()


def _reported_between(door: Door, obligation: Obligation, first: date, last: date) -> Iterator[Occurrence]:
    """Yield the occurrences that the ledger expects of ``obligation`` for events that happened in the range."""
    from obligations.steps.ledger import open_ledger  # here, because only this question needs a database

    calendar = load_calendar(door.settings.holidays)
    with open_ledger(door.settings.ledger_url) as ledger:
        for row in ledger.rows(obligation.key, now=door.now(), is_working_day=calendar.is_working_day):
            event_id = row.occurrence.event_id
            if event_id is not None and first <= row.occurrence.period_start <= last:
                yield occurrence_of_event(obligation, ledger.get_reported_event(event_id), calendar)
