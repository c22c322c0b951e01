"""Has a source got something new since a version was returned? Only reads; whether a new run starts is decided above."""

from __future__ import annotations

import hashlib
from datetime import datetime

from obligations.rules.delivery import LIMIT_BYTES
from obligations.steps.gather.inbox import files_in, find, folder_of, place_of, read_settled
from obligations.steps.gather.query import fetch
from obligations.steps.gather.sources import Sources
from obligations.words.errors import BadInput, SourceNotReady
from obligations.words.obligation import Obligation
from obligations.words.sources import FolderSource, InboxSource, SqlSource


def has_changed(
    obligation: Obligation, period: str, sources: Sources, now: datetime, *, known: str | None, since: datetime
) -> bool:
    """Tell whether the source holds something else than the bytes with SHA-256 ``known``; of a folder, anything newer.

    False while nothing is there or what is there cannot be read whole. A file too large to be read is something else:
    ``gather`` refuses it with the reason. What is written from an event never changes by itself. Raises CatalogueFault or
    UnusableInput where looking is no use.
    """
    source = obligation.source
    try:
        if isinstance(source, InboxSource):
            file = find(obligation, source, period, sources.inbox, now)
            return file.stat().st_size > LIMIT_BYTES or _digest(read_settled(file, now)) != known
        if isinstance(source, SqlSource):
            return _digest(fetch(obligation, source, period, sources.engine_for(source.connection))) != known
        if isinstance(source, FolderSource):
            held = files_in(place_of(folder_of(obligation, source), sources.inbox))
            return any(status.st_mtime > since.timestamp() for _, status in held)
    except (SourceNotReady, BadInput, OSError):
        return False
    return False


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
