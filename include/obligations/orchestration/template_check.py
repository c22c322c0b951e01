"""The faults of the templates that departments and the office may edit, for ``obligations check``. Renders nothing.

Drafts are read against what their kind offers (``template_names``), the approval form, notices and pages against what
the program hands them, which is written down here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from obligations.orchestration.template_names import read_names
from obligations.steps.rendering.approval import FORM, WORDS
from obligations.steps.rendering.lint_expressions import Finding
from obligations.steps.rendering.linting import lint_draft, lint_page
from obligations.steps.rendering.names import DATE, FLAG, TEXT, Names, Shape
from obligations.words.draft import DocumentModel
from obligations.words.errors import Fault
from obligations.words.notices import Entry

_ENTRIES: Shape = [dict.fromkeys((field.name for field in fields(Entry)), TEXT)]
_DOCUMENT: Shape = dict.fromkeys((field.name for field in fields(DocumentModel)), TEXT)
_BLOCKS: Shape = [{"block": None, "number": None}]
APPROVAL = Names({**dict.fromkeys(WORDS, TEXT), "due": DATE, "provisional": FLAG, "derivation": [TEXT]})
GIVEN: Mapping[str, Mapping[str, Shape]] = {
    "notices/letter.html.j2": {"subject": TEXT, "name": TEXT, "entries": _ENTRIES},
    "notices/letter.txt.j2": {"subject": TEXT, "name": TEXT, "entries": _ENTRIES},
    "notices/short.txt.j2": {"subject": TEXT, "entries": _ENTRIES, "most": None},
    "pages/feedback.html.j2": dict.fromkeys((
        "title", "office", "watermark", "period", "until", "settled", "is_open", "refusal", "silent", "departments", "own",
        "objections", "may_rule", "decisions", "answer_tokens", "rule_token",
    )),
    "pages/notice.html.j2": dict.fromkeys((
        "notice", "row", "due", "moved", "recipient", "queued", "acknowledged", "confirmed", "dag", "tokens", "may_confirm",
    )),
    "pages/paste.html.j2": {
        "document": _DOCUMENT, "blocks": _BLOCKS, **dict.fromkeys(("marks", "say_runs", "no_date")),
    },
    "pages/publication.html.j2": {
        "document": _DOCUMENT, "blocks": _BLOCKS,
        **dict.fromkeys(("charts", "marks", "attachments", "say_blank", "no_date", "dated")),
    },
}  # fmt: skip
"""What the program hands each notice and page."""
LAYOUT = "pages/publication.typ"


@dataclass(frozen=True)
class TemplateLine(Fault):
    """A fault in a line of a template: file below the folder of templates, line, what is written, what is expected."""

    def __str__(self) -> str:
        """Return the one-line Chinese message."""
        return f"templates/{self.file} {self.field}：{self.value}，应为：{self.expected}"


def template_faults(templates: Path) -> list[Fault]:
    """Return the faults of every template below the folder, file by file."""
    return [*_drafts(templates), *_pages(templates)]


def _drafts(templates: Path) -> Iterator[Fault]:
    known = read_names() | {Path(FORM).stem: APPROVAL}
    present = {path.stem: path for path in sorted((templates / "drafts").glob("*.j2"))}
    for name, path in present.items():
        file = f"drafts/{path.name}"
        if name in known:
            yield from _told(file, lint_draft(_text(path), known[name]))
        else:
            yield TemplateLine(file, "文件名", f"没有发布类型“{name}”", "、".join(known))
    yield from (_missing(f"drafts/{name}.j2") for name in known if name not in present)


def _pages(templates: Path) -> Iterator[Fault]:
    for file, words in GIVEN.items():
        path = templates / file
        yield from _told(file, lint_page(_text(path), words)) if path.is_file() else [_missing(file)]
    if not (templates / LAYOUT).is_file():
        yield _missing(LAYOUT)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _told(file: str, findings: tuple[Finding, ...]) -> Iterator[Fault]:
    for finding in findings:
        yield TemplateLine(file, f"第 {finding.line} 行", finding.written, finding.expected)


def _missing(file: str) -> Fault:
    return TemplateLine(file, "文件", "没有这个文件", "放在模板文件夹下的这个文件")
