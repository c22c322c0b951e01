"""Makes text from people and sources harmless before it enters a document. Escaping for HTML and XML is the renderers'."""

from __future__ import annotations

import re
import unicodedata

from obligations.words.draft import BlankRun
from obligations.words.errors import UnusableInput

ANSWER_LIMIT = 2000
"""Characters an answer to one blank may have; a longer text belongs into an uploaded document."""
OPEN_MARK = "【待填写"
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->")
_SPACE = re.compile(r"\s+")


def clean(text: str) -> str:
    """Return ``text`` on one line without control, format, private-use and unassigned characters."""
    if text.isprintable() and "  " not in text:  # nearly every text; no other white space is printable
        return text.strip()
    spaced = _SPACE.sub(" ", text)
    kept = "".join(character for character in spaced if unicodedata.category(character)[0] != "C")
    return kept.strip()


def clean_answer(blank: BlankRun, answer: str | None) -> str | None:
    """Return an answer as plain text without tags; None where nothing was answered.

    Raises UnusableInput if it is too long or still asks to be filled in.
    """
    text = clean(_MARKUP.sub("", answer or ""))
    if len(text) > ANSWER_LIMIT:
        raise UnusableInput(f"“{blank.label}”填写了{len(text)}字，应不超过{ANSWER_LIMIT}字")
    if OPEN_MARK in text:
        raise UnusableInput(f"“{blank.label}”的填写内容里还有“{OPEN_MARK}”字样，应改为实际内容")
    return text or None
