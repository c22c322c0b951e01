"""What the arguments of several commands share: the shape of the functions that add and run them, key and period, days and times."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from obligations.orchestration.commands.chinese_arguments import ChineseParser
from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.words.times import parse_instant

Command = Callable[[argparse.Namespace, Door], Outcome]
Add = Callable[[str, str, Command], ChineseParser]
"""Adds a command by its name and what it does, with the function that runs it; returns its parser."""
_Day = TypeVar("_Day", bound=date)
_YEARS = range(2004, 2100)
"""What the calendar of working days can count in."""


def add_key(parser: ChineseParser) -> None:
    """Let a command take the key of an obligation."""
    parser.operands.add_argument("key", metavar="编号", help="公开事项编号，如 demo/fiscal-monthly")


def add_period(parser: ChineseParser) -> None:
    """Let a command take a period, or the event that stands for one."""
    parser.options.add_argument(
        "--period", metavar="期间", required=True, help="2026-09、2026-Q3、2026-W40 等；事件触发的事项写事件编号"
    )


def read_day(text: str) -> date:
    """Read a day as argparse reads a value."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”无法识别，应为 YYYY-MM-DD 形式的日期，如 2026-09-30") from None
    return _within_years(day)


def read_instant(text: str) -> datetime:
    """Read an instant as argparse reads a value; a day is its first moment."""
    try:
        instant = parse_instant(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"“{text}”无法识别，应为日期或时间，如 2026-09-30 或 2026-09-30T14:05+08:00"
        ) from None
    return _within_years(instant)


def _within_years(day: _Day) -> _Day:
    if day.year not in _YEARS:
        raise argparse.ArgumentTypeError(f"{day.year}年不在日历范围内，只能计算{_YEARS[0]}年至{_YEARS[-1]}年")
    return day
