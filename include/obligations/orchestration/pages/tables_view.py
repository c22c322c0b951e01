"""What a workbook would change, as the preview says it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from obligations.orchestration.upkeep.contacts_tables import ContactsPlan
from obligations.orchestration.upkeep.holiday_tables import HolidaysPlan
from obligations.orchestration.upkeep.register_tables import COLUMNS, RegisterPlan, cells_of
from obligations.words.times import say_due

_MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """What is shown before it is made so.

    Attributes:
        changes: whether there is anything to make so; headers, rows: a table, its cells as text.
        more: how many rows are not shown; said: sentences after the table; warnings: what to look at twice.
    """

    changes: bool
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int
    said: tuple[str, ...]
    warnings: tuple[str, ...]


def preview_of_contacts(plan: ContactsPlan) -> Preview:
    """Say what changes in the contacts, and who would be missing then."""
    rows = tuple((change.sheet, change.sort, change.what) for change in plan.changes)
    said = f"共 {len(rows)} 处改动" if rows else "与现有通讯录相同，没有改动"
    warnings = tuple(f"改动之后无人担任：{role}" for role in plan.emptied)
    warnings += tuple(f"{person.name}没有可用的通知地址" for person in plan.missing.unreachable)
    if plan.missing.unfilled:
        warnings += (f"这份通讯录中有 {len(plan.missing.unfilled)} 个岗位无人担任，详见“系统运行”",)
    return _preview(bool(rows), ("工作表", "改动", "内容"), rows, (said,), warnings)


def preview_of_holidays(plan: HolidaysPlan) -> Preview:
    """Say which days are worked otherwise, and which due times move."""
    headers = ("编号", "期间", "原时限", "新时限")
    rows = tuple(
        (change.after.key, change.after.period.key, say_due(change.before.due_at), say_due(change.after.due_at))
        for change in plan.moved
    )
    said = (*plan.say(), plan.say_moved()) if plan.changes_anything else ("与现有的放假通知相同，没有改动",)
    return _preview(plan.changes_anything, headers, rows, said, ())


def preview_of_register(plan: RegisterPlan) -> Preview:
    """Say what becomes of each row."""
    rows = tuple(cells_of(entry) for entry in plan.entries)
    ignored = plan.register.ignored
    warnings = (f"这些列没有读取：{'、'.join(ignored)}",) if ignored else ()
    changes = any(entry.verdict == "enter" for entry in plan.entries)
    said = plan.say_counts() or "表中没有可读的行"
    return _preview(changes, COLUMNS, rows, (said,), warnings)


def _preview(
    changes: bool,
    headers: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
    said: tuple[str, ...],
    warnings: tuple[str, ...],
) -> Preview:
    return Preview(changes, headers, rows[:_MOST_ROWS], max(0, len(rows) - _MOST_ROWS), said, warnings)
