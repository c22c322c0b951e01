"""The ledger in the office's own columns (台账), for people's eyes and spreadsheets. Pure; reading back is not done here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from openpyxl import Workbook

from obligations.rules.workbooks.register import OFFICE_COLUMNS
from obligations.rules.workbooks.writing import ColumnForm, SheetForm, write_sheet
from obligations.steps.ledger.projection import OccurrenceRow
from obligations.steps.ledger.reading import LedgerRow
from obligations.words.times import say_due, say_instant

_WIDTHS = dict(zip(OFFICE_COLUMNS, (6, 26, 22, 14, 16, 16, 20, 20, 24, 20), strict=True))
_FORM = SheetForm("台账", tuple(ColumnForm(name, "", width=width) for name, width in _WIDTHS.items()))
_FORMULA_LEADS = ("=", "+", "-", "@", "\t", "\r")


def office_rows(rows: Sequence[LedgerRow], first: int = 1) -> list[dict[str, str]]:
    """Return each row as the office writes it, numbered from ``first``, in the order given; every cell is text."""
    return [_office_row(number, row) for number, row in enumerate(rows, start=first)]


def as_csv(rows: Sequence[dict[str, str]]) -> bytes:
    """Write rows as CSV in UTF-8 that Excel opens rightly; what begins like a formula gets an apostrophe before it."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, OFFICE_COLUMNS)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: f"'{text}" if text.startswith(_FORMULA_LEADS) else text for name, text in row.items()})
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Sequence[dict[str, str]]) -> bytes:
    """Write rows as a workbook of one sheet, ready to print; every cell is text, never a formula."""
    workbook = Workbook()
    workbook.active.title = _FORM.title
    write_sheet(workbook.active, _FORM, rows)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _office_row(number: int, row: LedgerRow) -> dict[str, str]:
    occurrence = row.occurrence
    cells = (
        str(number),
        f"{occurrence.title}（{occurrence.period}）",
        row.basis,
        occurrence.departments[0] if occurrence.departments else occurrence.office or "",
        "、".join(occurrence.departments),
        _due(occurrence),
        _progress(row),
        _completion(row),
        "\n".join(dict.fromkeys(_proofs(row))),
        "；".join(_remarks(row)),
    )
    return dict(zip(OFFICE_COLUMNS, cells, strict=True))


def _due(occurrence: OccurrenceRow) -> str:
    return say_due(occurrence.due_at) + ("（暂定，待节假日通知）" if occurrence.provisional else "")


def _progress(row: LedgerRow) -> str:
    said = [row.occurrence.stage_label]
    if row.progress:
        last = row.progress[-1]
        note = last.payload.get("note")
        said.append(f"已登记进展{len(row.progress)}次")
        said.append(f"最近{say_instant(last.happened_at)}" + (f"：{note}" if note else ""))
    return "；".join(said)


def _completion(row: LedgerRow) -> str:
    occurrence = row.occurrence
    if occurrence.outcome is None:
        return "未完成" if row.true_lateness in {"未到期", "时限中止"} else f"未完成，{row.true_lateness}"
    when = f"（{say_instant(occurrence.closed_at)}）" if occurrence.closed_at else ""
    if occurrence.is_met:
        return f"{occurrence.stage_label}，{row.true_lateness}{when}"
    return f"{occurrence.stage_label}{when}"


def _proofs(row: LedgerRow) -> Iterator[str]:
    for publication in row.publications:
        yield publication.address
    for event in (*row.evidence, *row.progress):
        for name in ("address", "proof"):
            if isinstance(event.payload.get(name), str):
                yield event.payload[name]


def _remarks(row: LedgerRow) -> Iterator[str]:
    occurrence = row.occurrence
    if occurrence.historical:
        yield "补录"
    if occurrence.paused_at is not None:
        yield f"时限中止（{say_instant(occurrence.paused_at)}起）"
    if occurrence.due_at != occurrence.original_due_at:
        yield f"原定{say_due(occurrence.original_due_at)}"
    if occurrence.waived_at is not None and occurrence.is_met:
        yield "经批准不计入考核"
    if row.loss is not None:
        yield f"滞后环节：{row.loss.label}（{row.loss.owner}，{row.loss.found_by}）"
