"""The program, its templates and the catalogue are replaced between gathering and review, as an upgrade does.

What was drafted before is reviewed and published as it was; what is drafted after is by the new program.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from case_counts import tell
from chaos_embedded import embattled
from chaos_office import Embattled
from chaos_plan import MINUTES_MORE, SEED, Plan
from demo_catalogue import LIST, REPORT
from mail_process import Mailbox
from servers import mail_server

from obligations.orchestration.demo.embedded import REPOSITORY
from obligations.steps.ledger import Stage, open_ledger, verify_ledger

pytestmark = [pytest.mark.airflow, MINUTES_MORE]
PLAN = Plan(SEED, kills=0, pause=0, months=2, fiscal=1, incidents=0, patience=240)
BEFORE, AFTER = PLAN.served[LIST][1], "2016-03"
NEW_WORDS = "本页由新版程序生成。"


@pytest.fixture
def program(tmp_path) -> Path:
    """A copy of the program, which is the installed one."""
    folder = tmp_path / "program"
    for name in ("include/obligations", "templates"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def office(tmp_path, program) -> Iterator[Embattled]:
    environment = {"PYTHONPATH": str(program / "include")}
    folder = tmp_path / "mail"
    with (
        mail_server(folder) as mail,
        embattled(tmp_path, Mailbox(folder), mail.port, PLAN, environment=environment) as office,
    ):
        yield office


def upgrade(office: Embattled, program: Path) -> None:
    """Replace the program as docs/deployment.zh-CN.md says: stop everything, replace, migrate, start."""
    office.airflow.stop()
    dags = program / "include/obligations/orchestration/dags.py"
    dags.write_text(changed(dags, '"retries": 2', '"retries": 3'), "utf-8")
    template = program / "templates/drafts/submission.j2"
    template.write_text(changed(template, "【落款】", f"{NEW_WORDS}\n\n【落款】"), "utf-8")
    duty = office.settings.catalogue / f"{LIST.replace('.', '/')}.yaml"
    duty.write_text(changed(duty, "clause: 四", "clause: 五"), "utf-8")
    command = [sys.executable, "-m", "obligations", "migrate"]
    subprocess.run(command, env=office.airflow.variables(), check=True, capture_output=True)
    for component in office.airflow.components:
        office.airflow.start(component)
    office.airflow.wait_until_healthy()


def changed(file: Path, old: str, new: str) -> str:
    text = file.read_text("utf-8")
    assert old in text
    return text.replace(old, new)


def page(office: Embattled, dag_id: str, period: str) -> str:
    """Return the text of the one draft of an occurrence."""
    with open_ledger(office.settings.ledger_url) as ledger:
        folders = {Path(draft.folder) for draft in ledger.drafts(dag_id.replace(".", "/"), period)}
    (generated,) = [folder for folder in folders if folder.name == "v1"]
    return (generated / "page.html").read_text("utf-8")


def test_an_upgrade_between_gather_and_review_changes_nothing_that_is_under_review(office, program):
    office.begin()
    office.wait(lambda: office.stage(LIST, BEFORE) in {Stage.DRAFTED, Stage.REVIEW})
    drafted = page(office, LIST, BEFORE)
    upgrade(office, program)
    delivered = office.settings.inbox / LIST.replace(".", "/")
    shutil.copy(delivered / f"{BEFORE}.md", delivered / f"{AFTER}.md")
    office.admin.start(LIST, f"start__{AFTER}__v1", period=AFTER)
    office.plan = replace(PLAN, months=3)
    shutil.copy(
        office.settings.inbox / REPORT.replace(".", "/") / f"{BEFORE}.md",
        office.settings.inbox / REPORT.replace(".", "/") / f"{AFTER}.md",
    )
    office.admin.start(REPORT, f"start__{AFTER}__v1", period=AFTER)
    office.calm()
    assert office.unsettled() == []
    assert page(office, LIST, BEFORE) == drafted
    assert NEW_WORDS not in drafted
    assert NEW_WORDS in page(office, LIST, AFTER)
    public = {record["period"]: record for record in office.portal.pages.values() if record["key"].endswith("list")}
    assert set(public) == {BEFORE, AFTER}
    with open_ledger(office.settings.ledger_url) as ledger:
        assert verify_ledger(ledger) == []
        kinds = [event.kind for event in ledger.events(LIST.replace(".", "/"), BEFORE)]
    assert (kinds.count("data_arrived"), kinds.count("published"), kinds.count("missed")) == (1, 1, 0)
    tell(f"upgrade: {len(office.plan.occurrences)} occurrences, as they must be {len(office.plan.occurrences)}")
