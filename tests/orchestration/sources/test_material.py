"""What a check sheet counts from the ledger: times entered as progress, with their dates, and a warning when behind pace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from obligations.orchestration import route
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.work import Work, expect, open_work
from obligations.rules.catalogue import load
from obligations.steps.gather import Sources, load_holdings
from obligations.words.clocks import QuotaClock, StandingClock
from obligations.words.times import SHANGHAI

CATALOGUE = PACKAGE / "catalogue"
EVERY = [one for one in load(CATALOGUE).obligations.values() if one.publication == "check-sheet"]
QUOTA = next(one for one in EVERY if isinstance(one.clock, QuotaClock) and one.clock.min and one.clock.per == "year")
STANDING = next(one for one in EVERY if isinstance(one.clock, StandingClock) and one.clock.every == "quarter")


def at(month: int, day: int) -> datetime:
    return datetime(2022, month, day, 15, 0, tzinfo=SHANGHAI)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({"OBLIGATIONS_HOME": str(tmp_path), "OBLIGATIONS_CATALOGUE": str(CATALOGUE)})


@pytest.fixture
def sources(settings: Settings) -> Sources:
    return Sources(settings.inbox, settings.store, settings.quarantine, lambda _: create_engine("sqlite://"))


@pytest.fixture
def quota(settings: Settings) -> Iterator[Work]:
    with open_work(settings, QUOTA, "2022", "run") as work:
        expect(work, at(1, 4))
        yield work


def progress(work: Work, when: datetime, **said: object) -> None:
    payload = {"note": "第一次", "proof": "", "counts": True, **said}
    work.ledger.append(
        work.key, work.period, "progress", happened_at=when, recorded_at=when, person="甲", payload=payload
    )


def test_every_time_entered_counts_with_its_date(quota, sources):
    progress(quota, at(3, 1), proof="通报第1号")
    progress(quota, at(6, 1))
    found = load_holdings(route.gather(quota, sources, at(12, 26)))
    assert [(one.at, one.address) for one in found.proven] == [(at(3, 1), "通报第1号"), (at(6, 1), "第一次")]


def test_progress_that_counts_nothing_is_no_time(quota, sources):
    progress(quota, at(3, 1), counts=False)
    assert load_holdings(route.gather(quota, sources, at(12, 26))).proven == ()


def test_a_quota_behind_its_pace_is_warned_of_on_the_sheet(quota, sources):
    found = load_holdings(route.gather(quota, sources, at(12, 31)))  # one a year is behind only on its last day
    assert found.remarks[0].startswith("截至2022年12月31日，2022 完成0次，按每年不少于")


def test_the_closing_of_a_quotas_sheet_is_no_further_time_but_that_of_a_standing_duty_is(settings, sources):
    for obligation, period, closed in ((QUOTA, "2022", 0), (STANDING, "2022-Q1", 1)):
        with open_work(settings, obligation, period, "run") as work:
            expect(work, at(1, 4))
            work.ledger.append(work.key, period, "completed", happened_at=at(3, 30), recorded_at=at(3, 30))
        following = "2022-Q2" if closed else "2023"
        with open_work(settings, obligation, following, "run") as work:
            found = load_holdings(route.gather(work, sources, at(6, 27)))
        assert (found.last_proven is not None) == bool(closed)
