"""A province's fiscal figures of June 2017, a run that drafts them, and the Word file that people edit, for tests of uploads."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from sqlalchemy import create_engine

from obligations.orchestration import route
from obligations.orchestration.runs.trace import append, drafted
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.work import Work, open_work
from obligations.rules.catalogue import load_one
from obligations.steps.gather import Sources
from obligations.steps.ledger import LedgerEvent, open_ledger, verify_ledger
from obligations.words.times import SHANGHAI

KEY, PERIOD = "shandong/fiscal-monthly", "2017-06"
NOW = datetime(2026, 11, 3, 9, tzinfo=SHANGHAI)  # a Tuesday
FIRST, SECOND, THIRD = (f"start__{PERIOD}__v{number}" for number in (1, 2, 3))
FIGURES = """期间,项目,单位,累计数,年初预算数,同比增减额
2017-06,地方一般公共预算收入,万元,151735,272100,-19516
2017-06,一般公共预算支出,万元,380377,722400,-72254
"""
CONTACTS = """
people:
  - {id: jia, name: 演示甲, account: finance, email: jia@example.cn}
  - {id: yi, name: 演示乙, account: second, email: yi@example.cn}
  - {id: bing, name: 演示丙, account: lands, email: bing@example.cn}
  - {id: ding, name: 演示丁, account: signer, email: ding@example.cn}
  - {id: wu, name: 演示戊, account: office, email: wu@example.cn}
  - {id: ji, name: 演示己, account: secrecy, email: ji@example.cn, mobile: "13800000000", channels: [email, sms]}
roles:
  - {jurisdiction: shandong, department: 山东省财政厅, role: responsible, holder: jia}
  - {jurisdiction: shandong, department: 山东省财政厅, role: second_review, holder: yi}
  - {jurisdiction: shandong, department: 山东省财政厅, role: final_review, holder: ding}
  - {jurisdiction: shandong, department: 山东省国土资源厅, role: responsible, holder: bing}
  - {jurisdiction: shandong, role: secrecy_review, holder: ji}
  - {jurisdiction: shandong, role: office, holder: wu}
"""


@dataclass
class Desk:
    """One occurrence and those who work on it.

    Attributes:
        settings: of the installation; now: moved on by a minute with every act.
    """

    settings: Settings
    now: datetime = NOW

    @contextmanager
    def work(self, run_id: str = "test") -> Iterator[Work]:
        """Open the occurrence as one run sees it."""
        with open_work(self.settings, load_one(self.settings.catalogue, KEY), PERIOD, run_id) as opened:
            yield opened

    def tick(self) -> datetime:
        """Let a minute pass."""
        self.now += timedelta(minutes=1)
        return self.now

    @property
    def sources(self) -> Sources:
        """Where the run gathers from."""
        settings = self.settings
        return Sources(settings.inbox, settings.store, settings.quarantine, lambda _: create_engine("sqlite://"))

    def run(self, run_id: str) -> Any:
        """Let a run gather and draft, and ask for the review."""
        with self.work(run_id) as work:
            route.gather(work, self.sources, self.tick())
            made = route.draft(work, self.tick())
            about = {"version": made.version, "sha256": made.sha256, "level": "初审"}
            append(work, "review_requested", self.tick(), about)
            return made

    def say(self, kind: str, run_id: str = FIRST, *, person: str | None = None, **payload: Any) -> None:
        """Append an event about the version under review, as a run or a person would."""
        with self.work(run_id) as work:
            reviewed = drafted(work)
            about = {"version": reviewed.version, "sha256": reviewed.sha256, **payload}
            append(work, kind, self.tick(), about, person=person)

    def events(self, *kinds: str) -> list[LedgerEvent]:
        """Return the events of the occurrence, all or of some kinds; the ledger must be sound."""
        with open_ledger(self.settings.ledger_url) as ledger:
            assert verify_ledger(ledger) == []
            return [event for event in ledger.events(KEY, PERIOD) if not kinds or event.kind in kinds]

    def document(self, version: int = 1) -> bytes:
        """Return the Word file of a version."""
        return (self.settings.store / "drafts" / KEY / PERIOD / f"v{version}" / "document.docx").read_bytes()

    def files(self) -> list[Path]:
        """Return every file of the installation but the ledger's."""
        return sorted(path for path in self.settings.home.rglob("*") if path.is_file() and "ledger" not in path.name)


def make_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return the desk before any run; the figures have been delivered."""
    home = tmp_path / "home"
    contacts = tmp_path / "contacts.yaml"
    contacts.write_text(CONTACTS, "utf-8")
    for name, value in {"HOME": home, "CONTACTS": contacts, "CATALOGUE": PACKAGE / "catalogue"}.items():
        monkeypatch.setenv(f"OBLIGATIONS_{name}", str(value))
    desk = Desk(Settings.from_environment())
    delivered = desk.settings.inbox / KEY / f"{PERIOD}.csv"
    delivered.parent.mkdir(parents=True)
    delivered.write_text(FIGURES, "utf-8")
    os.utime(delivered, (0, 0))
    return desk


Change = Callable[[Document], object]


def edited(data: bytes, *changes: Change) -> bytes:
    """Return a Word file after ``changes``, saved as an editor would."""
    file = docx.Document(io.BytesIO(data))
    for change in changes:
        change(file)
    stream = io.BytesIO()
    file.save(stream)
    return stream.getvalue()


def retype(old: str, new: str) -> Change:
    """Return a change of the first ``old`` into ``new``."""

    def change(file: Document) -> None:
        element = next(each for each in file.element.body.iter(qn("w:t")) if old in (each.text or ""))
        element.text = element.text.replace(old, new, 1)

    return change


def add(text: str) -> Change:
    """Return a change that adds a paragraph before the last one."""
    return lambda file: file.paragraphs[-1].insert_paragraph_before(text)
