"""A version as it lies in its folder: its files rendered, written with a manifest, read back unchanged.

The manifest names every file with its SHA-256 and is written last, so that a folder with one is complete; its own
SHA-256 names the version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from obligations.steps.rendering.docx import render_docx
from obligations.steps.rendering.docx_marks import marks_of
from obligations.steps.rendering.html import render_html, render_paste
from obligations.steps.rendering.pdf import render_pdf
from obligations.steps.rendering.text import pasted_text, plain_text, table_csv
from obligations.words.draft import Chart, DocumentModel, DraftVersion, Table, canonical
from obligations.words.errors import NotPublishable

DOCUMENT, PRINT, PAGE = "document.docx", "document.pdf", "page.html"
PASTED_TEXT, PASTED_PAGE = "document.txt", "paste.html"
FIGURES, MODEL, MANIFEST = "figures.json", "model.json", "manifest.json"


def rendered(document: DocumentModel, figures_file: bytes, templates: Path) -> dict[str, bytes]:
    """Return every file of the document that may be published, by name."""
    pages = templates / "pages"
    tables = dict(_table_of(block) for block in document.blocks if isinstance(block, Table | Chart))
    attachments = [(DOCUMENT, f"{document.title}（Word）"), (PRINT, f"{document.title}（PDF）")]
    attachments += [(file, f"{table.caption or '表格'}（CSV）") for file, table in tables.items()]
    attachments += [(FIGURES, "数字及其来源（JSON）")] if json.loads(figures_file)["measures"] else []
    return {
        DOCUMENT: render_docx(document),
        PRINT: render_pdf(document, pages),
        PAGE: render_html(document, pages, attachments),
        PASTED_TEXT: pasted_text(document, marks_of(document)),
        PASTED_PAGE: render_paste(document, pages),
        FIGURES: figures_file,
        **{file: table_csv(table) for file, table in tables.items()},
    }


def write(document: DocumentModel, files: Mapping[str, bytes], kept: Mapping[str, bytes], out: Path) -> DraftVersion:
    """Write a version into ``out``: what may be published, what stays inside and the model, the manifest last."""
    kept = {MODEL: document.as_json(), **kept}
    manifest = canonical(
        {
            "key": document.key,
            "period": document.period,
            "version": document.version,
            "title": document.title,
            "final": document.final,
            "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
            "kept": {name: hashlib.sha256(data).hexdigest() for name, data in kept.items()},
        }
    )
    out.mkdir(parents=True, exist_ok=True)
    for name, data in {**files, **kept, MANIFEST: manifest}.items():
        _write(out / name, data)
    return version_of(document, manifest, out)


def _write(file: Path, data: bytes) -> None:
    """Leave a file that is as it must be: made again and broken off, a version under review is still whole."""
    if not file.is_file() or file.read_bytes() != data:
        file.write_bytes(data)


def version_of(document: DocumentModel, manifest: bytes, folder: Path) -> DraftVersion:
    """Return the version that a model and its manifest are."""
    listed = json.loads(manifest)
    return DraftVersion(
        version=document.version,
        sha256=hashlib.sha256(manifest).hexdigest(),
        folder=folder,
        title=document.title,
        final=document.final,
        files=listed["files"],
        kept=listed["kept"],
        blanks=document.blanks(),
        warnings=document.warnings,
        text=plain_text(document),
    )


def unchanged(folder: Path) -> dict[str, bytes]:
    """Return the files of a version by name; raises NotPublishable if one is missing or differs from the manifest."""
    if not (folder / MANIFEST).is_file():
        raise NotPublishable(f"{folder} 不是完整的稿件（没有 {MANIFEST}），请重新起草")
    manifest = (folder / MANIFEST).read_bytes()
    listed = json.loads(manifest)
    files = {MANIFEST: manifest}
    for name, sha256 in {**listed["files"], **listed["kept"]}.items():
        data = (folder / name).read_bytes() if (folder / name).is_file() else b""
        if hashlib.sha256(data).hexdigest() != sha256:
            raise NotPublishable(f"稿件文件 {name} 被改动或缺失，请重新起草后送审")
        files[name] = data
    return files


def model_in(folder: Path) -> DocumentModel:
    """Return the document of a version, to compare with; whether its files are unchanged is not asked."""
    return DocumentModel.from_json((folder / MODEL).read_bytes())


def _table_of(block: Table | Chart) -> tuple[str, Table]:
    """Return a table, or what a chart draws, with the name of its file."""
    return (
        (f"chart-{block.data.name}.csv", block.data) if isinstance(block, Chart) else (f"table-{block.name}.csv", block)
    )
