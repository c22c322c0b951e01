"""1,000 fiscal drafts as Word, web page and PDF on one core, and the same documents through bare libraries.

``python bench/drafts.py`` prints the figures, ``python bench/drafts.py 50`` those of fewer; ``run()`` returns them. Measured are
the draft in its three forms, analysis and composition included, and all that goes to a reviewer: with the cover note, the
approval form, texts to paste, tables, figures and manifest. The baseline is given every text and number ready and writes the
same documents by python-docx, Jinja2 and Typst, document by document in turn with ours; the chart, which ours draw for all
three, it leaves out. Targets for the three forms: 120 s for 1,000, 600 MB, ratio 1.5.
"""

from __future__ import annotations

import io
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

DRAFTS = 1_000
TARGET_SECONDS, TARGET_MEGABYTES, TARGET_RATIO = 120, 600, 1.5
PAGE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{{ title }}</title></head><body><h1>{{ title }}</h1>
{% for block in blocks %}
{% if block.rows %}
<table><caption>{{ block.caption }}</caption>
{% for row in block.rows %}
<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</table>
{% elif block.level %}
<h{{ block.level + 1 }}>{{ block.text }}</h{{ block.level + 1 }}>
{% else %}
<p>{{ block.text }}</p>
{% endif %}
{% endfor %}
</body></html>
"""
LAYOUT = """#let given = json(bytes(sys.inputs.given))
#set document(title: given.title)
#set page(width: 210mm, height: 297mm, margin: (top: 37mm, bottom: 35mm, left: 28mm, right: 26mm), numbering: "1")
#set text(font: given.font, size: 16pt, lang: "zh", region: "CN")
#set par(justify: true, first-line-indent: (amount: 2em, all: true))
#align(center, text(size: 22pt, given.title))
#for block in given.blocks {
  if "rows" in block {
    align(center, block.caption)
    table(columns: block.rows.first().len(), ..block.rows.flatten().map(cell => text(size: 12pt, cell)))
  } else if block.level > 0 { heading(level: block.level, block.text) } else { par(block.text) }
}
"""


def run(count: int = DRAFTS) -> dict[str, dict[str, Any]]:
    """Measure both in a process of its own, for its memory, bound to one core."""
    words = [sys.executable, __file__, "--child", str(count)]
    child = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - this very file
    return {f"{count:,} fiscal drafts": json.loads(child.stdout)}


def measure(count: int) -> dict[str, Any]:
    """Draft ``count`` months, each with figures of its own, and write the same documents through bare libraries."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # before any library starts its threads
    from obligations.orchestration.documents.specimens import specimen
    from obligations.steps.draft import draft

    made = specimen("fiscal-monthly")
    ours, theirs, ours_alone, theirs_alone, worked = 0.0, 0.0, 0.0, 0.0, 0.0
    bare = Bare()
    texts: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, frame in enumerate(frames(made.source, count + 1)):
            if number % 100 == 0:
                sys.stderr.write(f"{number} of {count} drafts\n")
            out = Path(folder) / str(number)
            began, working = time.perf_counter(), time.process_time()
            draft(
                made.obligation, made.occurrence, made.kind, made.snapshot, frame,
                version=1, out=out, created_at=made.occurrence.opens_at,
            )  # fmt: skip
            drafted, work = time.perf_counter() - began, time.process_time() - working
            texts = texts or texts_of(made, out)  # of the first for all: they are given, and to read them takes long
            document, note, form = texts
            began = time.perf_counter()
            publication(made, frame, out)
            published = time.perf_counter() - began
            began = time.perf_counter()
            bare.write(document, Path(folder) / "bare", ("docx", "html", "pdf"))
            done = time.perf_counter() - began
            began = time.perf_counter()
            bare.write(document, Path(folder) / "bare-pasted", ("html",))
            bare.write(note, Path(folder) / "bare-note", ("docx", "html"))
            bare.write(form, Path(folder) / "bare-form", ("docx", "pdf"))
            rest = time.perf_counter() - began
            shutil.rmtree(out)
            if number:  # the first one loads libraries, fonts and templates, on both sides
                ours += drafted
                worked += work
                theirs += done + rest
                ours_alone += published
                theirs_alone += done
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kilobytes on Linux
    return {
        "Word, page and PDF, seconds": round(ours_alone, 1),
        "target seconds": TARGET_SECONDS * count / DRAFTS,
        "by bare libraries, seconds": round(theirs_alone, 1),
        "time ratio": round(ours_alone / theirs_alone, 2),
        "target ratio": TARGET_RATIO,
        "all that goes to a reviewer, seconds": round(ours, 1),
        "of these on the processor": round(worked, 1),
        "its documents by bare libraries, seconds": round(theirs, 1),
        "its time ratio": round(ours / theirs, 2),
        "peak MB": round(memory),
        "target MB": TARGET_MEGABYTES,
    }


def publication(made: Any, frame: Any, folder: Path) -> None:
    """Analyse, compose and render the text alone, as Word, page and PDF."""
    from obligations.steps.draft import TEMPLATES
    from obligations.steps.rendering.analysis import analysis_of
    from obligations.steps.rendering.compose import compose
    from obligations.steps.rendering.docx import render_docx
    from obligations.steps.rendering.folder import model_in
    from obligations.steps.rendering.html import render_html
    from obligations.steps.rendering.pdf import render_pdf

    analysis = analysis_of(made.kind, frame, made.snapshot, made.occurrence.period)
    name = f"{made.kind.name}.j2"
    words = {"region": "", "publisher": "", "data_source": None}
    compose(name, (TEMPLATES / "drafts" / name).read_text("utf-8"), analysis, made.kind.blanks, words, "演示单位财政局")
    document = model_in(folder)
    for data in (
        render_docx(document),
        render_html(document, TEMPLATES / "pages", ()),
        render_pdf(document, TEMPLATES / "pages"),
    ):
        (folder / "alone").write_bytes(data)


def frames(source: Any, count: int) -> Iterator[Any]:
    """Yield the delivery again and again, its amounts a little different each time."""
    dice = random.Random(5)  # noqa: S311 - repeatable sampling
    for _ in range(count):
        frame = source.copy()
        frame["累计数"] = [value + Decimal(dice.randrange(1000)) for value in frame["累计数"]]
        yield frame


def texts_of(made: Any, folder: Path) -> list[dict[str, Any]]:
    """Return the texts of a draft, its cover note and its approval form, as the bare libraries are given them."""
    from docx import Document

    from obligations.steps.rendering.folder import model_in

    title = model_in(folder).title
    found = []
    for name in ("document.docx", "cover_note.docx", "approval.docx"):
        blocks: list[dict[str, Any]] = []
        for part in Document(str(folder / name)).iter_inner_content():
            if hasattr(part, "rows"):
                blocks.append({"caption": "", "rows": [[cell.text for cell in row.cells] for row in part.rows]})
            elif part.text:
                style = part.style.name.lower() if part.style is not None and part.style.name else ""
                blocks.append({"level": int(style[-1]) if style.startswith("heading") else 0, "text": part.text})
        found.append({"title": title, "blocks": blocks})
    return found


class Bare:
    """python-docx, Jinja2 and Typst as their manuals show them; templates and fonts loaded once."""

    def __init__(self) -> None:
        import typst
        from jinja2 import Environment

        from obligations.steps.rendering.fonts import font_set

        self.page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(PAGE)
        self.fonts = font_set()
        self.compiler = typst.Compiler(font_paths=self.fonts.loaded, ignore_system_fonts=True)
        self.family = self.fonts.typefaces["仿宋_GB2312"].families

    def write(self, given: dict[str, Any], place: Path, forms: tuple[str, ...]) -> int:
        """Write one document in some forms and return how many bytes it has."""
        makers = {"docx": self._docx, "html": self._html, "pdf": self._pdf}
        size = 0
        for form in forms:
            data = makers[form](given)
            place.with_suffix(f".{form}").write_bytes(data)
            size += len(data)
        return size

    def _docx(self, given: dict[str, Any]) -> bytes:
        from docx import Document

        document = Document()
        document.add_heading(given["title"], 0)
        for block in given["blocks"]:
            if "rows" in block:
                table = document.add_table(rows=0, cols=len(block["rows"][0]))
                for row in block["rows"]:
                    for cell, text in zip(table.add_row().cells, row, strict=True):
                        cell.text = text
            elif block["level"]:
                document.add_heading(block["text"], block["level"])
            else:
                document.add_paragraph(block["text"])
        stream = io.BytesIO()
        document.save(stream)
        return stream.getvalue()

    def _html(self, given: dict[str, Any]) -> bytes:
        return self.page.render(given).encode()

    def _pdf(self, given: dict[str, Any]) -> bytes:
        inputs = {"given": json.dumps({**given, "font": self.family})}
        made = self.compiler.compile(LAYOUT.encode(), format="pdf", sys_inputs=inputs)
        assert isinstance(made, bytes)
        return made


def main() -> None:
    """Print the measurements, or for ``--child`` one as JSON."""
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(measure(int(sys.argv[2]))))
        return
    for measurement, figures in run(int(sys.argv[1]) if len(sys.argv) > 1 else DRAFTS).items():
        print(f"{measurement}:", "; ".join(f"{name} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
