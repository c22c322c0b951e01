"""The 信息发布审批单 beside a draft: what is to be approved, and room for whoever checks and signs. Never part of what goes out.

Its words are the office's own, in ``templates/drafts/_approval.j2``. It is paper's: what counts in the ledger is who
approved there, and the signed scan proves it besides.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from obligations.steps.rendering.compose import compose
from obligations.words.draft import DateWords, DocumentModel
from obligations.words.errors import TemplateFault
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Occurrence
from obligations.words.publication import Analysis
from obligations.words.times import say_due

FORM = "_approval.j2"
WORDS = (
    "title", "key", "obligation_title", "period", "version", "publisher", "file", "sha256", "basis", "due", "provisional",
    "derivation",
)  # fmt: skip
"""What the form's template may use."""
_GROUP = 16


def approval_form(
    document: DocumentModel, obligation: Obligation, occurrence: Occurrence, file: str, sha256: str, templates: Path
) -> DocumentModel:
    """Return the form for one draft.

    Args:
        document: the draft.
        obligation: its duty.
        occurrence: the one it meets, with the derivation of its due date.
        file: name of the file that is read and signed for.
        sha256: of its bytes.
        templates: folder that holds ``drafts/``.

    Raises TemplateFault if the form's template is missing or faulty.
    """
    path = templates / "drafts" / FORM
    if not path.is_file():
        raise TemplateFault(f"没有信息发布审批单的模板 {FORM}，应放在 {path.parent} 下")
    source = obligation.document
    number = f"（{source.number}）" if source.number else ""
    words = {
        "title": document.title,
        "key": document.key,
        "obligation_title": obligation.title,
        "period": document.period,
        "version": f"第{document.version}稿",
        "publisher": document.publisher,
        "file": file,
        # in groups, to be compared by eye and to break across lines
        "sha256": " ".join(sha256[start : start + _GROUP] for start in range(0, len(sha256), _GROUP)),
        "basis": f"{source.cited}{number}{obligation.clause}",
        "due": DateWords(say_due(occurrence.due_at)),
        "provisional": occurrence.due.provisional,
        "derivation": occurrence.due.derivation,
    }
    page = compose(FORM, path.read_text(encoding="utf-8"), Analysis({}), (), words, document.publisher)
    return replace(
        document, title=page.title, subtitle=page.subtitle, final=True, warnings=(), blocks=tuple(page.blocks)
    )
