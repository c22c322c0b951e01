"""Has a source got something new since a version was returned? Only reads; whether a new run starts is decided above."""

from __future__ import annotations

import hashlib
from datetime import datetime

from obligations.steps.gather.inbox import EDITED, find, folder_of, is_temporary, place_of, read_settled
from obligations.steps.gather.query import fetch
from obligations.steps.gather.sources import Sources
from obligations.words.errors import BadInput, SourceNotReady
from obligations.words.obligation import Obligation
from obligations.words.sources import FolderSource, InboxSource, SqlSource


def has_changed(
    obligation: Obligation, period: str, sources: Sources, now: datetime, *, known: str | None, since: datetime
) -> bool:
    """Tell whether the source holds something else than the bytes with SHA-256 ``known``; of a folder, anything newer.

    False while nothing is there or what is there cannot be read whole. What is written from an event never changes by
    itself. Raises CatalogueFault or UnusableInput where looking is no use.
    """
    source = obligation.source
    try:
        if isinstance(source, InboxSource):
            return _digest(read_settled(find(obligation, source, period, sources.inbox, now), now)) != known
        if isinstance(source, SqlSource):
            return _digest(fetch(obligation, source, period, sources.engine_for(source.connection))) != known
        if isinstance(source, FolderSource):
            return _has_newer(obligation, source, sources, since)
    except (SourceNotReady, BadInput):
        return False
    return False


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _has_newer(obligation: Obligation, source: FolderSource, sources: Sources, since: datetime) -> bool:
    place = place_of(folder_of(obligation, source), sources.inbox)
    found = (path for path in place.rglob("*") if path.relative_to(place).parts[0] != EDITED)
    files = (path for path in found if path.is_file() and not is_temporary(path.name))
    return any(path.stat().st_mtime > since.timestamp() for path in files)
