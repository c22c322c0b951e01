"""The pages for who runs the system: what they name exists, and the settings they tell are those that ship."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from airflow.configuration import conf

from bench._documented import DOCUMENTS, figure_at, figures, rewrite
from obligations.orchestration.commands.arguments import build_parser

REPOSITORY = Path(__file__).parents[2]
PAGES = ("deployment", "helm", "compliance")
COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yaml").read_text("utf-8"))
ENVIRONMENT = COMPOSE["services"]["scheduler"]["environment"]
EXAMPLE = (REPOSITORY / ".env.example").read_text("utf-8")
MADE = re.compile(r"deploy/secrets|dist/bundle")  # by make-secrets.sh and make bundle


def read(page: str) -> str:
    return (REPOSITORY / "docs" / f"{page}.zh-CN.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_path_and_link_exists(page):
    text = read(page)
    for path in re.findall(r"`((?:deploy|docs|tests|include|docker-compose|Dockerfile|\.env\.example)[\w./-]*)`", text):
        if not MADE.match(path):
            assert (REPOSITORY / path).exists(), path
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        assert (REPOSITORY / "docs" / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("page", PAGES)
def test_every_command_exists(page):
    (group,) = [action.choices for action in build_parser()._actions if action.dest == "name"]
    for command in re.findall(r"`obligations ([a-z-]+)", read(page)):
        assert command in group, command
    targets = re.findall(r"^([a-z-]+):.*##", (REPOSITORY / "Makefile").read_text("utf-8"), re.MULTILINE)
    for target in re.findall(r"`make ([a-z-]+)", read(page)):
        assert target in targets, target


@pytest.mark.parametrize("page", PAGES)
def test_every_variable_is_one_that_ships(page):
    for name in re.findall(r"`((?:AIRFLOW__|OBLIGATIONS_)[A-Z_]*[A-Z])`", read(page)):
        if name.startswith("OBLIGATIONS_TEST_"):
            continue
        assert name in ENVIRONMENT or name in EXAMPLE, name


def test_every_service_is_explained():
    told = set(re.findall(r"^\| ([\w-]+) \|", read("deployment"), re.MULTILINE))
    assert {name.lower() for name in COMPOSE["services"]} - {"init"} <= {name.lower() for name in told}


def test_the_settings_for_a_month_end_are_told_as_they_ship():
    rows = re.findall(r"^\| `(AIRFLOW__\w+)` \| (\d[\d.]*)", read("deployment"), re.MULTILINE)
    assert len(rows) > 4
    given = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    for name, value in rows:
        ships = re.sub(r"\$\{([A-Z_]+)[^}]*\}", lambda found: given[found[1]], str(ENVIRONMENT[name]))
        assert float(ships) == float(value), name
        _, section, option = name.lower().split("__")
        assert option in conf.configuration_description[section]["options"]


def test_the_figures_are_those_that_were_measured_last():
    results = json.loads((REPOSITORY / "bench" / "results.json").read_text("utf-8"))
    (document,) = DOCUMENTS
    assert document == REPOSITORY / "docs" / "deployment.zh-CN.md"
    found = list(figures(document.read_text("utf-8")))
    assert len(found) > 5
    for number, path in found:
        assert number == figure_at(results, path), f"{path}: python -m bench writes it anew"


def test_a_new_measurement_is_written_where_its_figure_stands_and_nowhere_else():
    results = {"sweep": {"measurements": {"100,000": {"s": 2.5}}}}
    text = "| 10万期 | 1.6 秒<!-- sweep › 100,000 › s --> | 1.6 秒 |"
    assert rewrite(text, results) == "| 10万期 | 2.5 秒<!-- sweep › 100,000 › s --> | 1.6 秒 |"
    with pytest.raises(KeyError):
        rewrite(text.replace("sweep", "other"), results)
