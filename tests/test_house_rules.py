"""The rules of the house that a review would otherwise repeat, each failure saying what to do instead."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from obligations.publications import registry
from obligations.rules.catalogue import Catalogue, jurisdictions, load, load_one

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "include" / "obligations"
CATALOGUE = PACKAGE / "catalogue"
TEMPLATES = REPOSITORY / "templates" / "drafts"
MODULES = sorted([*PACKAGE.rglob("*.py"), *(REPOSITORY / "dags").glob("*.py"), *(REPOSITORY / "plugins").glob("*.py")])
MOST_LINES = 300

# Modules of orchestration that may read the clock or the environment, because a process or a callback starts there.
DOORS = {
    "sources/arrival.py": "a trigger, started by the triggerer",
    "callbacks.py": "a deadline's callback, started by the triggerer",
    "commands/cli.py": "the command line",
    "sources/connections.py": "the environment's addresses of departmental databases",
    "demo/demo.py": "make run",
    "demo/embedded.py": "the environment of the processes it starts",
    "pages/clock.py": "a page, asked for by a browser",
    "tasks/doors.py": "a task, started by the executor",
    "demo/site.py": "the site of make run",
    "accountability/feedback_over.py": "a trigger, started by the triggerer",
    "publication/sighting.py": "a trigger, started by the triggerer",
    "settings.py": "the environment",
    "timetable.py": "Airflow asks for the next run without saying what time it is",
}
CLOCKS = {
    ("date", "today"), ("datetime", "now"), ("datetime", "today"), ("datetime", "utcnow"), ("pendulum", "now"),
    ("pendulum", "today"), ("time", "localtime"), ("time", "monotonic"), ("time", "time"), ("time", "time_ns"),
    ("timezone", "utcnow"), ("Timestamp", "now"), ("Timestamp", "today"),
}  # fmt: skip
ENVIRONMENT = {
    ("os", "environ"),
    ("os", "environb"),
    ("os", "getenv"),
    ("Path", "cwd"),
    ("Path", "home"),
    ("os", "getcwd"),
}
COMES_WITH = {
    "airflow": "apache-airflow", "markupsafe": "jinja2", "pydantic_core": "pydantic", "starlette": "fastapi",
}  # fmt: skip
AWAITING = {"land-price-quarterly"}
"""Kinds whose occurrence does not arise from a clause of its own: land prices are ordered in one breath with land supply,
and an installation enters them beside it.
"""
OTHER_DAG_FILES = {"catalogue_faults", "record_decision", "report_event", "sweep", "watch_pages"}


@cache
def files_of_the_repository() -> tuple[Path, ...]:
    """Return what git tracks and what it would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return tuple(path for name in answer.stdout.split("\0") if name and (path := REPOSITORY / name).is_file())


@cache
def catalogue() -> Catalogue:
    """Return the whole catalogue."""
    return load(CATALOGUE)


def told(path: Path) -> str:
    """Return the path as messages write it."""
    return path.relative_to(REPOSITORY).as_posix()


@pytest.mark.parametrize("module", MODULES, ids=told)
def test_a_module_is_a_page_or_two(module):
    lines = len(module.read_text("utf-8").splitlines())
    assert lines <= MOST_LINES, f"{told(module)} has {lines} lines; past {MOST_LINES} it is two things: part them"


def test_no_module_is_a_place_that_anything_may_enter():
    drawers = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
    found = [told(path) for path in files_of_the_repository() if path.stem in drawers or path.parent.name in drawers]
    assert not found, f"name them for what they hold: {found}"


def test_only_doors_read_the_clock_or_the_environment():
    reading = {}
    for module in MODULES:
        found = [f"{told(module)}:{line} {name}" for line, name in readings(module)]
        if found:
            reading[told(module)] = found
    doors = {told(PACKAGE / "orchestration" / name) for name in DOORS}
    wrong = [place for module, places in reading.items() if module not in doors for place in places]
    assert not wrong, "\n".join(
        [*wrong, "Take it as an argument (now, environment) from the door that starts the process."]
    )
    assert not doors - set(reading), f"no longer read either, strike them from DOORS: {sorted(doors - set(reading))}"


def readings(module: Path) -> Iterator[tuple[int, str]]:
    """Yield line and name of every read of the clock or the environment; ``dt.datetime.now`` counts as ``datetime.now``."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"), module)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            if (owner, node.attr) in CLOCKS | ENVIRONMENT:
                yield node.lineno, f"{owner}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                if (node.module, alias.name) in CLOCKS | ENVIRONMENT:
                    yield node.lineno, f"{node.module}.{alias.name}"


def test_every_jurisdiction_has_one_dag_file_and_all_are_the_same():
    files = {path.stem: path.read_bytes() for path in (REPOSITORY / "dags").glob("*.py")}
    expected = {*jurisdictions(CATALOGUE), *OTHER_DAG_FILES}
    assert set(files) == expected, "one file in dags/ for each folder of the catalogue, named like it"
    bodies = {files[name] for name in jurisdictions(CATALOGUE)}
    assert len(bodies) == 1, "the files of jurisdictions differ in their names alone; copy one of them unchanged"
    for name, body in files.items():
        assert b"airflow" in body.lower(), f"dags/{name}.py never says airflow: Airflow would skip it without a word"
        assert b"dag" in body.lower(), f"dags/{name}.py never says dag: Airflow would skip it without a word"


def test_nothing_shadows_the_package():
    found = [told(path) for folder in ("dags", "plugins") for path in (REPOSITORY / folder).rglob("obligations*")]
    shadows = [name for name in found if Path(name).name in {"obligations", "obligations.py"}]
    assert not shadows, f"dags/ and plugins/ come first on sys.path, rename: {shadows}"


@pytest.mark.parametrize("file", sorted(CATALOGUE.glob("*/*.yaml")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_file_of_the_catalogue_loads_by_itself(file):
    if file.stem == "_document":
        assert file.parent.name in jurisdictions(CATALOGUE)
        return
    key = f"{file.parent.name}/{file.stem}"
    obligation = load_one(CATALOGUE, key)
    assert obligation.key == key
    assert obligation == catalogue().obligations[key], "alone it must be the same as in the whole catalogue"
    assert registry.kind(obligation.publication).name == obligation.publication


def test_every_folder_of_the_catalogue_has_its_document():
    folders = sorted(path.name for path in CATALOGUE.iterdir() if path.is_dir())
    assert folders == jurisdictions(CATALOGUE)


def test_the_catalogue_has_no_fault():
    assert "\n".join(map(str, catalogue().faults)) == ""


def test_publication_kinds_are_defined_used_and_have_a_template():
    used = {obligation.publication for obligation in catalogue().obligations.values()}
    templates = {path.stem for path in TEMPLATES.glob("*.j2") if not path.stem.startswith("_")}
    assert set(registry.NAMES) - AWAITING == used, (
        "a kind that no obligation uses, or one that is not in registry.NAMES"
    )
    assert set(registry.NAMES) == templates, f"each kind has one template in {told(TEMPLATES)}, named like it"


@pytest.mark.parametrize("name", registry.NAMES)
def test_a_publication_kind_is_named_like_its_module_and_works_in_one_way(name):
    found = registry.kind(name)
    assert (PACKAGE / "publications" / f"{name.replace('-', '_')}.py").is_file()
    assert found.name == name
    assert (found.analyse is None) == (found.contract is None), "a data contract goes with analyse"
    ways = [way for way in (found.analyse, found.describe, found.arrange, found.survey) if way is not None]
    assert len(ways) == 1, "a kind works from data, an event, a delivered document or the inbox: one of them"
    names = [blank.name for blank in found.blanks]
    assert len(names) == len(set(names))


def test_no_file_holds_leftovers_or_paths_of_one_machine():
    unwanted = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X])\b|(?<![\w.])/(?:home|root|Users|work)/\w+")
    found = [
        f"{told(path)}:{number} {match[0]}"
        for path, lines in texts()
        for number, line in enumerate(lines, start=1)
        if (match := unwanted.search(line))
    ]
    assert not found, "\n".join([*found, "Do it or open an issue; a path starts where the reader's clone does."])


def texts() -> Iterator[tuple[Path, list[str]]]:
    """Yield every text file of the repository with its lines."""
    for path in files_of_the_repository():
        try:
            yield path, path.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # a picture, a workbook, a fixture in another encoding


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_every_requirement_is_pinned(name):
    pinned = pins(REPOSITORY / f"{name}.txt")
    for requirement in requirements(REPOSITORY / f"{name}.in"):
        key = canonicalize_name(requirement.name)
        assert key in pinned, f"{requirement} is not pinned in {name}.txt; run make lock"
        for version in pinned[key]:
            assert requirement.specifier.contains(version), (
                f"{name}.txt pins {key} {version}, not {requirement}; run make lock"
            )


def test_development_and_production_pin_the_same_versions():
    production, development = pins(REPOSITORY / "requirements.txt"), pins(REPOSITORY / "requirements-dev.txt")
    differing = {key for key in production.keys() & development.keys() if not development[key] <= production[key]}
    assert not differing, f"run make lock; {sorted(differing)}"


def test_every_library_that_is_imported_is_a_stated_requirement():
    stated = {canonicalize_name(requirement.name) for requirement in requirements(REPOSITORY / "requirements.in")}
    provided = packages_distributions()
    missing = {}
    for module in PACKAGE.rglob("*.py"):
        for library in libraries(module):
            owners = {canonicalize_name(owner) for owner in provided.get(library, [library])}
            if library in COMES_WITH:
                owners = {COMES_WITH[library]}
            if not owners & stated:
                missing.setdefault("/".join(sorted(owners)), set()).add(told(module))
    assert not missing, f"state them in requirements.in and run make lock: {missing}"


def libraries(module: Path) -> set[str]:
    """Return the top-level names of the libraries that ``module`` imports."""
    names = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"), module)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - {"obligations"}


def requirements(file: Path) -> list[Requirement]:
    """Read the requirements of a file; comments and options such as ``-c`` and ``--hash`` are none."""
    lines = (line.partition("#")[0].strip(" \\") for line in file.read_text("utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def pins(file: Path) -> dict[str, set[str]]:
    """Return the pinned versions by canonical name; markers may pin one library twice."""
    found: dict[str, set[str]] = {}
    for requirement in requirements(file):
        (exact,) = requirement.specifier
        assert exact.operator == "==", f"{file.name}: {requirement} is not pinned"
        found.setdefault(canonicalize_name(requirement.name), set()).add(exact.version)
    return found


def test_every_lint_exception_has_its_reason():
    text = (REPOSITORY / "pyproject.toml").read_text("utf-8")
    lint = tomllib.loads(text)["tool"]["ruff"]["lint"]
    rules = [*lint["ignore"], *(rule for rules in lint["per-file-ignores"].values() for rule in rules)]
    bare = [f"pyproject.toml {rule}" for rule in rules if not re.search(rf'"{rule}"[^\n]*# \w', text)]
    bare += [
        f"{told(path)}:{number}"
        for path, lines in texts()
        for number, line in enumerate(lines, start=1)
        if path.suffix == ".py" and re.search(r"# noq[a](?!: [A-Z]+\d+(, [A-Z]+\d+)* - \w)", line)
    ]
    assert not bare, f"write the rule and why: `# noqa: S608 - only question marks`; {bare}"
