"""The clock of the machine is set two hours forward, then two hours back, then right, while the office works.

Nothing is lost, doubled or damaged. What cannot go on with a wrong clock waits where people see it: a site refuses what
is signed at another time, and Airflow tries again at the time that its clock told. Those who work log in again.
"""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from chaos_embedded import embattled
from chaos_findings import require_nothing_lost_or_doubled
from chaos_office import Embattled
from chaos_plan import MINUTES_MORE, SEED, Plan
from mail_process import Mailbox
from servers import mail_server
from stepped_clock import SteppedClock

pytestmark = [pytest.mark.airflow, MINUTES_MORE]
PLAN = Plan(SEED, kills=0, pause=0, months=3, fiscal=3, incidents=2, patience=60)
SECONDS = 35
STEP = 2 * 3600


def work_for(office: Embattled, seconds: float) -> None:
    """Log everybody in, and let them work."""
    end = time.monotonic() + seconds
    for user, person in office.people.items():
        said = {"username": user, "password": office.airflow.passwords[user]}
        answer = person.client.post("/auth/token", json=said)
        answer.raise_for_status()
        person.client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    while time.monotonic() < end:
        office.work()
        office.strikes.recover()


def test_a_clock_that_is_stepped_loses_nothing_and_does_nothing_twice(tmp_path):
    clock, folder = SteppedClock(tmp_path / "clock"), tmp_path / "mail"
    with (
        mail_server(folder) as mail,
        embattled(tmp_path, Mailbox(folder), mail.port, PLAN, environment=clock.environment) as office,
    ):
        office.begin()
        for step in (0, STEP, -STEP, 0):
            clock.step(step)
            office.strikes.struck[f"clock {step / 3600:+.0f} h"] += 1
            work_for(office, SECONDS)
        office.calm()
        require_nothing_lost_or_doubled(office, "clock", timedelta(hours=4), clock_was_right=False)
