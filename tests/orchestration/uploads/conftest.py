"""A province's fiscal figures, drafted by a run that waits for its review."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import FIRST, Desk, make_desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return make_desk(tmp_path, monkeypatch)


@pytest.fixture
def at_review(desk: Desk) -> Desk:
    """Return the desk while the first version waits for its review."""
    desk.run(FIRST)
    return desk
