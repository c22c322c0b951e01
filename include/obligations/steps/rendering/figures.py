"""``figures.json``: every number a document prints, with its measure, formula, source cells and where it was printed.

What is offered inside a blank has a list of its own: whether it will be printed is for the author to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from obligations.words.draft import DocumentModel, NumberRun, runs_of
from obligations.words.publication import Cell, Measure, Snapshot


def printed_numbers(document: DocumentModel) -> Iterator[tuple[str, NumberRun]]:
    """Yield every number in reading order with the id of its block; the renderers count them in this order."""
    for block in document.blocks:
        for runs in runs_of(block):
            yield from ((block.id, run) for run in runs if isinstance(run, NumberRun))


def figures(
    document: DocumentModel, measures: Mapping[str, Measure], snapshot: Snapshot | None, addresses: Mapping[int, str]
) -> dict[str, Any]:
    """Return the figures file as JSON-ready values.

    Args:
        document: as drafted.
        measures: of its analysis; those not printed are left out.
        snapshot: the source file, if there is one.
        addresses: public address of a source row, by row number.
    """
    places: dict[str, list[dict[str, Any]]] = {}
    for count, (block, run) in enumerate(printed_numbers(document), start=1):
        places.setdefault(run.measure, []).append({"number": count, "block": block, "printed": run.printed})
    return {
        "key": document.key,
        "period": document.period,
        "title": document.title,
        "watermark": document.watermark,
        "sources": [{"file": snapshot.file, "sha256": snapshot.sha256, "address": snapshot.address}]
        if snapshot
        else [],
        "measures": [
            {**_entry(measures[name], snapshot, addresses), "printed": printed} for name, printed in places.items()
        ],
        "offered": [
            {"blank": blank, **_entry(measures[name], snapshot, addresses), "printed": list(dict.fromkeys(printed))}
            for (blank, name), printed in _offers(document).items()
        ],
    }


def as_published(figures: dict[str, Any], document: DocumentModel) -> dict[str, Any]:
    """Return the figures file of a final version: of what was offered, only what stands in the answers.

    What a person overwrote is for the reviewers; of that the public file says nothing.
    """
    answers = {blank.name: blank.answer or "" for blank in document.blanks()}
    offered = [
        entry
        for entry in figures.get("offered", [])
        if any(_stands_in(printed, answers.get(entry["blank"], "")) for printed in entry["printed"])
    ]
    return {**{name: value for name, value in figures.items() if name != "overwritten"}, "offered": offered}


def _offers(document: DocumentModel) -> dict[tuple[str, str], list[str]]:
    """Return how each number was offered, by blank and measure, in reading order."""
    found: dict[tuple[str, str], list[str]] = {}
    for blank in document.blanks():
        for run in blank.offered:
            found.setdefault((blank.name, run.measure), []).append(run.printed)
    return found


def _stands_in(printed: str, answer: str) -> bool:
    """Say whether an answer has a number as it was offered, and not as a part of a longer one."""
    return re.search(rf"(?<![\d.,]){re.escape(printed)}(?!\d|[.,]\d)", answer) is not None


def _entry(measure: Measure, snapshot: Snapshot | None, addresses: Mapping[int, str]) -> dict[str, Any]:
    found = [addresses[cell.row] for cell in measure.inputs if cell.row in addresses]
    fallback = [snapshot.address] if snapshot and snapshot.address and measure.inputs else []
    return {
        "id": measure.id,
        "label": measure.label,
        "value": None if measure.value is None else format(measure.value, "f"),
        "unit": measure.unit,
        "places": measure.places,
        "formula": measure.formula,
        "inputs": [_input(cell) for cell in measure.inputs],
        "addresses": list(dict.fromkeys(found)) or fallback,
    }


def _input(cell: Cell) -> dict[str, Any]:
    return {"file": cell.file, "sha256": cell.sha256, "row": cell.row, "column": cell.column, "value": cell.value}
