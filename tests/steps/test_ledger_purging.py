"""Purged files leave a tombstone that nobody can change, and the events stay."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Ledger, PurgedFile, Tombstone, open_ledger, purge, tombstones, verify_ledger
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.times import SHANGHAI

KEY, PERIOD = "demo/fiscal-monthly", "2026-09"
NOW = datetime(2026, 10, 1, 9, tzinfo=SHANGHAI)
DRAFT = PurgedFile("a" * 64, "drafts/demo/fiscal-monthly/2026-09/v1/稿.docx", "draft", 20_480)
PROOF = PurgedFile("b" * 64, "proofs/截图.png", "proof", 1_024)
WHY = {"reason": "含个人信息", "person": "演示甲", "authority": "政府信息公开条例第十五条"}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    obligation = load_one(Path(__file__).parents[2] / "include" / "obligations" / "catalogue", KEY)
    due = DueDate(NOW, NOW, False, NOW, NOW, ("20个工作日",))
    expected = Occurrence(KEY, Period(PERIOD, date(2026, 9, 1), date(2026, 9, 30)), NOW, NOW, due)
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        ledger.expect(obligation, expected, calendar_version="2026", catalogue_version="一", historical=False, now=NOW)
        yield ledger


def test_a_purged_file_leaves_its_hash_reason_and_person_once(ledger: Ledger) -> None:
    assert purge(ledger, KEY, PERIOD, [DRAFT, PROOF, DRAFT], **WHY, now=NOW) == 2
    assert purge(ledger, KEY, PERIOD, [DRAFT], **WHY, now=NOW + timedelta(days=1)) == 0
    assert tombstones(ledger, KEY, PERIOD) == (
        Tombstone(DRAFT.sha256, DRAFT.name, "draft", 20_480, **WHY, at=NOW),
        Tombstone(PROOF.sha256, PROOF.name, "proof", 1_024, **WHY, at=NOW),
    )
    _, event, _ = ledger.events(KEY, PERIOD)
    assert (event.kind, event.person) == ("purged", "演示甲")
    assert event.payload == {
        "sha256": DRAFT.sha256,
        "name": DRAFT.name,
        "kind": "draft",
        "size": 20_480,
        "reason": "含个人信息",
        "authority": "政府信息公开条例第十五条",
    }
    assert tombstones(ledger, KEY, "2026-10") == ()
    assert verify_ledger(ledger) == []


@pytest.mark.parametrize(
    ("missing", "label"), [("reason", "清除原因"), ("person", "经办人"), ("authority", "清除依据")]
)
def test_nothing_is_purged_without_saying_why_who_and_on_what_authority(
    ledger: Ledger, missing: str, label: str
) -> None:
    with pytest.raises(UnusableInput, match=f"必须写明{label}"):
        purge(ledger, KEY, PERIOD, [DRAFT], **(WHY | {missing: " "}), now=NOW)
    assert tombstones(ledger, KEY, PERIOD) == ()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE purged SET reason = ''", "DELETE FROM purged", "INSERT OR REPLACE INTO purged SELECT * FROM purged"],
)
def test_the_database_itself_refuses_to_rewrite_a_tombstone(ledger: Ledger, statement: str) -> None:
    purge(ledger, KEY, PERIOD, [DRAFT], **WHY, now=NOW)
    with pytest.raises(IntegrityError, match="台账的 purged 表只能追加"), ledger.writing() as connection:
        connection.execute(text(statement))
    assert len(tombstones(ledger, KEY, PERIOD)) == 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE purged SET reason = '误删'", "文件清除记录（proofs/截图.png）与事件不符，记录被改动或添加"),
        ("UPDATE purged SET person = '演示乙'", "文件清除记录（proofs/截图.png）与事件不符，记录被改动或添加"),
        ("DELETE FROM purged", "第 2 条（purged）登记的文件清除记录已缺失"),
        (
            "INSERT INTO purged SELECT 9, occurrence_id, 'c', 'x', kind, size, reason, person, authority, at FROM purged",
            "文件清除记录（x）与事件不符，记录被改动或添加",
        ),
    ],
)
def test_a_tombstone_changed_behind_the_ledgers_back_is_found(
    ledger: Ledger, tmp_path: Path, statement: str, said: str
) -> None:
    purge(ledger, KEY, PERIOD, [PROOF], **WHY, now=NOW)
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as tampering:
        for verb in ("update", "delete"):
            tampering.execute(f"DROP TRIGGER purged_no_{verb}")
        tampering.execute(statement)
        tampering.commit()
    assert verify_ledger(ledger) == [f"{KEY} {PERIOD}：{said}"]
