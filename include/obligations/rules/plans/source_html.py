"""What a reader sees of a saved page, a line a block and a line a row of a table. Follows no link and runs no script."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from obligations.rules.plans.row_text import row_line
from obligations.rules.visible_html import text_under, visible_root

_FURNITURE = ("nav", "footer", "title")
_MOST_SPANNED = 200


def html_text(markup: str) -> str:
    """Return the page's text; a cell that spans rows stands in each of them."""
    root = visible_root(markup, _FURNITURE)
    if root is None:
        return ""
    for table in reversed(list(root.iter("table"))):  # the innermost first
        _write_out(table)
    return re.sub(r"[ \t\xa0]*\n\s*", "\n", text_under(root)).strip() + "\n"


def _write_out(table: Any) -> None:
    """Put the rows of a table as lines of text in its place."""
    rows, pending = [], dict[int, tuple[int, str]]()
    for row in table.iter("tr"):
        cells: list[str] = []
        given = [cell for cell in row if cell.tag in {"td", "th"}]
        while given or len(cells) in pending:
            column = len(cells)
            if column in pending:
                left, text = pending.pop(column)
                if left > 1:
                    pending[column] = (left - 1, text)
                cells.append(text)
                continue
            cell = given.pop(0)
            text = "".join(cell.itertext())
            deep, wide = _span(cell, "rowspan"), _span(cell, "colspan")
            cells += [text, *[""] * (wide - 1)]
            if deep > 1:
                pending[column] = (deep - 1, text)
        rows.append(row_line(cells) if len(cells) > 1 else "".join(cells))
    text = "\n" + "\n".join(rows) + "\n"
    place = etree.Element("div")
    place.text, place.tail = text, table.tail
    if table.getparent() is not None:
        table.getparent().replace(table, place)


def _span(cell: Any, name: str) -> int:
    value = cell.get(name) or "1"
    return min(max(int(value), 1), _MOST_SPANNED) if value.isascii() and value.isdigit() and len(value) < 5 else 1
