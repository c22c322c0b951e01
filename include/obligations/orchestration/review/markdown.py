"""Text of the catalogue and of people as Markdown and within its tables: shown as it is, never read as markup."""

from __future__ import annotations

import re

_MARKUP = re.compile(r"[\\`*_\[\]<>|~&]")
_LINE_START = re.compile(r"^(\d+(?=[.)])|(?=[#+=-]))")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>|~&#+=.)-])")


def plain(text: str) -> str:
    """Escape, on one line, whatever Markdown would read as markup."""
    return _LINE_START.sub(r"\1\\", _MARKUP.sub(r"\\\g<0>", " ".join(text.split())))


def unescaped(markdown: str) -> str:
    """Return what ``plain`` was given, white space aside."""
    return _ESCAPED.sub(r"\1", markdown)


def table_row(*cells: str) -> str:
    """Write one row of a table; the cells are Markdown already."""
    return f"| {' | '.join(cells)} |"


def table_head(*columns: str) -> list[str]:
    """Write the two lines with which a table begins."""
    return [table_row(*columns), f"|{' --- |' * len(columns)}"]
