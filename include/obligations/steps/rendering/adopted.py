"""``figures.json`` of a version that a person edited: what still stands as the data have it, and what was overwritten by hand.

A number changed by hand is no measure any more; it is listed, so that nobody takes it for one. Whether it may go out is
for those who review it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from obligations.steps.rendering.figures import printed_numbers
from obligations.steps.rendering.text import plain_text
from obligations.words.draft import DocumentModel


@dataclass(frozen=True, slots=True)
class Overwritten:
    """A printed measure that a person changed.

    Attributes:
        measure: its id; printed: as drafted; instead: what stands there now; where: for people.
    """

    measure: str
    printed: str
    instead: str
    where: str


def adopted_figures(
    figures: Mapping[str, Any], document: DocumentModel, overwritten: Iterable[Overwritten]
) -> dict[str, Any]:
    """Return the figures file of ``document``, an edited version of the one that ``figures`` belongs to.

    Numbers are counted anew; of a measure that is printed nowhere any more nothing is left, nor of an offer whose blank
    is gone. What an earlier version overwrote stays on the list while it stands in the text.
    """
    places: dict[str, list[dict[str, Any]]] = {}
    for count, (block, run) in enumerate(printed_numbers(document), start=1):
        places.setdefault(run.measure, []).append({"number": count, "block": block, "printed": run.printed})
    known = {entry["id"]: entry for entry in figures["measures"]}
    blanks = {blank.name for blank in document.blanks()}
    text = plain_text(document)
    before = [each for each in figures.get("overwritten", []) if each["instead"] in text]
    changed = [*before, *(_entry(each, known) for each in overwritten)]
    return {
        **figures,
        "title": document.title,
        "measures": [
            {**entry, "printed": places[entry["id"]]} for entry in figures["measures"] if entry["id"] in places
        ],
        "offered": [entry for entry in figures.get("offered", []) if entry["blank"] in blanks],
        "overwritten": [each for count, each in enumerate(changed) if each not in changed[:count]],
    }


def _entry(each: Overwritten, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {**asdict(each), "label": known.get(each.measure, {}).get("label", each.measure)}
