"""What a pass does after an occurrence is closed: withdrawals, paperwork, reassessments, and a run for a correction.

October's report is due on Friday 27 November 2026 at 24:00; ``jia`` is responsible, ``yi`` the office.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from obligations.words.times import SHANGHAI, parse_instant

PAGE = "https://www.example.gov.cn/art/1.html"
VERSION = {"version": 1, "sha256": "1" * 64}
ORDER = {"address": PAGE, "reason": "决定被撤销", "authority": "县政府负责人", "law": None}


def at(text: str):
    """Read an instant in Asia/Shanghai; of 2026 where no year is given."""
    return parse_instant(text if text.startswith("20") else f"2026-{text}").astimezone(SHANGHAI)


@dataclass
class Airflow:
    """Runs by (dag id, run id), all DAGs startable; ``cleared`` are runs told to begin anew."""

    states: dict[tuple[str, str], str] = field(default_factory=dict)
    cleared: list[tuple[str, str]] = field(default_factory=list)

    def require_startable(self, dag_id: str) -> None:
        """Refuse none."""

    def start(self, dag_id: str, run_id: str, conf: dict[str, Any]) -> bool:
        known = (dag_id, run_id) in self.states
        self.states.setdefault((dag_id, run_id), "running")
        return not known

    def state(self, dag_id: str, run_id: str) -> str | None:
        return self.states.get((dag_id, run_id))

    def count_live(self, dag_id: str, run_ids) -> int:
        return sum(self.state(dag_id, run_id) == "running" for run_id in run_ids)

    def clear(self, dag_id: str, run_id: str) -> None:
        self.cleared.append((dag_id, run_id))


@pytest.fixture
def met(office):
    """October's report, published on 20 November and seen there."""
    for other in ("weekly", "quarterly", "policy", "bulletin"):
        (office.settings.catalogue / "county" / f"{other}.yaml").unlink()
    office.sweep(at("11-01T09:00"))
    tell(office, "opened", "11-20T09:00", run_id="start__2026-10__v1", number=1)
    tell(office, "approved", "11-20T10:00", **VERSION, level="终审", final=True)
    with office.open() as ledger:
        out = {**VERSION, "address": PAGE, "recorded_at": at("11-20T11:00"), "happened_at": at("11-20T11:00")}
        ledger.register_publication("county/monthly", "2026-10", **out)
        seen = {"sha256": "1" * 64, "address": PAGE, "evidence": {}, "happened_at": at("11-20T11:05")}
        ledger.register_evidence("county/monthly", "2026-10", **seen, recorded_at=at("11-20T11:05"))
    office.sweep(at("11-20T12:00"))
    return office


def tell(office, kind: str, when: str, **payload) -> None:
    office.append("monthly", "2026-10", kind, at(when), **payload)


def queued(report) -> list[tuple[str, str]]:
    october = [entry for entry in report.queued if entry["period"] == "2026-10"]
    return sorted((entry["tier"].partition(":")[0], entry["recipient"]) for entry in october)


def kinds(office, *which: str) -> list[str]:
    return [event.kind for event in office.events("monthly", "2026-10", *which)]


def test_a_withdrawal_is_reminded_of_and_marked_once_when_its_deadline_passes(met):
    tell(met, "withdrawal_ordered", "11-27T10:00", **ORDER, due_at="2026-12-03T00:00:00+08:00")
    assert queued(met.sweep(at("11-27T10:10"))) == []
    assert queued(met.sweep(at("12-01T08:40"))) == [("withdrawal-due", "jia")]
    assert queued(met.sweep(at("12-02T23:50"))) == []
    assert kinds(met, "withdrawal_missed") == []
    late = met.sweep(at("12-03T00:10"))
    assert queued(late) == [("withdrawal-late", "jia"), ("withdrawal-late", "yi")]
    assert [one["period"] for one in late.missed if one["period"] == "2026-10"] == [], "the duty itself was met"
    (marked,) = met.events("monthly", "2026-10", "withdrawal_missed")
    assert (marked.happened_at, marked.payload) == (at("12-03"), {"address": PAGE})
    met.sweep(at("12-03T08:40"))
    tell(met, "withdrawn", "12-03T09:00", address=PAGE, method="人工登记", reference="回执", late=True)
    assert queued(met.sweep(at("12-10T09:00"))) == []
    assert len(kinds(met, "withdrawal_missed")) == 1
    met.require_sound()


@pytest.mark.parametrize(("kind", "said"), [("looked", {"outcome": "not_found"}), ("page_changed", {"state": "gone"})])
def test_a_page_that_we_saw_gone_is_withdrawn_at_that_time(met, kind, said):
    tell(met, kind, "11-26T09:00", address=PAGE, **said)  # before anybody ordered it: no fulfilment of the order
    tell(met, "withdrawal_ordered", "11-27T10:00", **ORDER, due_at="2026-12-03T00:00:00+08:00")
    met.sweep(at("11-27T10:10"))
    assert kinds(met, "withdrawn") == []
    tell(met, kind, "11-30T09:00", address=PAGE, **said)
    met.sweep(at("11-30T09:10"))
    (gone,) = met.events("monthly", "2026-10", "withdrawn")
    assert (gone.happened_at, gone.person, gone.payload["method"]) == (
        at("11-30T09:00"), None, "系统查看：该地址已经没有这一页面",
    )  # fmt: skip
    assert queued(met.sweep(at("12-03T08:40"))) == []
    met.require_sound()


def test_a_site_that_refuses_robots_proves_no_withdrawal(met):
    tell(met, "withdrawal_ordered", "11-27T10:00", **ORDER, due_at="2026-12-03T00:00:00+08:00")
    tell(met, "looked", "11-30T09:00", address=PAGE, outcome="blocked", status=403)
    met.sweep(at("11-30T09:10"))
    assert kinds(met, "withdrawn") == []


def test_paperwork_of_an_oral_approval_is_asked_for_after_the_duty_was_met_too(met):
    oral = {"by": "演示丁", "at": "2026-11-27T20:00:00+08:00"}
    tell(met, "approved", "11-27T20:00", **VERSION, level="保密审查", oral=oral, final=True)
    assert queued(met.sweep(at("11-30T23:50"))) == []
    assert queued(met.sweep(at("12-01T08:40"))) == [("paperwork", "jia")]  # Monday's 24:00 has passed
    assert queued(met.sweep(at("12-01T08:50"))) == []
    assert queued(met.sweep(at("12-08T08:40"))) == [("paperwork", "jia")]
    tell(met, "formalized", "12-08T10:00", **VERSION, level="保密审查", reference="第12号")
    assert queued(met.sweep(at("12-15T08:40"))) == []
    met.require_sound()


def test_what_was_withheld_is_told_to_the_office_on_its_day_a_year_later(office):
    office.sweep(at("11-01T09:00"))
    tell(office, "withheld", "11-05T10:00", partial=False, article=15, reason="秘密", reassess_on="2027-11-05")
    office.sweep(at("11-05T10:10"))
    assert queued(office.sweep(at("2027-11-04T23:50"))) == []
    assert queued(office.sweep(at("2027-11-05T00:10"))) == [("reassess", "jia"), ("reassess", "yi")]


def test_the_office_is_told_of_evidence_that_waits_for_it(met):
    tell(
        met, "vouched", "11-24T09:00", address=PAGE, sha256="1" * 64, fulfilled_at="2026-11-20T10:30:00+08:00",
        basis="page_time", reference="栏", attachments=[],
    )  # fmt: skip
    assert queued(met.sweep(at("11-24T09:10"))) == [("vouched", "yi")]
    tell(met, "evidence_rejected", "11-24T10:00", address=PAGE, sha256="1" * 64, reason="不足")
    assert queued(met.sweep(at("11-25T09:10"))) == []


def test_a_correction_gets_a_run_of_its_own_and_each_failure_a_new_one(met):
    runs = Airflow({("county.monthly", "start__2026-10__v1"): "success"})
    met.sweep(at("11-23T09:00"), runs=runs)
    assert [run for _, run in runs.states if "2026-10" in run] == ["start__2026-10__v1"], "what is met wants no run"
    tell(met, "corrected", "11-24T09:00", correction=True, corrects="1" * 64, reason="表2有误")
    met.sweep(at("11-24T09:10"), runs=runs)
    assert ("county.monthly", "start__2026-10__v2") in runs.states
    assert kinds(met, "failed") == [], "the run that published is over and did not fail"
    tell(met, "opened", "11-24T09:11", run_id="start__2026-10__v2", number=2)
    tell(met, "failed", "11-24T09:30", run_id="start__2026-10__v2", stage="起草中")
    runs.states["county.monthly", "start__2026-10__v2"] = "failed"
    met.sweep(at("11-24T09:35"), runs=runs)
    assert ("county.monthly", "start__2026-10__v3") not in runs.states, "ten minutes' rest"
    met.sweep(at("11-24T09:45"), runs=runs)
    assert ("county.monthly", "start__2026-10__v3") in runs.states
    tell(met, "opened", "11-24T09:46", run_id="start__2026-10__v3", number=3)
    tell(met, "published", "11-24T15:00", version=3, sha256="3" * 64, address=PAGE)
    runs.states["county.monthly", "start__2026-10__v3"] = "success"
    for later in ("11-24T15:10", "11-25T09:00", "11-26T09:00"):
        met.sweep(at(later), runs=runs)
    assert len([run for _, run in runs.states if "2026-10" in run]) == 3, "it is public: nothing is left to do"
    assert met.row("monthly", "2026-10").met_at == at("11-20T11:00")
