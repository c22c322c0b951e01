"""An office whose pages are attacked: a draft under review, an incident that goes on, and everybody who may log in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from desk import CONTACTS, FIRST, KEY, Desk, make_desk
from office_pages import AsUser, browsers

from obligations.orchestration.events.incidents import Reported, read_report, report
from obligations.words.times import SHANGHAI

PLACES = "  - {jurisdiction: shandong, role: duty_room, holder: wu}\n"


@pytest.fixture(scope="module")
def environment() -> Iterator[pytest.MonkeyPatch]:
    """A change of the environment that lasts for the tests of one file."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch) -> Desk:
    environment.setenv("AIRFLOW__API__SECRET_KEY", "a key of this test")
    environment.setenv("OBLIGATIONS_JURISDICTIONS", "shandong")
    folder = tmp_path_factory.mktemp("office")
    desk = make_desk(folder, environment)
    (folder / "contacts.yaml").write_text(CONTACTS + PLACES, "utf-8")
    desk.run(FIRST)
    return desk


@pytest.fixture(scope="module")
def incident(desk: Desk) -> Reported:
    """An incident of an hour ago, by the clock that pages go by."""
    now = datetime.now(SHANGHAI)
    happened = (now - timedelta(hours=1)).isoformat(timespec="seconds")
    said = {"type": "incident", "level": "重大", "title": "示例路段事故", "happened_at": happened, "event_id": "one"}
    return report(desk.settings, read_report(said, now), now)


@pytest.fixture(scope="module")
def as_user(desk: Desk, environment: pytest.MonkeyPatch) -> Iterator[AsUser]:
    """Open the pages as somebody; Airflow itself lets everybody read the DAGs of the incident and of the desk."""
    readable = frozenset({KEY.replace("/", "."), "shandong.incident-bulletin", "shandong.incident-press-conference"})
    with browsers(environment, readable, "user") as log_in:
        yield log_in
