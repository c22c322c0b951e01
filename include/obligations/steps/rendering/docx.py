"""Renders a document model to Word bytes, the same bytes for the same model. Layout and fonts are ``docx_layout``.

python-docx keeps the package; the body is written as WordprocessingML in one piece, which is many times faster than
element by element. Every block, number and blank is bookmarked (``b_…`` block id, ``n_…`` count of the number in
figures.json, ``f_…`` blank), so that a file edited by a person can be read back.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from docx.document import Document as DocxDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt

from obligations.steps.rendering.breaking import title_lines
from obligations.steps.rendering.chart_data import caption_of, described
from obligations.steps.rendering.charts import WIDTH, draw
from obligations.steps.rendering.docx_layout import empty_document, right_indents, table_style
from obligations.steps.rendering.docx_marks import add_marks, add_page_number
from obligations.steps.rendering.numbering import numbered
from obligations.steps.rendering.pdf import picture
from obligations.steps.rendering.table_widths import table_layout
from obligations.steps.rendering.text import NO_DATE, say_blank
from obligations.words.draft import (
    Align,
    BlankRun,
    Block,
    Chart,
    DocumentModel,
    Heading,
    Note,
    NumberRun,
    Paragraph,
    Runs,
    Signature,
    Table,
    TextRun,
    runs_of,
)

_EPOCH = (1980, 1, 1, 0, 0, 0)
_NOT_NAME = re.compile(r"[^0-9A-Za-z]")
_KEEP_NEXT = "<w:keepNext/>"
_HIGHLIGHT = '<w:highlight w:val="yellow"/>'
_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_MARGINS = "".join(
    f'<w:{side} w:w="{twips}" w:type="dxa"/>'
    for side, twips in (("top", 40), ("left", 60), ("bottom", 40), ("right", 60))
)


def render_docx(document: DocumentModel) -> bytes:
    """Return the document as .docx; a version that is not final carries the mark 送审稿 and shows its open blanks."""
    file = empty_document()
    body = parse_xml(f"<w:body {nsdecls('w')}>{_Body(file).write(document)}</w:body>")
    body.append(file.element.body[-1])  # the section's own settings stay last
    file.element.replace(file.element.body, body)
    add_page_number(file)
    add_marks(file, document)
    _set_properties(file, document)
    stream = io.BytesIO()
    file.save(stream)
    return _repacked(stream.getvalue())


class _Body:
    """Writes the blocks of one document into a file and counts its bookmarks, numbers and pictures."""

    def __init__(self, file: DocxDocument) -> None:
        self._file = file
        self._bookmarks = 0
        self._numbers = 0
        self._pictures = 0
        self._blanks: set[str] = set()

    def write(self, document: DocumentModel) -> str:
        """Return the body's XML."""
        parts = [_paragraph("Title", _lines(title_lines(document.title)))]
        if document.subtitle:
            parts.append(_paragraph("Subtitle", _run(document.subtitle)))
        parts.append(_paragraph("Normal"))
        blocks = list(numbered(document.blocks))
        for position, (block, number) in enumerate(blocks):
            following = blocks[position + 1][0] if position + 1 < len(blocks) else None
            parts.append(self._block(block, number, isinstance(following, Signature)))
        return "".join(parts)

    def _block(self, block: Block, number: str, before_signature: bool) -> str:
        if isinstance(block, Table):
            return self._table(block, number)
        if isinstance(block, Chart):
            return self._chart(block, number)
        if isinstance(block, Signature):
            return _signature(block)
        # A signature must not stand alone on a page: what precedes it stays with it.
        keep = _KEEP_NEXT if before_signature else ""
        return _paragraph(_style_of(block), self._marked(block.id, _run(number) + self._runs(block.runs)), keep)

    def _runs(self, runs: Runs) -> str:
        return "".join(self._one(run) for run in runs)

    def _one(self, run: TextRun | NumberRun | BlankRun) -> str:
        if isinstance(run, TextRun):
            return _run(run.text)
        if isinstance(run, NumberRun):
            self._numbers += 1
            return self._bookmark(f"n_{self._numbers}", _run(run.printed))
        written = _run(say_blank(run), _HIGHLIGHT if run.answer is None else "")
        if run.name in self._blanks:  # a bookmark's name is there once
            return written
        self._blanks.add(run.name)
        return self._bookmark(f"f_{run.name}", written)

    def _table(self, table: Table, number: str) -> str:
        words = _run(f"{number}{table.caption}")
        caption = _paragraph("Caption", self._marked(table.id, words)) if table.caption else ""
        unit = _paragraph("TableUnit", _run(table.unit)) if table.unit else ""
        layout = table_layout(table)
        widths = layout.widths
        head_style, text_style = table_style("Head", layout.size), table_style("Text", layout.size)
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        head = [
            _cell(_lines(lines), width, head_style, "center", _KEEP_NEXT)
            for lines, width in zip(layout.heads, widths, strict=True)
        ]
        if not table.caption:  # its bookmark has no other place
            first = self._marked(table.id, _lines(layout.heads[0]))
            head[0] = _cell(first, widths[0], head_style, "center", _KEEP_NEXT)
        rows = [_row(head, header=True)]
        for count, row in enumerate(table.rows, start=1):
            # A long table is torn between rows, but neither its first row nor its last stands alone.
            is_kept = layout.stays_whole or count in {1, len(table.rows) - 1}
            keep = _KEEP_NEXT if is_kept and count < len(table.rows) else ""
            cells = zip(row, widths, table.columns, strict=True)
            written = [_cell(self._runs(runs), width, text_style, column.align, keep) for runs, width, column in cells]
            rows.append(_row(written, least=0 if all(row) else table.room))
        return (
            f"{caption}{unit}<w:tbl><w:tblPr>"
            f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>{_BORDERS}</w:tblBorders>'
            f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{_MARGINS}</w:tblCellMar></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
        )

    def _chart(self, chart: Chart, number: str) -> str:
        """Write a chart as a picture of print quality, its numbers in the words for whoever cannot see it."""
        self._pictures += 1
        self._numbers += sum(isinstance(run, NumberRun) for runs in runs_of(chart) for run in runs)
        inline: Any = self._file.part.new_pic_inline(io.BytesIO(picture(draw(chart))), width=Pt(WIDTH))
        inline.docPr.set("id", str(self._pictures))
        inline.docPr.set("name", caption_of(chart, number))
        inline.docPr.set("descr", described(chart))
        drawing = f"<w:r><w:drawing>{inline.xml}</w:drawing></w:r>"
        caption = _paragraph("PictureCaption", self._marked(chart.id, _run(caption_of(chart, number))))
        return _paragraph("Picture", drawing) + caption

    def _marked(self, block_id: str, inner: str) -> str:
        # At the start, not around: LibreOffice adds a line where a bookmark ends behind a full stop in the margin.
        return self._bookmark(bookmark_of(block_id), "") + inner

    def _bookmark(self, name: str, inner: str) -> str:
        self._bookmarks += 1
        number = self._bookmarks
        start = f'<w:bookmarkStart w:id="{number}" w:name="{name[:40]}"/>'
        return f'{start}{inner}<w:bookmarkEnd w:id="{number}"/>'


def bookmark_of(block_id: str) -> str:
    """Return the name of a block's bookmark; Word takes 40 letters, digits and _."""
    return f"b_{_NOT_NAME.sub('_', block_id)}"[:40]


def _paragraph(style: str, inner: str = "", properties: str = "") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{inner}</w:p>'


def _run(text: str, properties: str = "") -> str:
    if not text:
        return ""
    styled = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{styled}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _lines(lines: Iterable[str]) -> str:
    return "<w:r><w:br/></w:r>".join(map(_run, lines))


def _row(cells: list[str], *, header: bool = False, least: int = 0) -> str:
    repeated = "<w:tblHeader/>" if header else ""
    height = f'<w:trHeight w:val="{20 * least}" w:hRule="atLeast"/>' if least else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{height}{repeated}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(inner: str, width: int, style: str, align: Align, keep: str) -> str:
    paragraph = _paragraph(style, inner, f'{keep}<w:jc w:val="{align}"/>')
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>{paragraph}</w:tc>'


def _signature(signature: Signature) -> str:
    date = signature.date or NO_DATE
    lines = zip((signature.department, date), right_indents(signature.department, date), strict=True)
    signed = [_paragraph("Signature", _run(text), f'<w:ind w:right="{indent}"/>') for text, indent in lines]
    return _paragraph("Normal", "", _KEEP_NEXT) + "".join(signed)


def _style_of(block: Heading | Paragraph | Note) -> str:
    if isinstance(block, Heading):
        return f"Heading{block.level}"
    return "NoteText" if isinstance(block, Note) else "BodyText"


def _set_properties(file: DocxDocument, document: DocumentModel) -> None:
    created = datetime.fromisoformat(document.created_at).astimezone(UTC).replace(tzinfo=None)  # written as UTC
    properties = file.core_properties
    properties.title = document.title[:255]
    properties.author = properties.last_modified_by = document.publisher[:255]
    properties.subject = document.period
    properties.identifier = f"{document.key}/{document.period}/v{document.version}"[:255]
    properties.language = "zh-CN"
    properties.comments = ""
    properties.keywords = ""
    properties.revision = 1
    properties.created = properties.modified = created


def _repacked(data: bytes) -> bytes:
    """Return the package with fixed times, so that the same document is the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            target.writestr(entry, source.read(name))
    return stream.getvalue()
