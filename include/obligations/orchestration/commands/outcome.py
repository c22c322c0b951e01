"""What a command hands back, and how it is printed: one JSON value, or text and tables for people. No command lives here."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

from obligations.orchestration.settings import Settings
from obligations.words.telling import Tell, untold
from obligations.words.times import SHANGHAI

_NO_TERMINAL = 10_000  # columns: a table in a file or pipe is not wrapped


@dataclass(frozen=True, slots=True)
class Door:
    """What the command line knows of the world.

    Attributes:
        settings: from the environment.
        now: reads the clock; commands ask it once for each act they record.
        tell: takes what a long command is at.
    """

    settings: Settings
    now: Callable[[], datetime]
    tell: Tell = untold


@dataclass(frozen=True, slots=True)
class Rows:
    """A table for people: one text a cell."""

    headers: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command found or did.

    Attributes:
        value: what ``--json`` prints; days, instants and paths are written by ``as_json``.
        shown: what people read, lines and tables in order.
        notes: for people, on standard error, whatever the form of the output.
        exit_code: 0 done, 1 faults found.
        text: a file for other programs, printed as it is instead of ``shown``.
    """

    value: Any
    shown: tuple[str | Rows, ...]
    notes: tuple[str, ...] = ()
    exit_code: int = 0
    text: str | None = None


def as_json(value: Any) -> str:
    """Write ``value`` as JSON: instants ISO 8601 in Asia/Shanghai, days ISO, paths absolute."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value.absolute())
    raise TypeError(f"{type(value).__name__} has no JSON form here")


def show(shown: Sequence[str | Rows], out: TextIO) -> None:
    """Print lines as they are and tables fitted to the terminal, two columns a Chinese character."""
    from rich import box  # here, because --json needs none of it
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(
        file=out,
        width=None if out.isatty() else _NO_TERMINAL,
        markup=False,
        highlight=False,
        emoji=False,
    )
    for part in shown:
        if isinstance(part, str):
            console.print(part, soft_wrap=True)
            continue
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for header in part.headers:
            table.add_column(Text(header))
        for row in part.rows:
            table.add_row(*(Text(cell) for cell in row))
        console.print(table)
