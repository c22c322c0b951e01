"""Drafts of every publication kind: what each is made from is ``obligations.orchestration.documents.specimens``, to be extended there."""

from __future__ import annotations

import pytest

from obligations.orchestration.documents.specimens import specimen


@pytest.fixture(scope="session")
def case():
    """Return what a kind is drafted from: its figures, other bytes in their place, or an event."""
    return specimen
