"""Which uploaded file the next version is made of. Only reads an occurrence's events; receiving one is ``receiving``."""

from __future__ import annotations

from collections.abc import Iterable

from obligations.steps.ledger import EventKind, LedgerEvent


def waiting_upload(events: Iterable[LedgerEvent]) -> LedgerEvent | None:
    """Return the last uploaded file that no version has been made of; asking for a new draft (重拟) puts it aside."""
    waiting: LedgerEvent | None = None
    for event in events:
        waiting = _after(waiting, event)
    return waiting


def taken_upload(events: Iterable[LedgerEvent]) -> LedgerEvent | None:
    """Return the uploaded file that the run which last opened the occurrence works on; None where it works on data.

    A run that ended before it made the version leaves the file to the next one.
    """
    waiting: LedgerEvent | None = None
    taken: LedgerEvent | None = None
    for event in events:
        waiting = _after(waiting, event)
        if event.kind == EventKind.OPENED:
            taken = waiting
    return taken


def is_newly_uploaded(since_opened: Iterable[LedgerEvent]) -> bool:
    """Whether a file was uploaded since a run last opened the occurrence, and not put aside."""
    return waiting_upload(since_opened) is not None


def _after(waiting: LedgerEvent | None, event: LedgerEvent) -> LedgerEvent | None:
    if event.kind == EventKind.UPLOADED:
        return event
    if event.kind == EventKind.CORRECTED and event.payload.get("redraft") is True:
        return None
    if waiting is not None and event.kind == EventKind.DRAFTED:
        return None if event.payload.get("upload") == waiting.payload["sha256"] else waiting
    return waiting
