"""The kinds there are, and that listing their blanks loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

from obligations.publications.registry import NAMES, kind
from obligations.words.errors import UnusableInput


def test_an_unknown_kind_is_refused_with_the_kinds_there_are():
    with pytest.raises(UnusableInput, match="没有名为“weather”的发布类型，应为：accountability、"):
        kind("weather")


def test_blanks_and_contracts_are_listed_without_loading_pandas():
    program = (
        "import sys; from obligations.publications.registry import NAMES, kind\n"
        "print(sum(len(kind(name).blanks) for name in NAMES)); print(*sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    count, modules = answer.stdout.splitlines()
    assert int(count) >= len(NAMES)
    assert not {"pandas", "pandera", "docx", "jinja2"} & set(modules.split())


@pytest.mark.parametrize("name", NAMES)
def test_blanks_are_labeled_for_people(name):
    for blank in kind(name).blanks:
        assert blank.name.replace("_", "").isalpha()
        assert blank.name.isascii()
        assert blank.label


@pytest.mark.parametrize("name", [name for name in NAMES if kind(name).contract])
def test_a_contract_names_only_its_own_columns(name):
    contract = kind(name).contract
    columns = {column.name for column in contract.columns}
    assert set(contract.unique) <= columns
    assert contract.required_rows is None or contract.required_rows[0] in columns
    assert all(column.expects for column in contract.columns)
