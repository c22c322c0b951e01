"""Renders a document model to PDF, or to PNG pages, by Typst: the same bytes for the same model and the same fonts.

The layout is ``templates/pages/publication.typ``; nothing of a document is ever read as Typst: it comes as JSON. One
compiler and its fonts serve every document of a process. Fonts and glyphs that are missing are errors, see ``fonts``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import typst

from obligations.steps.rendering.breaking import title_lines
from obligations.steps.rendering.chart_data import caption_of, described
from obligations.steps.rendering.charts import WIDTH, draw
from obligations.steps.rendering.docx_layout import (
    BIAOSONG,
    FANGSONG,
    HEITI,
    KAITI,
    SONGTI,
    right_indents,
)
from obligations.steps.rendering.docx_marks import header_of, marks_of
from obligations.steps.rendering.fonts import FontSet, font_set
from obligations.steps.rendering.numbering import numbered
from obligations.steps.rendering.table_widths import KEPT, table_layout
from obligations.steps.rendering.text import NO_DATE, say_blank, say_runs
from obligations.words.draft import (
    BlankRun,
    Block,
    Chart,
    DocumentModel,
    Heading,
    Note,
    Runs,
    Signature,
    Table,
)
from obligations.words.errors import FontFault, TemplateFault
from obligations.words.times import SHANGHAI

LAYOUT = "publication.typ"
PAGE_NUMBER = "— 0123456789 —"
_TWIPS = 20
_WHOLE_ROW = 500
"""Points up to which a row is never torn: it surely fits on a page."""
_STANDARD = "ua-1"
"""PDF/UA-1, ISO 14289-1: tagged, with title and language; the compiler refuses what it can tell is not accessible."""

_PICTURE = f"""#set page(width: auto, height: auto, margin: 0pt, fill: none)
#image(bytes(sys.inputs.svg), format: "svg", width: {WIDTH}pt)
""".encode()


def render_pdf(document: DocumentModel, pages: Path, fonts: FontSet | None = None) -> bytes:
    """Return the document as PDF, in the layout of the Word file.

    Args:
        document: to render; one that is not final shows its marks and open blanks.
        pages: folder of the page templates.
        fonts: this machine's unless given.

    Raises FontFault if a font or a glyph is missing, TemplateFault if the layout is faulty.
    """
    made = _compiled(document, pages, fonts or font_set(), format="pdf", pdf_standards=[_STANDARD])
    return made if isinstance(made, bytes) else made[0]


def render_png(
    document: DocumentModel, pages: Path, fonts: FontSet | None = None, *, dots_per_inch: int = 96
) -> list[bytes]:
    """Return every page as PNG; see ``render_pdf``."""
    made = _compiled(document, pages, fonts or font_set(), format="png", ppi=dots_per_inch)
    return [made] if isinstance(made, bytes) else made


def picture(svg: str, *, dots_per_inch: int = 220) -> bytes:
    """Return a chart as PNG, for Word, which of a picture keeps no more than 220 dots an inch for print by default."""
    compiler = _compiler(font_set(installed=False))
    made = _run(compiler, _PICTURE, {"svg": svg}, format="png", ppi=dots_per_inch)
    return made if isinstance(made, bytes) else made[0]


def _compiled(document: DocumentModel, pages: Path, fonts: FontSet, **how: Any) -> bytes | list[bytes]:
    writing = _Writing()
    given = writing.document(document)
    fonts.require_glyphs(writing.printed)
    title = fonts.typefaces[BIAOSONG]
    given["fonts"] = {name: typeface.families for name, typeface in fonts.typefaces.items()}
    given["title_weight"], given["title_stands_in"] = title.faces[0].weight, title.stands_in
    inputs = {"document": json.dumps(given)}
    created = int(datetime.fromisoformat(document.created_at).timestamp())
    return _run(_compiler(fonts), _layout(pages), inputs, root=pages, timestamp=created, **how)


def _run(compiler: typst.Compiler, source: bytes, inputs: dict[str, str], **how: Any) -> bytes | list[bytes]:
    try:
        made, warnings = compiler.compile_with_warnings(source, sys_inputs=inputs, **how)
    except typst.TypstError as error:
        raise TemplateFault(f"版式模板 {LAYOUT} 不能排版：{error.diagnostic or error.message}") from error
    if warnings:  # an unknown font is no more than a warning to Typst
        raise FontFault(f"排版出现警告，稿件没有生成：{'；'.join(warning.message for warning in warnings)}")
    if made is None:
        raise FontFault("排版没有产生任何页面")
    return made


@lru_cache(maxsize=2)
def _compiler(fonts: FontSet) -> typst.Compiler:
    return typst.Compiler(font_paths=fonts.loaded, ignore_system_fonts=True)


@lru_cache(maxsize=4)
def _layout(pages: Path) -> bytes:
    return (pages / LAYOUT).read_bytes()


@dataclass
class _Writing:
    """Writes one document as what the layout reads, and keeps which characters each official font must print."""

    printed: dict[str, set[str]] = field(default_factory=dict)

    def document(self, document: DocumentModel) -> dict[str, Any]:
        marks = marks_of(document)
        created = datetime.fromisoformat(document.created_at).astimezone(SHANGHAI)
        self._say(SONGTI, PAGE_NUMBER)
        return {
            "title": self._say(BIAOSONG, document.title),
            "kept": KEPT.pattern,
            "title_lines": title_lines(document.title),
            "subtitle": None if document.subtitle is None else self._say(KAITI, document.subtitle),
            "publisher": document.publisher,
            "description": f"{document.key}/{document.period}/v{document.version}",
            "created": {name: getattr(created, name) for name in ("year", "month", "day")},
            "header": self._say(SONGTI, header_of(document)) if marks else None,
            "watermark": self._say(HEITI, "　".join(marks)) if marks else None,
            "blocks": list(self._blocks(document.blocks)),
        }

    def _blocks(self, blocks: tuple[Block, ...]) -> Iterator[dict[str, Any]]:
        level = 0
        for (block, number), (following, _) in pairwise([*numbered(blocks), (None, "")]):
            if isinstance(block, Heading):
                # A reader by ear is lost where a level is skipped, and PDF/UA forbids it: the look stays, the level closes up.
                level = min(block.level, level + 1)
                font = {1: HEITI, 2: KAITI, 3: FANGSONG}[block.level]
                runs = self._runs(font, block.runs, number)
                yield {"type": "heading", "look": block.level, "level": level, "runs": runs}
            elif isinstance(block, Table):
                yield {"type": "table", **self._table(block, number)}
            elif isinstance(block, Chart):
                caption = self._say(HEITI, caption_of(block, number))
                yield {"type": "chart", "svg": draw(block), "described": described(block), "caption": caption}
            elif isinstance(block, Signature):
                yield {"type": "signature", "lines": self._signature(block)}
            elif isinstance(block, Note):
                yield {"type": "note", "runs": self._runs(FANGSONG, block.runs, number)}
            elif block is not None:
                keep = isinstance(following, Signature)
                yield {"type": "paragraph", "runs": self._runs(FANGSONG, block.runs), "keep": keep}

    def _table(self, table: Table, number: str) -> dict[str, Any]:
        layout = table_layout(table)
        return {
            "long": not layout.stays_whole,
            "size": layout.size,
            "caption": self._say(HEITI, f"{number}{table.caption}"),
            "unit": self._say(FANGSONG, table.unit),
            "widths": [width / _TWIPS for width in layout.widths],
            "aligns": [column.align for column in table.columns],
            "columns": [[self._say(HEITI, line) for line in lines] for lines in layout.heads],
            "rows": [
                {
                    "tall": height > _WHOLE_ROW,
                    "least": 0 if all(row) else table.room,
                    "cells": [self._runs(SONGTI, runs) for runs in row],
                }
                for row, height in zip(table.rows, layout.heights, strict=True)
            ],
        }

    def _signature(self, signature: Signature) -> list[tuple[str, float]]:
        words = (signature.department, signature.date or NO_DATE)
        indents = right_indents(*words)
        return [(self._say(FANGSONG, text), indent / _TWIPS) for text, indent in zip(words, indents, strict=True)]

    def _runs(self, font: str, runs: Runs, number: str = "") -> list[dict[str, Any]]:
        written = [{"text": number, "open": False}] if number else []
        for run in runs:
            is_open = isinstance(run, BlankRun) and run.answer is None
            written.append({"text": say_blank(run) if isinstance(run, BlankRun) else say_runs((run,)), "open": is_open})
        self._say(font, "".join(str(run["text"]) for run in written))
        return written

    def _say(self, font: str, text: str) -> str:
        self.printed.setdefault(font, set()).update(text)
        return text
