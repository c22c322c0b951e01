"""An edited Word file within a real Airflow: the sweep wakes, the parked run ends by itself, the next version is reviewed."""

from __future__ import annotations

import io
import shutil
import time
from datetime import datetime, timedelta

import docx
import httpx
import pytest
from running import Running

from obligations.orchestration.demo.embedded import REPOSITORY, EmbeddedAirflow
from obligations.orchestration.demo.rest import AirflowRest
from obligations.steps.ledger import open_ledger, verify_ledger
from obligations.words.times import SHANGHAI

pytestmark = pytest.mark.airflow

TIMELY = 300  # seconds after which a step counts as stuck
MONTHLY, REVIEW = "county.monthly", "review_first"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class System(Running):
    """A running Airflow over the small office, without contacts: Airflow's own rights are all there is."""

    def __init__(self, airflow, admin, office, period):
        super().__init__(airflow, admin)
        self.office, self.period = office, period

    def parks(self, run_id):
        """Wait until a run asks for its first review, and a little, see AirflowRest.answer."""
        self.wait(lambda: run_id in self.admin.runs(MONTHLY))
        self.wait(lambda: self.admin.tasks(MONTHLY, run_id).get(REVIEW) == "awaiting_input")
        time.sleep(1)

    def upload(self, version, text):
        """Add a paragraph to a version's Word file and hand it in as a program would."""
        folder = self.office.settings.store / "drafts/county/monthly" / self.period / f"v{version}"
        file = docx.Document(str(folder / "document.docx"))
        file.paragraphs[1].insert_paragraph_before(text)
        stream = io.BytesIO()
        file.save(stream)
        headers = {"Authorization": self.admin.client.headers["Authorization"], "Accept": "application/json"}
        place = f"{self.airflow.url}/obligations/uploads/county/monthly/{self.period}"
        answer = httpx.post(
            place, files={"file": ("修改稿.docx", stream.getvalue(), DOCX)}, headers=headers, timeout=120
        )
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def system(make_office, tmp_path):
    last = datetime.now(SHANGHAI).date().replace(day=1) - timedelta(days=1)
    period = f"{last:%Y-%m}"
    office = make_office(OBLIGATIONS_GO_LIVE=last.replace(day=1).isoformat(), OBLIGATIONS_CONTACTS="")
    for slug in ("weekly", "quarterly", "bulletin", "policy"):
        (office.settings.catalogue / "county" / f"{slug}.yaml").unlink()
    delivered = office.settings.inbox / "county/monthly" / f"{period}.md"
    delivered.parent.mkdir(parents=True)
    delivered.write_text("# 财政收支情况\n\n收支平稳。\n\n各项工作有序推进。\n", "utf-8")
    dags = tmp_path / "dags"
    dags.mkdir()
    shutil.copy(REPOSITORY / "dags" / "sweep.py", dags)
    shutil.copy(REPOSITORY / "dags" / "demo.py", dags / "county.py")
    airflow = EmbeddedAirflow(tmp_path / "airflow", dags=dags, environment=office.environment)
    with airflow:
        airflow.wait_until_healthy()
        with airflow.client() as client:
            system = System(airflow, AirflowRest(client), office, period)
            system.wait(lambda: {MONTHLY, "sweep"} <= system.admin.dag_ids())
            yield system


def test_an_upload_ends_the_parked_run_and_starts_the_next_version_within_seconds(system):
    scheduled, period = f"scheduled__{system.period}__v1", system.period
    system.parks(scheduled)
    before = set(system.admin.runs("sweep"))

    said = system.upload(1, "第一次修改。")
    assert (said["replaced_run"], said["base_version"]) == (scheduled, 1)
    assert "随即" in said["said"], "the sweep was woken"
    second = f"start__{period}__v2"
    system.wait(lambda: set(system.admin.runs("sweep")) - before)
    system.parks(second)
    assert system.run_ends(MONTHLY, scheduled) == "success"
    tasks = system.admin.tasks(MONTHLY, scheduled)
    assert {tasks["gather"], tasks[REVIEW], tasks["record"]} == {"skipped"}

    assert system.upload(2, "第二次修改。")["replaced_run"] == second
    third = f"start__{period}__v3"
    system.parks(third)
    assert system.run_ends(MONTHLY, second) == "success"

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
