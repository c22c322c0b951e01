"""Tampering with the database behind the ledger's back, triggers dropped, is found and named."""

# ruff: noqa: S608 - the statements below are tampering, with nothing in them from outside

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Ledger, open_ledger, verify_ledger
from obligations.steps.ledger.events import seal
from obligations.words.occurrence import DueDate, Event, Occurrence, Period
from obligations.words.times import SHANGHAI

KEY = "demo/fiscal-monthly"
NOW = datetime(2026, 10, 8, 9, tzinfo=SHANGHAI)
DAY = timedelta(days=1)
ADDRESS = "file:///发布包/1"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(file: Path) -> Iterator[Ledger]:
    """Two occurrences: 2026-08 (events 1 to 6) published and verified, 2026-09 expected and opened."""
    obligation = load_one(Path(__file__).parents[2] / "include" / "obligations" / "catalogue", KEY)
    due = DueDate(NOW, NOW + 30 * DAY, False, NOW + 30 * DAY, NOW + 30 * DAY, ("20个工作日",))
    with open_ledger(f"sqlite:///{file}") as ledger:
        for period in ("2026-08", "2026-09"):
            covered = Period(period, date(2026, 8, 1), date(2026, 8, 31))
            expected = Occurrence(KEY, covered, NOW, NOW + 20 * DAY, due)
            ledger.expect(
                obligation, expected, calendar_version="", catalogue_version="", historical=False, now=NOW
            )  # fmt: skip
            ledger.append(KEY, period, "opened", happened_at=NOW, recorded_at=NOW, payload={"run_id": period})
        ledger.register_draft(
            KEY,
            "2026-08",
            version=1,
            sha256="a" * 64,
            folder="/drafts",
            files=[],
            happened_at=NOW + DAY,
            recorded_at=NOW + DAY,
        )
        ledger.append(
            KEY,
            "2026-08",
            "approved",
            happened_at=NOW + DAY,
            recorded_at=NOW + DAY,
            person="审核人",
            payload={"sha256": "a" * 64},
        )
        ledger.register_publication(
            KEY,
            "2026-08",
            version=1,
            sha256="a" * 64,
            address=ADDRESS,
            happened_at=NOW + 2 * DAY,
            recorded_at=NOW + 2 * DAY,
        )
        ledger.register_evidence(
            KEY,
            "2026-08",
            sha256="a" * 64,
            address=ADDRESS,
            evidence={"method": "回读"},
            happened_at=NOW + 2 * DAY,
            recorded_at=NOW + 2 * DAY,
        )
        reported = Event("E-1", "incident", "较大", "事件", NOW, NOW, None, {"place": "某地"})
        ledger.report(reported, NOW)
        ledger.report(replace(reported, level="重大", reported_at=NOW + DAY), NOW + DAY)
        ledger.checkpoint(NOW)
        ledger.append(KEY, "2026-09", "waiting", happened_at=NOW + DAY, recorded_at=NOW + DAY)
        ledger.checkpoint(NOW + DAY)
        yield ledger


def tamper(file: Path, *statements: str) -> None:
    """Do what an administrator with the file could do: drop every trigger, forget foreign keys, run the statements."""
    with closing(sqlite3.connect(file)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)


AUGUST = "(SELECT id FROM occurrence WHERE period = '2026-08')"
SEPTEMBER = "(SELECT id FROM occurrence WHERE period = '2026-09')"


def test_a_ledger_nobody_touched_is_sound(ledger: Ledger) -> None:
    assert verify_ledger(ledger) == []


def test_verifying_says_how_far_it_is(ledger: Ledger) -> None:
    told: list[str] = []
    verify_ledger(ledger, tell=told.append)
    assert told == ["已核验 2 期"]


def test_dropping_the_triggers_alone_changes_nothing_that_was_recorded(ledger: Ledger, file: Path) -> None:
    tamper(file)
    assert verify_ledger(ledger) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (f"UPDATE event SET person = '别人' WHERE occurrence_id = {AUGUST} AND seq = 4", "第 4 条（approved）的内容与其散列值不符"),
        (f"UPDATE event SET kind = 'returned' WHERE occurrence_id = {AUGUST} AND seq = 4", "第 4 条（returned）的内容与其散列值不符"),
        (f"UPDATE event SET happened_at = '2026-10-01 00:00:00.000000' WHERE occurrence_id = {AUGUST} AND seq = 5", "第 5 条（published）的内容与其散列值不符"),
        (f"UPDATE event SET recorded_at = '2026-10-01 00:00:00.000000' WHERE occurrence_id = {AUGUST} AND seq = 2", "第 2 条（opened）的内容与其散列值不符"),
        (f"UPDATE event SET payload = replace(payload, ':', ': ') WHERE occurrence_id = {AUGUST} AND seq = 2", "第 2 条（opened）的内容与其散列值不符"),
        (f"UPDATE event SET once = NULL WHERE occurrence_id = {AUGUST} AND seq = 3", "第 3 条（drafted）的内容与其散列值不符"),
        (f"UPDATE event SET occurrence_id = {SEPTEMBER}, seq = 4 WHERE occurrence_id = {AUGUST} AND seq = 6", "2026-09：第 4 条（verified）的内容与其散列值不符"),
        (f"DELETE FROM event WHERE occurrence_id = {AUGUST} AND seq = 3", "第 4 条（approved）之前缺少第 3 条"),
        (f"DELETE FROM event WHERE occurrence_id = {AUGUST} AND seq = 1", "第 2 条（opened）之前缺少第 1 条"),
        (f"DELETE FROM event WHERE occurrence_id = {AUGUST} AND seq > 4", "第 4 条（approved）之后应有至第 6 条的事件，现已缺失"),
        (f"DELETE FROM event WHERE occurrence_id = {AUGUST}", "2026-08：全部事件已被删除"),
        ("UPDATE occurrence SET due_at = '2030-01-01 00:00:00.000000' WHERE period = '2026-08'", "事项记录的 due_at 与至第 6 条（verified）为止的事件不符"),
        ("UPDATE occurrence SET original_due_at = '2030-01-01 00:00:00.000000' WHERE period = '2026-08'", "事项记录的 original_due_at"),
        ("UPDATE occurrence SET historical = 1, closed_at = NULL WHERE period = '2026-08'", "事项记录的 historical、closed_at"),
        ("UPDATE occurrence SET departments = '[\"别的厅\"]' WHERE period = '2026-08'", "事项记录的 departments"),
        ("UPDATE publication SET address = 'https://example.invalid/'", "发布记录（https://example.invalid/）没有对应的事件"),
        ("UPDATE publication SET evidence = '{}'", "发布记录（file:///发布包/1）与第 6 条（verified）不符"),
        ("UPDATE publication SET published_at = '2026-10-01 00:00:00.000000'", "发布记录（file:///发布包/1）与第 6 条（verified）不符"),
        ("DELETE FROM publication", "第 5 条（published）登记的草稿或发布记录已缺失"),
        ("DELETE FROM draft", "第 3 条（drafted）登记的草稿或发布记录已缺失"),
        ("INSERT INTO draft SELECT id + 1, occurrence_id, 2, sha256, folder, files, state, open_blanks, registered_at FROM draft", "有草稿记录没有对应的事件"),
        ("UPDATE reported_event SET level = '一般' WHERE seq = 1", "事件 E-1 的第 1 次报告被改动"),
        ("UPDATE reported_event SET fields = '{}' WHERE seq = 2", "事件 E-1 的第 2 次报告被改动"),
        ("DELETE FROM reported_event WHERE seq = 1", "事件 E-1 的第 2 次报告被改动，或其前有报告被删除"),
        ("UPDATE document SET content = replace(content, '2', '3')", "的内容与其散列值不符，记录被改动"),
        ("UPDATE checkpoint SET events = 99", "核对点 2026-10-08：核对点本身被改动"),
        ("DELETE FROM checkpoint WHERE day = '2026-10-08'", "核对点 2026-10-09：与前一核对点不衔接"),
        ("DELETE FROM occurrence WHERE period = '2026-09'", "事项记录已被删除"),
    ],
)  # fmt: skip
def test_one_edit_is_found_and_the_first_bad_event_named(ledger: Ledger, file: Path, statement: str, said: str) -> None:
    tamper(file, statement)
    assert any(said in fault for fault in verify_ledger(ledger))


def test_the_other_occurrences_are_not_blamed(ledger: Ledger, file: Path) -> None:
    tamper(file, f"UPDATE event SET person = '别人' WHERE occurrence_id = {AUGUST} AND seq = 2")
    assert verify_ledger(ledger) == [f"{KEY} 2026-08：第 2 条（opened）的内容与其散列值不符，事件被改动或调换"]


def test_two_events_that_changed_places_are_found(ledger: Ledger, file: Path) -> None:
    tamper(
        file,
        f"UPDATE event SET seq = 99 WHERE occurrence_id = {AUGUST} AND seq = 3",
        f"UPDATE event SET seq = 3 WHERE occurrence_id = {AUGUST} AND seq = 4",
        f"UPDATE event SET seq = 4 WHERE occurrence_id = {AUGUST} AND seq = 99",
    )
    assert f"{KEY} 2026-08：第 3 条（approved）的内容与其散列值不符，事件被改动或调换" in verify_ledger(ledger)


def test_a_last_event_cut_off_with_its_head_rewritten_is_found_by_the_checkpoint(ledger: Ledger, file: Path) -> None:
    before = ledger.events(KEY, "2026-09")[-2]
    tamper(
        file,
        f"DELETE FROM event WHERE occurrence_id = {SEPTEMBER} AND seq = 3",
        f"UPDATE occurrence SET head_seq = 2, head_hash = '{before.hash}', stage = 'gathering' WHERE period = '2026-09'",
    )
    assert verify_ledger(ledger) == ["核对点 2026-10-09：当时新增事件 1 条，现存 0 条"]


def test_an_occurrence_removed_with_everything_it_had_is_found_by_the_checkpoint(ledger: Ledger, file: Path) -> None:
    tamper(
        file,
        f"DELETE FROM event WHERE occurrence_id = {SEPTEMBER}",
        "DELETE FROM occurrence WHERE period = '2026-09'",
    )
    assert verify_ledger(ledger) == [
        "核对点 2026-10-08：当时新增事件 8 条，现存 6 条",
        "核对点 2026-10-09：当时新增事件 1 条，现存 0 条",
    ]


def test_an_event_rewritten_with_a_new_hash_breaks_the_link_to_the_next(ledger: Ledger, file: Path) -> None:
    forged = replace(ledger.events(KEY, "2026-08")[1], person="别人")
    tamper(
        file,
        f"UPDATE event SET person = '别人', hash = '{seal(KEY, '2026-08', forged)}' "
        f"WHERE occurrence_id = {AUGUST} AND seq = 2",
    )
    found = verify_ledger(ledger)
    assert found[0] == f"{KEY} 2026-08：第 3 条（drafted）与前一条不衔接，前一条被替换"
    assert found[1] == "核对点 2026-10-08：当时新增的事件有改动"


def test_a_forged_first_event_that_lost_its_dates_is_named_and_does_not_stop_the_check(
    ledger: Ledger, file: Path
) -> None:
    forged = replace(ledger.events(KEY, "2026-08")[0], payload={})
    tamper(
        file,
        f"UPDATE event SET payload = '{{}}', hash = '{seal(KEY, '2026-08', forged)}' "
        f"WHERE occurrence_id = {AUGUST} AND seq = 1",
    )
    assert "2026-08：第 1 条（expected）的内容不成形" in verify_ledger(ledger)[0]


def test_a_checkpoint_is_taken_once_a_day(ledger: Ledger) -> None:
    midnight = datetime(2026, 10, 10, tzinfo=SHANGHAI)
    first = ledger.checkpoint(midnight)
    ledger.append(KEY, "2026-09", "waiting", happened_at=midnight, recorded_at=midnight)
    assert ledger.checkpoint(midnight + DAY - timedelta(seconds=1)) == first
    assert ledger.checkpoint(midnight + DAY) != first
    assert verify_ledger(ledger) == []
