"""Checks a Word file that a person edited against the data it was drafted from. Pure; reading is ``edited_word``.

A mark of secrecy ends the check at once: nothing else of such a file may be repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from obligations.rules.drafts_check.figures_file import Figures
from obligations.rules.drafts_check.findings import ERROR, HINT, WARNING, Finding, House
from obligations.rules.drafts_check.layout import layout_findings
from obligations.rules.drafts_check.leftovers import leftover_findings, secrecy_findings
from obligations.rules.drafts_check.margins import margin_troubles
from obligations.rules.drafts_check.numbers import Numbers
from obligations.rules.drafts_check.wording import line_findings, sign_findings
from obligations.rules.edited_word.pieces import EditedWord

_ORDER = {ERROR: 0, WARNING: 1, HINT: 2}


def check_draft(
    word: EditedWord,
    figures: Figures,
    house: House,
    *,
    drafted: frozenset[str] = frozenset(),
    given: Mapping[str, frozenset[str]] | None = None,
    optional: frozenset[str] = frozenset(),
) -> tuple[Finding, ...]:
    """Return every finding, errors first.

    Args:
        word: the edited file.
        figures: of its draft.
        house: the words and identifiers that publications know.
        drafted: its lines as drafted, where the draft's model is at hand.
        given: numbers of the draft that are no measure's, by bookmark of their block.
        optional: labels of blanks that may stay open.
    """
    if secret := secrecy_findings(word):
        return secret
    found = dict.fromkeys(_findings(word, figures, house, drafted, dict(given or {}), optional))
    return tuple(sorted(found, key=lambda finding: _ORDER[finding.grade]))


def _findings(
    word: EditedWord,
    figures: Figures,
    house: House,
    drafted: frozenset[str],
    given: dict[str, frozenset[str]],
    optional: frozenset[str],
) -> Iterator[Finding]:
    numbers = Numbers(figures, given)
    numbers.compare(word)
    yield from numbers.findings
    yield from sign_findings(numbers.stated, house)
    for line in word.lines():
        yield from line_findings(line, house)
    yield from leftover_findings(word, house, drafted, optional)
    for trouble in margin_troubles(word, figures.watermark):
        said = f"有{trouble.what}，不能读回；请{trouble.fix}"
        yield Finding(ERROR, trouble.code, trouble.where, said, None, trouble.what)
    yield from layout_findings(word)
