"""Renders a document model to one self-contained web page: semantic, escaped, every number a ``<data>`` of its measure.

And to its body alone without any style, to paste into a site's editor.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from obligations.steps.rendering.breaking import title_lines, words_of
from obligations.steps.rendering.charts import draw
from obligations.steps.rendering.docx_marks import marks_of
from obligations.steps.rendering.numbering import numbered
from obligations.steps.rendering.table_widths import KEPT
from obligations.steps.rendering.text import NO_DATE, say_blank, say_runs
from obligations.words.draft import Chart, DocumentModel
from obligations.words.times import say_day

PAGE, PASTE = "publication.html.j2", "paste.html.j2"


def render_html(document: DocumentModel, pages: Path, attachments: Iterable[tuple[str, str]]) -> bytes:
    """Return the page as UTF-8.

    Args:
        document: to render; one that is not final shows its marks and open blanks.
        pages: folder of the page templates.
        attachments: file name beside the page and what to call it.
    """
    context: dict[str, Any] = {
        "document": document,
        "blocks": [{"block": block, "number": number} for block, number in numbered(document.blocks)],
        "charts": {block.id: Markup(draw(block)) for block in document.blocks if isinstance(block, Chart)},  # noqa: S704 - our own SVG, whose texts lxml escaped
        "title_lines": title_lines(document.title),
        "words_of": words_of,
        "kept_whole": kept_whole,
        "marks": marks_of(document),
        "attachments": list(attachments),
        "say_blank": say_blank,
        "no_date": NO_DATE,
        "dated": say_day(date.fromisoformat(document.dated)) if document.dated else None,
    }
    return _template(pages, PAGE).render(context).encode()


def render_paste(document: DocumentModel, pages: Path) -> bytes:
    """Return the body as UTF-8: headings, paragraphs and tables, no style and no script; a chart is its table."""
    blocks = [
        {"block": block.data if isinstance(block, Chart) else block, "number": number}
        for block, number in numbered(document.blocks)
    ]
    context = {
        "document": document,
        "blocks": blocks,
        "marks": marks_of(document),
        "say_runs": say_runs,
        "no_date": NO_DATE,
    }
    return _template(pages, PASTE).render(context).encode()


def kept_whole(text: str) -> list[tuple[str, bool]]:
    """Return a text in pieces, and whether each stays on one line (``KEPT``)."""
    parts, start = [], 0
    for match in KEPT.finditer(text):
        parts += [(text[start : match.start()], False), (match[0], True)]
        start = match.end()
    return [(part, is_kept) for part, is_kept in (*parts, (text[start:], False)) if part]


@lru_cache(maxsize=4)
def _template(pages: Path, name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(pages),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)
