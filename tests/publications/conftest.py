"""Reads rows as a department would deliver them, through the real reader and the real contract."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import pytest

from obligations.publications.registry import kind
from obligations.rules.delivery import Delivery
from obligations.rules.tabular import read_frame
from obligations.words.publication import Snapshot

REPOSITORY = Path(__file__).parents[2]
DEMO = REPOSITORY / "include" / "obligations" / "demo"
SHARED = REPOSITORY.parent / "shared" / "data"


@pytest.fixture
def demo_rows():
    """Return the rows of a demo file as text."""

    def read(name):
        with (DEMO / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture
def published_rows():
    """Return the rows of a file of published figures; skip where they are not beside the repository."""

    def read(name):
        if not (SHARED / name).is_file():
            pytest.skip(f"published figures are not here: {name} must lie in ../shared/data beside the repository")
        with (SHARED / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture(scope="session")
def analysed():
    """Return the analysis of rows delivered as one CSV file; keeps nothing between calls."""

    def analyse(name, rows, period):
        stream = io.StringIO()
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        data = stream.getvalue().encode()
        found = kind(name)
        frame = read_frame(data, found.contract, Delivery("rows.csv"))
        return found.analyse(frame, Snapshot("rows.csv", "rows.csv", hashlib.sha256(data).hexdigest()), period)

    return analyse
