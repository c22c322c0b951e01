"""更正: a document that replaces a published one says so, and what it changes. Whether it may go out is the route's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from obligations.steps.rendering.cleaning import OPEN_MARK
from obligations.steps.rendering.compose import answered
from obligations.steps.rendering.difference import SIGNATURE, differences
from obligations.words.draft import Block, DocumentModel, Note, Signature, TextRun
from obligations.words.times import say_day

_NOTHING = "文字没有改动，数据和附件以本次公开的为准。"


def corrected(document: DocumentModel, published: DocumentModel, answers: Mapping[str, str | None]) -> DocumentModel:
    """Return the document with notes on what it corrects, before the signature.

    Args:
        document: as drafted anew.
        published: the final version that is public.
        answers: given anew; where there is none, the published answer to the same blank stands.
    """
    stood = {blank.name: blank.answer for blank in published.blanks() if blank.answer}
    asked = {blank.name for blank in document.blanks()}
    document = answered(
        document, {name: text for name, text in stood.items() if name in asked and not answers.get(name)}
    )
    document = answered(document, answers)
    changes = [
        change
        for change in differences(published, document)
        if change.place != SIGNATURE and OPEN_MARK not in change.after
    ]
    day = say_day(date.fromisoformat(published.dated or published.created_at[:10]))
    notes: list[Block] = [
        Note("correction.n1", (TextRun("更正：本信息首次公开于"), TextRun(day, "date"), TextRun("，现更正如下。")))
    ]
    told = [change.said() for change in changes] or [_NOTHING]
    notes += [Note(f"correction.n{count}", (TextRun(text, "given"),)) for count, text in enumerate(told, start=2)]
    signed = next((n for n, block in enumerate(document.blocks) if isinstance(block, Signature)), len(document.blocks))
    return replace(document, blocks=(*document.blocks[:signed], *notes, *document.blocks[signed:]))
