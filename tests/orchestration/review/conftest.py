"""One drafted occurrence on a real ledger, with an office of six people and with one of two."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from obligations.orchestration import route
from obligations.orchestration.demo.sources import prepare_sources
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.work import Work, open_work
from obligations.rules.catalogue import load_one
from obligations.steps.gather import Sources
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 9, 29, 10, 0, tzinfo=SHANGHAI)
PEOPLE = """
people:
  - {id: jia, name: 演示甲, account: drafter, email: jia@example.cn}
  - {id: yi, name: 演示乙, account: first, email: yi@example.cn}
  - {id: bing, name: 演示丙, account: second, email: bing@example.cn}
  - {id: ding, name: 演示丁, account: secrecy, email: ding@example.cn}
  - {id: wu, name: 演示戊, account: leader, email: wu@example.cn}
  - {id: ji, name: 演示己, account: deputy, email: ji@example.cn}
roles:
  - {jurisdiction: demo, role: responsible, holder: jia}
  - {jurisdiction: demo, role: first_review, holder: yi}
  - {jurisdiction: demo, role: second_review, holder: bing}
  - {jurisdiction: demo, role: secrecy_review, holder: ding}
  - {jurisdiction: demo, role: final_review, holder: wu, deputy: ji}
  - {jurisdiction: demo, role: leader, holder: wu, deputy: ji}
  - {jurisdiction: demo, role: duty_room, holder: yi}
absences:
  - {person: wu, first: 2026-10-09, last: 2026-10-10, delegate: bing}
  - {person: wu, first: 2026-10-12, last: 2026-10-13}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    contacts = tmp_path / "contacts.yaml"
    contacts.write_text(PEOPLE, "utf-8")
    prepare_sources(tmp_path)
    return Settings.from_environment({"OBLIGATIONS_HOME": str(tmp_path), "OBLIGATIONS_CONTACTS": str(contacts)})


@pytest.fixture
def drafted(settings: Settings) -> Iterator[Callable[..., Work]]:
    """Return a function that opens an occurrence's work with its draft made; every work is closed at the end."""
    opened = []

    def make(key: str = "demo/wholesale-prices-weekly", period: str = "2020-W14", using: Settings = settings) -> Work:
        context = open_work(using, load_one(PACKAGE / "catalogue", key), period, "run")
        work = context.__enter__()
        opened.append(context)
        sources = Sources(using.inbox, using.store, using.quarantine, lambda _: None)
        route.gather(work, sources, NOW)
        route.draft(work, NOW)
        return work

    yield make
    for context in opened:
        context.__exit__(None, None, None)


def later(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)
