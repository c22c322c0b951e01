"""SECURITY.md says how each threat is met and which test proves it: the tests must be there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from case_counts import tried

REPOSITORY = Path(__file__).parents[2]
TEXT = (REPOSITORY / "SECURITY.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| ")][
    1:
]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py(?:::\w+)?)`", TEXT)))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_every_threat_says_who_what_how_and_by_which_test(row):
    assert len(row) == 4
    assert all(row)
    assert re.search(r"`tests/", row[3]), "a defense that no test proves is a belief"
    tried("threat model: rows")


@pytest.mark.parametrize("name", NAMED)
def test_every_test_that_is_named_exists(name):
    file, _, test = name.partition("::")
    text = (REPOSITORY / file).read_text("utf-8")
    assert f"def {test or 'test_'}" in text


def test_every_file_of_the_suite_is_named():
    mine = {path.relative_to(REPOSITORY).as_posix() for path in Path(__file__).parent.glob("test_*.py")}
    unnamed = mine - {name.partition("::")[0] for name in NAMED} - {"tests/security/test_threat_model.py"}
    assert unnamed == set(), "say in SECURITY.md what it proves"


def test_it_fits_on_a_page_or_two():
    assert len(TEXT.splitlines()) < 80
