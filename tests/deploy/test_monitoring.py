"""What monitoring shows and wakes for is what the code tells, under the names that the exporter gives; both ways."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow._shared.observability.metrics.metrics_registry import MetricsRegistry

from obligations.orchestration.metrics import Counter, Gauge

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "include" / "obligations"
PROMETHEUS = REPOSITORY / "deploy" / "prometheus"
MAPPINGS: list[dict[str, str]] = yaml.safe_load((PROMETHEUS / "statsd-mapping.yaml").read_text("utf-8"))["mappings"]
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((PROMETHEUS / "alerts.yaml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((REPOSITORY / "deploy" / "grafana" / "obligations.json").read_text("utf-8"))
SHOWN = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
NAME = re.compile(r"\b(?:obligations|airflow)_[a-z0-9_]+\b")
DEPLOYMENT = (REPOSITORY / "docs" / "deployment.zh-CN.md").read_text("utf-8")


def named_in(*expressions: str) -> set[str]:
    """Return the metrics that PromQL expressions name."""
    return {name for expression in expressions for name in NAME.findall(expression)}


def ours(names: set[str]) -> set[str]:
    return {name for name in names if name.startswith("obligations_")}


def test_every_metric_has_one_line_in_the_mapping_and_no_line_is_of_another():
    told = {f"airflow.{metric.value}": kind.__name__.lower() for kind in (Counter, Gauge) for metric in kind}
    assert {line["match"]: line["match_metric_type"] for line in MAPPINGS} == told
    assert len(MAPPINGS) == len(told)
    for line in MAPPINGS:
        plain = line["match"].removeprefix("airflow.").replace(".", "_")
        assert line["name"] == (f"{plain}_total" if line["match_metric_type"] == "counter" else plain)
        assert re.search(r"[\u4e00-\u9fff]", line["help"])


def test_the_dashboard_and_the_rules_name_what_there_is_and_the_dashboard_shows_all_of_it():
    mapped = {line["name"] for line in MAPPINGS}
    woken = named_in(*(rule["expr"] for rule in RULES))
    assert ours(named_in(*SHOWN)) == mapped
    assert ours(woken) <= mapped
    registry = MetricsRegistry()
    for name in (named_in(*SHOWN) | woken) - mapped:
        of_airflow = name.removeprefix("airflow_")
        ways = {of_airflow, of_airflow.replace("_", ".", 1), of_airflow.replace("dag_processing_", "dag_processing.")}
        assert any(registry.get(name=way) for way in ways), name


def test_counters_are_asked_for_their_increase_and_gauges_are_not():
    counters = {line["name"] for line in MAPPINGS if line["match_metric_type"] == "counter"}
    for expression in (*SHOWN, *(rule["expr"] for rule in RULES)):
        increased = set(re.findall(r"increase\((\w+)\[", expression))
        assert ours(named_in(expression)) & counters == ours(increased), expression


@pytest.mark.parametrize("metric", [*Counter, *Gauge], ids=str)
def test_every_metric_is_told_somewhere(metric):
    told = [
        path
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr == metric.name
        and isinstance(node.value, ast.Name)
        and node.value.id == type(metric).__name__
    ]
    assert told, f"nothing tells {metric.value}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_says_in_chinese_what_is_the_matter_and_what_to_do(rule):
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert {"summary", "description"} == rule["annotations"].keys()
    assert all(re.search(r"[\u4e00-\u9fff]", text) for text in rule["annotations"].values())
    assert f"`{rule['alert']}`" in DEPLOYMENT


@pytest.mark.parametrize("panel", DASHBOARD["panels"], ids=lambda panel: panel["title"])
def test_every_panel_asks_the_chosen_source_and_fits_beside_the_others(panel):
    asked = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
    assert all(source["uid"] == "${datasource}" for source in asked)
    place = panel["gridPos"]
    assert place["x"] + place["w"] <= 24
    covered = {
        (x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])
    }
    for other in DASHBOARD["panels"]:
        at = other["gridPos"]
        corners = {(at["x"], at["y"]), (at["x"] + at["w"] - 1, at["y"] + at["h"] - 1)}
        assert other["id"] == panel["id"] or not corners & covered


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed: PROMETHEUS DID NOT READ THE RULES"
)
@pytest.mark.parametrize(
    "command", [("check", "rules", "deploy/prometheus/alerts.yaml"), ("test", "rules", "tests/deploy/alerts.yaml")]
)
def test_prometheus_reads_the_rules_and_they_fire_when_they_should(command):
    answer = subprocess.run(["promtool", *command], cwd=REPOSITORY, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_rule_has_a_case_in_which_it_fires():
    cases = yaml.safe_load((REPOSITORY / "tests" / "deploy" / "alerts.yaml").read_text("utf-8"))["tests"]
    fired = {case["alertname"] for test in cases for case in test["alert_rule_test"] if "exp_alerts" in case}
    assert fired == {rule["alert"] for rule in RULES}
