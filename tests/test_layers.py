"""Imports run downward only, the scheduler is fenced in, and what must be pure cannot reach the outside.

The modules are read, not imported, so that an import inside a function or under TYPE_CHECKING counts as well.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

REPOSITORY = Path(__file__).parents[1]
INCLUDE = REPOSITORY / "include"
PACKAGE = INCLUDE / "obligations"

# What each layer may import of the package, itself included. rules and publications lie side by side: the catalogue asks
# the registry which kinds there are, and neither knows more of the other.
REGISTRY = "obligations.publications.registry"
MAY_IMPORT = {
    "words": {"words"},
    "publications": {"words", "publications"},
    "rules": {"words", "rules", "publications"},
    "steps": {"words", "rules", "publications", "steps"},
    "orchestration": {"words", "rules", "publications", "steps", "orchestration"},
}
BELONGS = {
    "words": "a value object or an error",
    "rules": "a pure rule: catalogue, calendar, clock, contract",
    "publications": "one publication kind: its contract, its blanks, its measures",
    "steps": "one act on the world: gather, draft, publish, verify, ledger, notify",
    "orchestration": "what ties steps together, or knows Airflow, the environment or the clock",
}
PART_OF = {"rendering": "draft"}  # folders of steps/ that are the inside of one step
# Ways out of the program; what needs one is a step, or belongs to orchestration.
OUTSIDE = {
    "airflow", "alembic", "apprise", "fastapi", "fsspec", "http", "httpx", "requests", "shutil", "smtplib", "socket", "sqlalchemy",
    "sqlite3", "subprocess", "tempfile", "upath", "urllib3",
}  # fmt: skip


class Import(NamedTuple):
    """One import: the importing file, its line, and the dotted name of what is imported."""

    file: Path
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(REPOSITORY)}:{self.line} imports {self.name}"

    @property
    def layer(self) -> str:
        """Layer of the importing module; the package's own ``__main__`` is a door and counts as orchestration."""
        parts = self.file.relative_to(PACKAGE).parts
        return parts[0] if len(parts) > 1 else "orchestration"

    @property
    def target_layer(self) -> str | None:
        """Layer of the imported module, None if it is not ours."""
        parts = self.name.split(".")
        return parts[1] if parts[0] == "obligations" and len(parts) > 1 else None


def imports_of(file: Path) -> Iterator[Import]:
    """Yield every import of ``file``; ``from a import b`` counts as ``a.b``, a relative one is resolved."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"), file)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = [node.module] if node.module else []
            if node.level:
                base = [*file.relative_to(INCLUDE).parent.parts[: None if node.level == 1 else 1 - node.level], *base]
            for alias in node.names:
                yield Import(file, node.lineno, ".".join((*base, alias.name)))


@cache
def package_imports() -> tuple[Import, ...]:
    """Return every import of the package."""
    return tuple(found for file in sorted(PACKAGE.rglob("*.py")) for found in imports_of(file))


def complaint(wrong: list[Import], why: str) -> str:
    """Write the failure message: every wrong import, then what to do."""
    return "\n".join([*map(str, wrong), why])


def test_every_module_lies_in_a_layer():
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    assert folders == set(MAY_IMPORT), f"a folder that is no layer, or a layer that is gone; choose among: {BELONGS}"
    assert {path.name for path in PACKAGE.glob("*.py")} <= {"__init__.py", "__main__.py"}


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_a_layer_imports_only_itself_and_what_lies_below(layer):
    found = [each for each in package_imports() if each.layer == layer and each.target_layer]
    wrong = [each for each in found if each.target_layer not in MAY_IMPORT[layer]]
    where = "; ".join(f"{name} holds {what}" for name, what in BELONGS.items())
    assert not wrong, complaint(wrong, f"{layer} may import {sorted(MAY_IMPORT[layer])}. Move the code: {where}.")
    assert found, f"nothing of the package is imported in {layer}: has the layer moved?"


def test_rules_know_of_publications_only_which_there_are():
    known = [each for each in package_imports() if each.layer == "rules" and each.target_layer == "publications"]
    wrong = [each for each in known if not f"{each.name}.".startswith(f"{REGISTRY}.")]
    assert not wrong, complaint(wrong, f"Rules hold for every kind. They may ask {REGISTRY} for names, nothing else.")


def test_steps_never_import_one_another():
    wrong = []
    for each in package_imports():
        if each.layer == "steps" and each.target_layer == "steps":
            own = each.file.relative_to(PACKAGE / "steps").parts[0].removesuffix(".py")
            other = each.name.split(".")[2]
            if PART_OF.get(own, own) != PART_OF.get(other, other):
                wrong.append(each)
    assert not wrong, complaint(
        wrong,
        "A step does one thing. What two need is a rule or a word; what ties two together belongs in orchestration.",
    )


def test_only_orchestration_imports_airflow():
    found = [each for each in package_imports() if each.name.split(".")[0] == "airflow"]
    wrong = [each for each in found if each.layer != "orchestration"]
    assert not wrong, complaint(wrong, "Move what needs Airflow to orchestration and hand plain values down.")
    assert found, "no module imports airflow: has the package moved?"


@pytest.mark.parametrize("layer", ["words", "rules", "publications"])
def test_pure_layers_have_no_way_outside(layer):
    wrong = [each for each in package_imports() if each.layer == layer and each.name.split(".")[0] in OUTSIDE]
    wrong += [each for each in package_imports() if each.layer == layer and each.name.startswith("urllib.request")]
    assert not wrong, complaint(wrong, f"{layer} is pure. What reads or writes the world is a step.")


def test_words_need_only_the_standard_library_and_pydantic():
    allowed = {*sys.stdlib_module_names, "obligations", "pydantic", "pydantic_core"}
    allowed.add("pandas")  # in annotations alone: the next test sees that it is never loaded
    wrong = [each for each in package_imports() if each.layer == "words" and each.name.split(".")[0] not in allowed]
    assert not wrong, complaint(wrong, "words are values. What computes with a library is a rule.")


def test_what_airflow_parses_loads_nothing_heavy():
    modules = [f"obligations.words.{path.stem}" for path in sorted((PACKAGE / "words").glob("*.py"))]
    program = f"import {', '.join(modules)}, obligations.orchestration.dags, sys; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in answer.stdout.split()}
    assert "pydantic" in loaded
    heavy = loaded & {"docx", "matplotlib", "openpyxl", "pandas", "pandera"}
    assert not heavy, f"{sorted(heavy)} would be loaded each time a DAG file is parsed: import it inside the function"


@pytest.mark.parametrize("folder", ["dags", "plugins"])
def test_dag_files_and_plugins_only_point_at_orchestration(folder):
    found = [each for file in sorted((REPOSITORY / folder).glob("*.py")) for each in imports_of(file)]
    ours = ("airflow.", "obligations.orchestration.")
    wrong = [
        each
        for each in found
        if not each.name.startswith(ours) and each.name.split(".")[0] not in sys.stdlib_module_names
    ]
    assert not wrong, complaint(wrong, f"{folder}/ says which; how is obligations.orchestration.")
    assert found
