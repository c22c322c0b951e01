"""Documents that cannot drift: commands are run, examples are loaded, paths, variables and links are looked up.

A fenced block is read by its language: ``sh`` lines are run in order, ``console`` shows a command and its exact output,
``yaml``, ``python``, ``jinja`` and ``csv`` are files whose first line or the line above names them, ``text`` is a picture.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from obligations.orchestration.commands.arguments import build_parser
from obligations.publications import registry
from obligations.rules import resolution
from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load, load_one
from obligations.rules.occurrences import occurrence_of
from obligations.rules.periods import period_from_key
from obligations.steps.draft import draft
from obligations.steps.gather import Sources, gather_file, load_frame
from obligations.words.times import SHANGHAI

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "include" / "obligations"
READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = (*READMES, "CONTRIBUTING.md", "CHANGELOG.md")
GUIDES = tuple(sorted(f"docs/{path.name}" for path in (REPOSITORY / "docs").glob("*.md")))
MAKE_TARGETS = re.compile(r"^([a-z-]+):(?!=)", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block of a document."""

    language: str
    text: str

    @property
    def named(self) -> str | None:
        """The file it is, from a first line ``# path`` or ``{# path #}``."""
        match = re.match(r"(?:# |\{# )([\w./-]+/[\w.-]+)(?: #\})?\n", self.text)
        return match[1] if match else None


def read(document: str) -> str:
    """Return the text of a document."""
    return (REPOSITORY / document).read_text("utf-8")


def blocks(document: str, *languages: str) -> list[Block]:
    """Return the fenced blocks of a document in these languages, or all."""
    found = [Block(*match) for match in re.findall(r"^```(\w*)\n(.*?)^```$", read(document), re.DOTALL | re.MULTILINE)]
    return [block for block in found if block.language in languages or not languages]


def prose(document: str) -> str:
    """Return a document without its fenced blocks."""
    return re.sub(r"^```\w*\n.*?^```$", "", read(document), flags=re.DOTALL | re.MULTILINE)


@pytest.fixture
def registered(monkeypatch):
    """Register the example's publication kind, as the document says to do last."""
    names = (*registry.NAMES, "bus-service-monthly")
    monkeypatch.setattr(registry, "NAMES", names)
    monkeypatch.setattr(resolution, "NAMES", names, raising=False)


@pytest.fixture
def clone(tmp_path):
    """Make a folder that looks like the clone, with a catalogue of its own; what commands write stays in it."""
    for path in REPOSITORY.iterdir():
        if path.name in {"dags", "include", "templates"}:
            shutil.copytree(path, tmp_path / path.name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    return tmp_path


def run(clone, line):
    """Run ``obligations …`` as a reader of the document would, and return what it printed."""
    catalogue, home = clone / "include" / "obligations" / "catalogue", clone / "var"
    state = {
        "OBLIGATIONS_HOME": str(home),
        "OBLIGATIONS_CATALOGUE": str(catalogue),
        "AIRFLOW_HOME": str(home / "airflow"),
    }
    answer = subprocess.run(
        [sys.executable, "-m", "obligations", *shlex.split(line)[1:]],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "include"), **state},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, f"{line}\n{answer.stdout}{answer.stderr}"
    if "--json" in line:
        json.loads(answer.stdout)
    return answer.stdout


def write_examples(clone, document):
    """Write the files that the document's examples are."""
    for block in blocks(document, "yaml", "python", "jinja"):
        assert block.named, f"{document}: the first line of an example names its file:\n{block.text}"
        place = clone / block.named
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(block.text, "utf-8")


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_command_shown_can_be_run(document, clone):
    write_examples(clone, document)
    targets = set(MAKE_TARGETS.findall(read("Makefile")))
    for block in blocks(document, "sh"):
        for line in block.text.splitlines():
            words = [word for word in shlex.split(line, comments=True) if not re.fullmatch(r"[A-Z]+=\S*", word)]
            if not words:
                continue
            if words[0] == "make":
                assert set(words[1:]) <= targets, f"{document}: {line}: the Makefile has {sorted(targets)}"
            elif words[0] == "cp":
                shutil.copyfile(clone / words[1], clone / words[2])
            elif words[0] == "obligations":
                run(clone, line)
            else:
                assert words[0] in {"cd", "git"}, f"{document}: this test does not know how to try: {line}"


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_output_shown_is_what_is_printed(document, clone):
    for block in blocks(document, "console"):
        command, _, expected = block.text.partition("\n")
        assert command.startswith("$ obligations "), command
        assert run(clone, command.removeprefix("$ ")).splitlines() == expected.splitlines()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_block_says_what_it_is(document):
    known = {"sh", "console", "yaml", "python", "jinja", "csv", "text"}
    assert {block.language for block in blocks(document)} <= known


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_examples_of_the_catalogue_load(document, clone, registered):
    write_examples(clone, document)
    catalogue = clone / "include" / "obligations" / "catalogue"
    assert load(catalogue).faults == ()
    written = [Path(name) for block in blocks(document, "yaml") if (name := block.named) and "/catalogue/" in name]
    for path in written:
        if path.stem != "_document":
            load_one(catalogue, f"{path.parent.name}/{path.stem}")


def test_the_example_of_a_publication_kind_drafts_its_publication(clone, registered):
    write_examples(clone, "CONTRIBUTING.md")
    (delivered,) = blocks("CONTRIBUTING.md", "csv")
    (module,) = blocks("CONTRIBUTING.md", "python")
    spec = importlib.util.spec_from_file_location("example_kind", clone / module.named)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    kind = example.KIND
    assert Path(module.named).stem == kind.name.replace("-", "_")
    (obligation,) = [
        one
        for one in load(clone / "include/obligations/catalogue").obligations.values()
        if one.publication == kind.name
    ]
    period = period_from_key(obligation.clock, "2026-09")
    file = clone / f"{period.key}.csv"
    file.write_text(delivered.text, "utf-8")
    os.utime(file, (0, 0))
    sources = Sources(clone / "inbox", clone / "store", clone / "quarantine", lambda _: None)
    snapshot = gather_file(file, kind.contract, sources=sources, now=datetime.now(SHANGHAI))
    made = draft(
        obligation,
        occurrence_of(obligation, period, load_calendar()),
        kind,
        snapshot,
        load_frame(snapshot, kind.contract),
        version=1,
        out=clone / "draft",
        created_at=datetime(2026, 10, 9, 10, tzinfo=SHANGHAI),
        templates=clone / "templates",
    )
    printed = [line.strip("> ") for line in prose("CONTRIBUTING.md").splitlines() if line.startswith("> ")]
    assert printed
    for line in printed:
        assert line in made.text


@pytest.mark.parametrize("document", [*DOCUMENTS, *GUIDES])
def test_every_link_leads_somewhere(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        if not target.startswith("http"):
            place = (REPOSITORY / document).parent / target.partition("#")[0]
            assert place.exists(), f"{document}: {target}"


@pytest.mark.parametrize("document", GUIDES)
def test_every_guide_is_reached_from_another_document(document):
    others = {other for other in (*DOCUMENTS, *GUIDES) if other != document}
    links = {
        (REPOSITORY / other).parent.joinpath(target.partition("#")[0]).resolve()
        for other in others
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(other))
    }
    assert REPOSITORY / document in links


@pytest.mark.parametrize("document", GUIDES)
def test_every_command_named_in_a_guide_exists(document):
    (commands,) = [action.choices for action in build_parser()._actions if action.dest == "name"]
    for line in re.findall(r"\bobligations ([a-z][a-z -]*)", read(document)):
        name, *rest = line.split()
        assert name in commands, f"{document}: obligations {line}"
        known = {word for action in commands[name]._actions for word in action.option_strings}
        actions = [action.choices for action in commands[name]._actions if action.dest == "action"]
        for word in rest:
            if word.startswith("--"):
                assert word in known, f"{document}: obligations {line}"
            elif actions:
                assert word in actions[0], f"{document}: obligations {line}"


@pytest.mark.parametrize("document", [*DOCUMENTS, *GUIDES])
def test_every_path_named_exists(document):
    written = {block.named for block in blocks(document)} | {"dags/example.py"}
    top = "|".join(
        re.escape(path.name) for path in REPOSITORY.iterdir() if path.is_dir() and path.name not in {"var", ".venv"}
    )
    for path in re.findall(rf"`((?:{top})/[\w./-]+)`", prose(document)):
        made = path.startswith("deploy/secrets")  # by deploy/make-secrets.sh, on the machine that it is installed on
        assert made or path in written or (REPOSITORY / path).exists(), f"{document}: {path}"


@pytest.mark.parametrize("document", READMES)
def test_every_setting_is_described_and_every_one_described_exists(document):
    source = "".join(
        (PACKAGE / "orchestration" / name).read_text("utf-8") for name in ("settings.py", "sources/connections.py")
    )
    exist = set(re.findall(r"``(OBLIGATIONS_[A-Z_]+(?:<ID>)?)``", source))
    described = re.findall(r"^\| `(OBLIGATIONS_[A-Z_]+(?:<ID>)?)` \|", read(document), re.MULTILINE)
    assert len(exist) > 5
    assert sorted(described) == sorted(exist)


@pytest.mark.parametrize("document", READMES)
def test_every_command_of_the_command_line_is_described(document):
    (group,) = [action.choices for action in build_parser()._actions if action.dest == "name"]
    described = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \|$", read(document), re.MULTILINE)
    assert sorted(described) == sorted(group)


def test_both_readmes_show_the_same_commands_and_examples():
    english, chinese = (
        [block.named if block.language == "yaml" else block.text for block in blocks(name, "sh", "console", "yaml")]
        for name in READMES
    )
    assert english == chinese, "only the English one's commands are run"


def test_the_makefile_explains_every_target():
    makefile = read("Makefile")
    phony = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split())
    assert phony == set(re.findall(r"^([a-z-]+):.*## \w", makefile, re.MULTILINE))
    assert phony == set(MAKE_TARGETS.findall(makefile))


def test_the_changelog_knows_the_version():
    version = re.search(r'^version = "(.+)"$', read("pyproject.toml"), re.MULTILINE)[1]
    assert re.search(rf"^## {re.escape(version)}\b", read("CHANGELOG.md"), re.MULTILINE)


def test_the_documents_count_the_publication_kinds_there_are():
    said = {document: re.findall(r"(\d+)(?: publication kinds|种发布类型)", read(document)) for document in DOCUMENTS}
    assert {number for numbers in said.values() for number in numbers} == {str(len(registry.NAMES))}
    assert all(said[document] for document in READMES)
