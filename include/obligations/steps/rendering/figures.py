"""``figures.json``: every number a document prints, with its measure, formula, source cells and where it was printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
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
        "measures": [_entry(measures[name], printed, snapshot, addresses) for name, printed in places.items()],
    }


def _entry(
    measure: Measure, printed: list[dict[str, Any]], snapshot: Snapshot | None, addresses: Mapping[int, str]
) -> dict[str, Any]:
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
        "printed": printed,
    }


def _input(cell: Cell) -> dict[str, Any]:
    return asdict(cell)
