"""Plain text of a document, for a review's body or a site's editor, and the tables as CSV. Nothing is lost or added."""

from __future__ import annotations

import csv
import io

from obligations.publications.wording import NO_VALUE
from obligations.steps.rendering.cleaning import OPEN_MARK
from obligations.steps.rendering.numbering import numbered
from obligations.words.draft import BlankRun, Chart, DocumentModel, NumberRun, Runs, Signature, Table, TextRun

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
NO_DATE = "　　年　　月　　日"


def say_blank(blank: BlankRun) -> str:
    """Return the answer, or 【待填写：label】 with the words to start from."""
    if blank.answer is not None:
        return blank.answer
    hint = f"（参考：{blank.suggestion}）" if blank.suggestion else ""
    return f"{OPEN_MARK}：{blank.label}{hint}】"


def say_runs(runs: Runs) -> str:
    """Return runs as text."""
    return "".join(
        run.text if isinstance(run, TextRun) else run.printed if isinstance(run, NumberRun) else say_blank(run)
        for run in runs
    )


def plain_text(document: DocumentModel) -> str:
    """Return the document as text, a block a paragraph, tables with ｜ between cells."""
    parts = [document.title]
    if document.subtitle:
        parts.append(document.subtitle)
    for block, number in numbered(document.blocks):
        if isinstance(block, Table):
            parts.append(_table(block, number))
        elif isinstance(block, Chart):
            parts.append(_table(block.data, number))
        elif isinstance(block, Signature):
            parts.append(f"{block.department}\n{block.date or NO_DATE}")
        else:
            parts.append(number + say_runs(block.runs))
    return "\n\n".join(parts) + "\n"


def pasted_text(document: DocumentModel, marks: tuple[str, ...]) -> bytes:
    """Return the document as text to paste into a site's editor: a line a paragraph, table cells parted by tabs.

    UTF-8 with a byte order mark and line ends that every Windows editor knows. ``marks`` come first where there are any:
    a draft must not be taken for what may go out.
    """
    lines = ["　".join(marks)] if marks else []
    lines += [document.title, *([document.subtitle] if document.subtitle else []), ""]
    for block, number in numbered(document.blocks):
        if isinstance(block, Table | Chart):
            table = block.data if isinstance(block, Chart) else block
            head = f"{number}{table.caption}" + (f"（{table.unit}）" if table.unit else "")
            lines += [head] if head else []
            lines += ["\t".join(row) for row in _cells(table)]
        elif isinstance(block, Signature):
            lines += ["", block.department, block.date or NO_DATE]
        else:
            lines.append(f"　　{number}{say_runs(block.runs)}")
    return b"\xef\xbb\xbf" + "\r\n".join([*lines, ""]).encode()


def table_csv(table: Table) -> bytes:
    """Return a table as UTF-8 CSV with a byte order mark, numbers rounded as printed, without separators."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([_inert(column.header) for column in table.columns])
    for row in table.rows:
        writer.writerow([_csv_cell(cell) for cell in row])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _table(table: Table, number: str) -> str:
    head = f"{number}{table.caption}" + (f"（{table.unit}）" if table.unit else "")
    return "\n".join([*([head] if head else []), *("｜".join(row) for row in _cells(table))])


def _cells(table: Table) -> list[list[str]]:
    """Return the head and the rows as text."""
    return [[column.header for column in table.columns], *([say_runs(cell) for cell in row] for row in table.rows)]


def _csv_cell(cell: Runs) -> str:
    if len(cell) == 1 and isinstance(cell[0], NumberRun):
        return cell[0].printed.replace(",", "")
    text = say_runs(cell)
    return "" if text == NO_VALUE else _inert(text)


def _inert(text: str) -> str:
    """Return text as no spreadsheet runs it: one that starts like a formula, as text never needs to, is quoted."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
