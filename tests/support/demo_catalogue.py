"""The demo's catalogue and deliveries below a folder of a test's own, with two duties more, for tests on a real Airflow."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from obligations.orchestration.demo.embedded import REPOSITORY
from obligations.orchestration.demo.sources import prepare_sources

FISCAL, LAND, PRICES = "demo.fiscal-monthly", "demo.land-supply-quarterly", "demo.wholesale-prices-weekly"
BULLETIN, CONFERENCE = "demo.incident-bulletin", "demo.incident-press-conference"
LIST, REPORT = "demo.progress-list", "demo.progress-report"
OURS = {LIST: ("publish", "重点工作进展按月公开"), REPORT: ("report-up", "落实情况按月报送")}
DUTY = """
title: {title}
clause: 四
quote: {title}
duty: {duty}
departments: [演示单位财政局]
publication: submission
clock: {{kind: recurring, rule: FREQ=MONTHLY}}
in_force_from: 2016-01-01
"""
CATALOGUE = REPOSITORY / "include/obligations/catalogue"
DAG_FILES = ("demo", "report_event", "record_decision", "sweep")


def lay_out_catalogue(home: Path, delivered: Mapping[str, Iterable[str]], *, without: Collection[str]) -> None:
    """Write what the duties need below ``home``.

    Args:
        home: of the installation; ``catalogue`` and what departments hand in come to lie in it.
        delivered: the periods of our own two duties whose text is in the inbox, by DAG.
        without: slugs of the demo's duties that nobody works on.
    """
    prepare_sources(home)
    for name in ("shandong", "demo"):
        shutil.copytree(CATALOGUE / name, home / "catalogue" / name)
    demo = home / "catalogue" / "demo"
    document = demo / "_document.yaml"
    for slug in without:
        (demo / f"{slug}.yaml").unlink()
        document.write_text(document.read_text("utf-8").replace(f"      - {slug}\n", ""), "utf-8")
    for dag_id, (duty, title) in OURS.items():
        slug = dag_id.partition(".")[2]
        (demo / f"{slug}.yaml").write_text(DUTY.format(duty=duty, title=title), "utf-8")
        inbox = home / "inbox" / "demo" / slug
        inbox.mkdir(parents=True)
        for period in delivered[dag_id]:
            (inbox / f"{period}.md").write_text(f"# {title}\n\n{period}各项工作有序推进（演示数据）。\n", "utf-8")


def lay_out_dags(folder: Path, names: Iterable[str] = DAG_FILES) -> Path:
    """Copy DAG files into a folder, and return it."""
    folder.mkdir(exist_ok=True)
    for name in names:
        shutil.copy(REPOSITORY / "dags" / f"{name}.py", folder)
    return folder
