"""An edited Word file within a real Airflow: the sweep wakes, the parked run ends by itself, the next version is reviewed."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

import pytest
from demo_catalogue import lay_out_dags
from desk import edited
from ports import free_port
from running import Running, at_work

from obligations.orchestration.demo.embedded import REPOSITORY, EmbeddedAirflow
from obligations.steps.ledger import open_ledger, verify_ledger
from obligations.words.times import SHANGHAI

pytestmark = pytest.mark.airflow

MONTHLY, REVIEW = "county.monthly", "review_first"


class System(Running):
    """A running Airflow over the small office, without contacts: Airflow's own rights are all there is."""

    def __init__(self, airflow, people, office, period):
        super().__init__(airflow, people)
        self.office, self.period = office, period

    def hand_in(self, version, text):
        """Add a paragraph to a version's Word file and upload it."""
        folder = self.office.settings.store / "drafts/county/monthly" / self.period / f"v{version}"
        document = (folder / "document.docx").read_bytes()
        changed = edited(document, lambda file: file.paragraphs[1].insert_paragraph_before(text))
        answer = self.upload("admin", MONTHLY, self.period, changed)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def system(make_office, tmp_path):
    opened = (datetime.now(SHANGHAI) - timedelta(hours=10)).date()  # a month opens at nine on the day after it
    last = opened.replace(day=1) - timedelta(days=1)
    period = f"{last:%Y-%m}"
    office = make_office(OBLIGATIONS_GO_LIVE=last.replace(day=1).isoformat(), OBLIGATIONS_CONTACTS="")
    for slug in ("weekly", "quarterly", "bulletin", "policy"):
        (office.settings.catalogue / "county" / f"{slug}.yaml").unlink()
    delivered = office.settings.inbox / "county/monthly" / f"{period}.md"
    delivered.parent.mkdir(parents=True)
    delivered.write_text("# 财政收支情况\n\n收支平稳。\n\n各项工作有序推进。\n", "utf-8")
    dags = lay_out_dags(tmp_path / "dags", ("sweep",))
    shutil.copy(REPOSITORY / "dags" / "demo.py", dags / "county.py")
    airflow = EmbeddedAirflow(tmp_path / "airflow", dags=dags, port=free_port(), environment=office.environment)
    with at_work(airflow) as people:
        system = System(airflow, people, office, period)
        system.wait(lambda: {MONTHLY, "sweep"} <= system.admin.dag_ids())
        yield system


def test_an_upload_ends_the_parked_run_and_starts_the_next_version_within_seconds(system):
    scheduled, period = f"scheduled__{system.period}__v1", system.period
    system.form(MONTHLY, scheduled, REVIEW)

    first_said = system.hand_in(1, "第一次修改。")
    assert (first_said["replaced_run"], first_said["base_version"]) == (scheduled, 1)
    second = f"start__{period}__v2"
    system.form(MONTHLY, second, REVIEW)
    assert system.run_ends(MONTHLY, scheduled) == "success"
    tasks = system.admin.tasks(MONTHLY, scheduled)
    assert {tasks["gather"], tasks[REVIEW], tasks["record"]} == {"skipped"}

    second_said = system.hand_in(2, "第二次修改。")
    assert second_said["replaced_run"] == second
    third = f"start__{period}__v3"
    system.form(MONTHLY, third, REVIEW)
    assert system.run_ends(MONTHLY, second) == "success"
    # One of them may have met a busy database, and waited for the next pass.
    assert any("随即" in said["said"] for said in (first_said, second_said)), "the sweep was woken"

    with open_ledger(system.office.settings.ledger_url) as ledger:
        assert verify_ledger(ledger) == []
        events = ledger.events("county/monthly", period)
    drafted = [
        (event.payload["version"], event.payload["state"], event.person) for event in events if event.kind == "drafted"
    ]
    assert drafted == [(1, "generated", None), (2, "uploaded", "admin"), (3, "uploaded", "admin")]
    assert [event.payload["run_id"] for event in events if event.kind == "opened"] == [scheduled, second, third]
    assert "failed" not in [event.kind for event in events]
    text = (system.office.settings.store / "drafts/county/monthly" / period / "v3" / "document.txt").read_text("utf-8")
    assert "第一次修改。" in text
    assert "第二次修改。" in text
    system.airflow.require_alive()
