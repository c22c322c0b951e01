"""The arguments of ``calendar``. What it does is ``commands.due_calendar``."""

from __future__ import annotations

import argparse

from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.orchestration.commands.shared_arguments import Add, read_day


def add_commands(add: Add) -> None:
    """Add the command with ``add(name, says, command)``, which returns its parser."""
    calendar = add("calendar", "把台账中的公开时限写成 iCalendar 日历，只有事项名称和日期", _calendar)
    calendar.options.add_argument("--format", choices=("ics",), required=True, help="ics：iCalendar（RFC 5545）")
    calendar.options.add_argument("--jurisdiction", metavar="辖区", help="只写一个辖区，如 shandong")
    calendar.options.add_argument("--department", metavar="单位", help="只写一个责任单位，用全称")
    calendar.options.add_argument(
        "--from", dest="first", metavar="日期", type=read_day, help="到期起日（含），默认60天前；如 2026-09-01"
    )
    calendar.options.add_argument(
        "--to", dest="last", metavar="日期", type=read_day, help="到期止日（含），默认400天后"
    )


def _calendar(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.due_calendar import write_calendar

    return write_calendar(door, arguments.jurisdiction, arguments.department, arguments.first, arguments.last)
