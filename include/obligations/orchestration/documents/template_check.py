"""The faults of the templates that departments and the office may edit, for ``obligations check``. Renders nothing.

Drafts are read against what their kind offers (``template_names``), the approval form, notices and pages against what
the program hands them, which is written down here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from obligations.orchestration.documents.template_names import read_names
from obligations.steps.rendering.approval import FORM, WORDS
from obligations.steps.rendering.lint_expressions import Finding
from obligations.steps.rendering.linting import lint_draft, lint_page
from obligations.steps.rendering.names import DATE, FLAG, TEXT, Names, Shape
from obligations.words.draft import DocumentModel
from obligations.words.errors import Fault
from obligations.words.letters import Entry

_ENTRIES: Shape = [dict.fromkeys((field.name for field in fields(Entry)), TEXT)]
_DOCUMENT: Shape = dict.fromkeys((field.name for field in fields(DocumentModel)), TEXT)
_BLOCKS: Shape = [{"block": None, "number": None}]
APPROVAL = Names({**dict.fromkeys(WORDS, TEXT), "due": DATE, "provisional": FLAG, "derivation": [TEXT]})
_FRAME: Mapping[str, Shape] = {
    **dict.fromkeys(("page", "title", "account", "watermark", "airflow", "path", "prefix"), TEXT),
    **dict.fromkeys(("crumbs", "navigation", "static", "at", "say_due", "say_instant", "say_day", "say_period")),
}
"""What every page of the office is given (``pages.shell.show``)."""
_OFFICE: Mapping[str, str] = {
    "calendar": "after before chosen covered_until departments feeds jurisdictions link month months place register said "
    "say_date total view weekdays weeks year",
    "event_confirm": "event fields reporting started texts token",
    "event_report": "fields levels refusal reporting texts token",
    "events": "closable going_on may_report open_total over over_total refusal said several tokens",
    "feeds": "address lines places refusal token",
    "item": "bars chain channel counted dag dates duty facts holders kind lines obligation products register release "
    "status total years",
    "occurrence": "answered attached attaching basis counts_down follow_ups forms fulfilment given happened lateness loss "
    "may_read_drafts names obligation place proofs refused return_option rounds row run shown tokens true_lateness upload "
    "versions",
    "punctuality": "apart departments keys misses month months notes outcomes own_only places seen slug stages trend until "
    "whole",
    "register": "asked choices first lines number pages sorts stages states total",
    "system": "calendar files gaps keeps_all lacking lacking_total open_total provisional stuck sweep unreachable waiting",
    "table_preview": "before data kind preview token workbook",
    "tables": "has_contacts has_holidays keeps_all refusal registers said tokens",
    "today": "done done_total incidents knows_people parts several",
}
_SHARED = frozenset({"_office.html.j2", "_lines.html.j2"})
"""What the pages of the office are built on."""
GIVEN: Mapping[str, Mapping[str, Shape]] = {
    **{f"pages/{page}.html.j2": {**_FRAME, **dict.fromkeys(names.split())} for page, names in _OFFICE.items()},
    "pages/_office.html.j2": _FRAME,
    "pages/_lines.html.j2": {},
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
        **dict.fromkeys((
            "title_lines", "charts", "marks", "attachments", "words_of", "kept_whole", "say_blank", "no_date", "dated",
        )),
    },
    "pages/upload.html.j2": {
        "document": _DOCUMENT,
        **dict.fromkeys((
            "title", "watermark", "due", "findings", "period", "person", "refusal", "said", "stage", "token", "version",
        )),
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
        shared = _SHARED if "prefix" in words else frozenset()
        yield from _told(file, lint_page(_text(path), words, shared=shared)) if path.is_file() else [_missing(file)]
    if not (templates / LAYOUT).is_file():
        yield _missing(LAYOUT)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _told(file: str, findings: tuple[Finding, ...]) -> Iterator[Fault]:
    for finding in findings:
        yield TemplateLine(file, f"第 {finding.line} 行", finding.written, finding.expected)


def _missing(file: str) -> Fault:
    return TemplateLine(file, "文件", "没有这个文件", "放在模板文件夹下的这个文件")
