"""A final version, and servers to take it to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from final_versions import final_version

from obligations.steps.publish import Parcel, read_parcel
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 9, 30, 16, 0, tzinfo=SHANGHAI)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def parcel(tmp_path: Path) -> Callable[..., Parcel]:
    """Return a function that makes a parcel; ``text`` is the page's, ``corrects`` an address."""

    def make(text: str = "收入增长", version: int = 1, corrects: str | None = None) -> Parcel:
        folder = tmp_path / f"v{version}-final"
        files = {"page.html": f"<html><body><p>{text}</p></body></html>", "table-1.csv": "项目,数\n收入,1\n"}
        return read_parcel(folder, final_version(folder, files, version=version), corrects)

    return make
