"""What the API server keeps between requests because it is slow to make: catalogue, contacts, connections of the ledger.

Catalogue and contacts are read again once a file has changed. Of what is read of the ledger only that is kept which can never
change: how the work on a closed occurrence went, by the hash of its last event.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from obligations.orchestration.people import directory_of
from obligations.orchestration.settings import Settings
from obligations.rules.catalogue import load
from obligations.rules.contacts import Directory
from obligations.steps.ledger import Ledger, open_ledger
from obligations.steps.ledger.brief import Courses
from obligations.words.errors import Fault
from obligations.words.obligation import Obligation


def catalogue_of(settings: Settings) -> dict[str, Obligation]:
    """Return every obligation of the catalogue that this installation serves, by key."""
    return _kept(settings.catalogue, settings.jurisdictions, _state(settings.catalogue))[0]


def faults_of(settings: Settings) -> tuple[Fault, ...]:
    """Return what is wrong with the catalogue."""
    return _kept(settings.catalogue, settings.jurisdictions, _state(settings.catalogue))[1]


def people_of(settings: Settings) -> Directory:
    """Return who holds which role; raises as ``directory_of`` does."""
    path = settings.contacts
    state = path.stat() if path is not None and path.exists() else None
    return _kept_people(settings, (state.st_mtime_ns, state.st_size) if state is not None else None)


def ledger_of(settings: Settings) -> Ledger:
    """Return the ledger, open, for one page's reading; raises as ``open_ledger`` does. Never close it.

    What is sent piece by piece, at the pace of whoever takes it, opens a ledger of its own: it would hold one of the few
    connections for as long.
    """
    ledger = _kept_ledger(settings.ledger_url)
    ledger.require_ready()
    return ledger


def courses_of(settings: Settings) -> Courses:
    """Return how the work on the ledger's closed occurrences went, as far as a page has asked for it before."""
    return _kept_courses(settings.ledger_url)


def _state(root: Path) -> tuple[tuple[str, int], ...]:
    """Return what changes when a file does: each file's name and time. Asked for every page, so without a path each."""
    found: list[tuple[str, int]] = []
    if not root.is_dir():
        return ()
    with os.scandir(root) as folders:
        for folder in folders:
            if folder.is_dir():
                with os.scandir(folder) as files:
                    found += [(file.path, file.stat().st_mtime_ns) for file in files if file.name.endswith(".yaml")]
    return tuple(sorted(found))


@lru_cache(maxsize=2)
def _kept_courses(url: str) -> Courses:  # noqa: ARG001 - one ledger's each
    return Courses()


@lru_cache(maxsize=2)
def _kept_ledger(url: str) -> Ledger:
    return open_ledger(url)


@lru_cache(maxsize=2)
def _kept(
    root: Path,
    served: frozenset[str] | None,
    state: tuple[tuple[str, int], ...],  # noqa: ARG001 - the files' state is part of the cache key
) -> tuple[dict[str, Obligation], tuple[Fault, ...]]:
    found = load(root)
    mine = {k: each for k, each in found.obligations.items() if served is None or each.jurisdiction.slug in served}
    return mine, found.faults


@lru_cache(maxsize=2)
def _kept_people(settings: Settings, state: tuple[int, int] | None) -> Directory:  # noqa: ARG001 - part of the cache key
    return directory_of(settings)
