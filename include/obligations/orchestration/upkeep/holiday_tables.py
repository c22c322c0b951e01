"""The installation's own holiday notices as a workbook: which days and occurrences one would move, and making it so.

The ledger is not touched here: the next sweep rebinds each occurrence, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from obligations.orchestration.settings import Settings
from obligations.orchestration.work import catalogue_version
from obligations.rules.calendar import WorkingCalendar, calendar_with
from obligations.rules.calendar_changes import ChangedDays, MovedOccurrence, changed_days, moved_occurrence
from obligations.rules.catalogue import Catalogue, load
from obligations.rules.delivery import Delivery
from obligations.rules.notices import Notice, NoticeFile, laid_over, read_notices
from obligations.rules.workbooks.holidays import read_holidays_workbook
from obligations.rules.workbooks.reading import AGAIN
from obligations.rules.yaml_text import yaml_text
from obligations.steps.ledger import Sweeps, open_ledger
from obligations.steps.replace import keep_aside, replace_file
from obligations.words.errors import BadInput, CatalogueFault, UnusableInput
from obligations.words.times import say_instant

_HEADING = """国务院办公厅放假调休通知，本单位录入；叠加在程序自带的通知之上，同一文号、同一年的全年安排以此处为准。
{at}由 {source} 导入；上一版留存在同一文件夹。可用 obligations holidays export 导出为表格修改。"""
_FIELDS = {"days_off": "放假", "days_worked": "调休上班", "amends": "性质", "year": "年份"}


@dataclass(frozen=True, slots=True)
class HolidaysPlan:
    """What importing a workbook would do.

    Attributes:
        place: the file of notices, None where none is set; source: name of the workbook.
        own, typed: the notices as they are, and as they would be; before, after: the calendars of both.
        changes: open occurrences whose due time moves, or becomes certain.
    """

    place: Path | None
    source: str
    own: tuple[Notice, ...]
    typed: NoticeFile
    before: WorkingCalendar
    after: WorkingCalendar
    days: tuple[ChangedDays, ...]
    changes: tuple[MovedOccurrence, ...]
    catalogue: Catalogue

    @property
    def changes_anything(self) -> bool:
        """Whether the calendar would be another."""
        return self.before.version != self.after.version

    @property
    def moved(self) -> list[MovedOccurrence]:
        """The occurrences whose due time moves."""
        return [change for change in self.changes if change.moved]

    def say(self) -> tuple[str, ...]:
        """Say which notices are new, changed or gone, and which days are worked otherwise."""
        return (*_say_notices(self.own, self.typed.notices), *_say_days(self.days, self.before, self.after))

    def say_moved(self) -> str:
        """Say how many occurrences move."""
        certain = len(self.changes) - len(self.moved)
        return f"台账中未办结的 {len(self.moved)} 期时限将改变，另有 {certain} 期的暂定时限得到确定或范围改变"


def plan_holidays(settings: Settings, data: bytes, source: str) -> HolidaysPlan:
    """Read a workbook and say what it moves; raises BadInput for one with faults. Writes nothing."""
    own = own_notices(settings)
    typed = read_holidays_workbook(data, Delivery(source))
    before, after = calendar_with(laid_over("", own)), _calendar_of(source, typed.notices)
    catalogue = load(settings.catalogue)
    days = changed_days(before, after, sorted({notice.year for notice in (*own, *typed.notices)}))
    changes = tuple(_moved(settings, catalogue, before, after)) if before.version != after.version else ()
    return HolidaysPlan(settings.holidays, source, own, typed, before, after, tuple(days), changes, catalogue)


def apply_holidays(plan: HolidaysPlan, now: datetime) -> Path | None:
    """Replace the file of notices whole; return where the one before is kept, None where there was none."""
    place = require_holidays_place(plan.place)
    kept = keep_aside(place, now)
    replace_file(place, yaml_text(plan.typed, _HEADING.format(at=say_instant(now), source=plan.source)).encode())
    return kept


def require_holidays_place(place: Path | None) -> Path:
    """Return where the notices are kept; raises UnusableInput where no file is set."""
    if place is None:
        raise UnusableInput(
            "没有指定放假通知文件：请在所有进程中把环境变量 OBLIGATIONS_HOLIDAYS 设为它的位置，如 /etc/obligations/holidays.yaml"
        )
    return place


def own_notices(settings: Settings) -> tuple[Notice, ...]:
    """Return the installation's own notices as they are; none where the file is still to be made."""
    place = settings.holidays
    return read_notices(place) if place is not None and place.exists() else ()


def _calendar_of(file: str, notices: Sequence[Notice]) -> WorkingCalendar:
    """Return the calendar with these notices; raises BadInput, in the words of the workbook, for contradictions."""
    try:
        return calendar_with(laid_over(file, notices))
    except CatalogueFault as error:
        delivery = Delivery(file, again=AGAIN)
        problems = []
        for fault in error.faults:
            number, _, name = fault.field.rpartition(".")
            what = f"通知“{number}”的{_FIELDS.get(name, name)}" if number else "各份通知"
            problems.append(delivery.problem(f"{what}是“{fault.value}”，应为：{fault.expected}"))
        raise BadInput(file, tuple(problems)) from None


def _moved(
    settings: Settings, catalogue: Catalogue, before: WorkingCalendar, after: WorkingCalendar
) -> Iterator[MovedOccurrence]:
    """Yield the open occurrences of the ledger that the new calendar gives otherwise."""
    versions = {key: catalogue_version(obligation) for key, obligation in catalogue.obligations.items()}
    with open_ledger(settings.ledger_url) as ledger:
        sweeps, last = Sweeps(ledger), 0
        while rows := sweeps.to_rebind(after.version, versions, after_id=last):
            last = rows[-1].id
            for row in rows:
                event = ledger.get_reported_event(row.event_id) if row.event_id else None
                found = moved_occurrence(catalogue.obligations[row.key], row.period, event, before, after)
                if found is not None:
                    yield found


def _say_notices(before: Sequence[Notice], after: Sequence[Notice]) -> tuple[str, ...]:
    old, new = {notice.number: notice for notice in before}, {notice.number: notice for notice in after}
    sorts = {
        "新增": [number for number in new if number not in old],
        "修改": [number for number in new if number in old and old[number] != new[number]],
        "删除": [number for number in old if number not in new],
    }
    return tuple(f"{sort}通知：{'、'.join(numbers)}" for sort, numbers in sorts.items() if numbers)


def _say_days(days: Sequence[ChangedDays], before: WorkingCalendar, after: WorkingCalendar) -> tuple[str, ...]:
    lines = [run.say() for run in days]
    if before.covered_until != after.covered_until:
        lines.append(f"日历已公布到：{before.covered_until} → {after.covered_until}")
    differing = sum(run.days for run in days if run.was_worked != run.is_worked)
    return (*lines, f"上班、放假有变的共 {differing} 日")
