"""Checks an edited Word file as a whole: what the rules find, and whether it can be read back into its document model.

Nothing is written: a file with a mark of secrecy leaves no copy. What the findings mean for a review is the review's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from obligations.publications.personal import IDENTITY, PHONE, is_identity_number
from obligations.publications.wording import FALLING, RISING
from obligations.rules.delivery import Delivery
from obligations.rules.drafts_check import check_draft
from obligations.rules.drafts_check.figures_file import read_figures
from obligations.rules.drafts_check.findings import ERROR, HINT, WARNING, Finding, House
from obligations.rules.drafts_check.margins import margin_troubles
from obligations.rules.drafts_check.numbers import given_of
from obligations.rules.edited_word.pieces import EditedWord
from obligations.rules.edited_word.reading import read_edited
from obligations.steps.rendering.docx import bookmark_of
from obligations.steps.rendering.docx_reading import read_back
from obligations.steps.rendering.numbering import numbered
from obligations.steps.rendering.text import say_runs
from obligations.words.draft import DocumentModel, NumberRun, runs_of
from obligations.words.errors import BadInput

HOUSE = House(RISING, FALLING, IDENTITY, is_identity_number, PHONE)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found.

    Attributes:
        sha256: of the file; findings: errors first.
        document: the file read back; None where it could not be, or was checked without its model.
    """

    file: str
    sha256: str
    findings: tuple[Finding, ...]
    document: DocumentModel | None

    def count(self, grade: str) -> int:
        """Count the findings of one grade."""
        return sum(finding.grade == grade for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return what ``check-draft --json`` prints."""
        return {
            "file": self.file,
            "sha256": self.sha256,
            "findings": [asdict(finding) for finding in self.findings],
            "errors": self.count(ERROR),
            "warnings": self.count(WARNING),
            "hints": self.count(HINT),
        }


def check_edited(data: bytes, file: str, figures: bytes, base: DocumentModel | None) -> CheckReport:
    """Check an edited Word file.

    Args:
        data: its bytes.
        file: its name.
        figures: figures.json of the draft.
        base: the model it was drafted as; without it nothing is read back, and no number of its text is known.

    Raises BadInput for a file that cannot or must not be opened, UnusableInput for a figures file that is none.
    """
    known = read_figures(figures, "figures.json")
    delivery = Delivery(file, again="重新核对")
    word = read_edited(data, delivery)
    drafted: frozenset[str] = frozenset()
    given: dict[str, frozenset[str]] = {}
    optional: frozenset[str] = frozenset()
    if base is not None:
        drafted = frozenset(_lines(base))
        given = given_of(_given(base))
        optional = frozenset(blank.label for blank in base.blanks() if not blank.required)
    findings = check_draft(word, known, HOUSE, drafted=drafted, given=given, optional=optional)
    document = None
    if base is not None and not any(finding.code == "classified" for finding in findings):
        document, unread = _read_back(word, base, delivery)
        findings = (*unread, *findings)
        if document is not None:
            findings = (*_removed(base, document), *findings)
    return CheckReport(file, hashlib.sha256(data).hexdigest(), findings, document)


def _read_back(
    word: EditedWord, base: DocumentModel, delivery: Delivery
) -> tuple[DocumentModel | None, tuple[Finding, ...]]:
    """Return the document, or the reasons why there is none that no other finding has told."""
    try:
        return read_back(word, base, delivery), ()
    except BadInput as error:
        troubles = [f"{each.where}有{each.what}" for each in (*word.troubles, *margin_troubles(word, base.watermark))]
        reasons = [reason for reason in error.problems if not any(trouble in reason for trouble in troubles)]
        return None, tuple(Finding(ERROR, "unreadable", "文件", reason) for reason in reasons)


def _removed(base: DocumentModel, document: DocumentModel) -> Iterator[Finding]:
    """Yield the required blanks that nobody answered and that are gone."""
    left = {blank.name for blank in document.blanks()}
    for blank in base.blanks():
        if blank.name in base.open_blanks() and blank.name not in left:
            said = f"必填内容“{blank.label}”被删去而没有填写，请补写"
            yield Finding(ERROR, "blank-removed", "全文", said)


def _lines(base: DocumentModel) -> Iterator[str]:
    yield base.title
    yield base.subtitle or ""
    for block, ordinal in numbered(base.blocks):
        for runs in runs_of(block):
            yield ordinal + say_runs(runs)
            yield say_runs(runs)


def _given(base: DocumentModel) -> Iterator[tuple[str, str]]:
    """Yield the texts of the draft that are no measure's, by the bookmark of their block; the title's by none."""
    yield "", base.title
    yield "", base.subtitle or ""
    for block in base.blocks:
        for runs in runs_of(block):
            yield (
                bookmark_of(block.id),
                "".join("，" if isinstance(run, NumberRun) else say_runs((run,)) for run in runs),
            )
