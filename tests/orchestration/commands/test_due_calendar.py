"""``obligations calendar`` as another process runs it: what it prints is read by a client library."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import icalendar
import pytest
from office_pages import FISCAL, LAND, expect, settings_of

from obligations.orchestration.settings import Settings
from obligations.words.times import end_of_day


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = settings_of(tmp_path, monkeypatch)
    expect(settings, FISCAL, "2026-09", end_of_day(date(2026, 11, 3)))
    expect(settings, LAND, "2026-Q3", end_of_day(date(2026, 11, 4)))
    expect(settings, FISCAL, "2026-12", end_of_day(date(2027, 1, 29)), provisional=True)
    return settings


def run(*words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "obligations", "calendar", *words], capture_output=True, check=False)


def uids(data: bytes) -> list[str]:
    return [str(event["UID"]) for event in icalendar.Calendar.from_ical(data).walk("VEVENT")]


def test_it_prints_one_calendar_and_nothing_else(settings: Settings) -> None:
    answer = run("--format", "ics", "--from", "2026-11-01", "--to", "2027-12-31")
    assert answer.returncode == 0, answer.stderr.decode()
    assert answer.stdout.startswith(b"BEGIN:VCALENDAR\r\n")
    assert answer.stdout.endswith(b"END:VCALENDAR\r\n")
    assert len(uids(answer.stdout)) == 3
    assert "共 3 项" in answer.stderr.decode()


def test_it_is_narrowed_by_days_jurisdiction_and_department(settings: Settings) -> None:
    november = ("--format", "ics", "--from", "2026-11-01", "--to", "2026-11-30")
    assert len(uids(run(*november).stdout)) == 2
    assert uids(run(*november, "--department", "演示单位自然资源局").stdout) == [
        "demo.land-supply-quarterly.2026-Q3@obligations"
    ]
    assert uids(run(*november, "--jurisdiction", "shandong").stdout) == []


def test_json_holds_the_calendar_as_text(settings: Settings) -> None:
    value = json.loads(run("--format", "ics", "--from", "2026-11-01", "--to", "2026-11-30", "--json").stdout)
    assert (value["from"], value["to"], value["entries"]) == ("2026-11-01", "2026-11-30", 2)
    assert len(uids(value["calendar"].encode())) == 2


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--format", "pdf"),
        ("--format", "ics", "--from", "2026-13-01"),
        ("--format", "ics", "--to", "9999-12-31"),
        ("--format", "ics", "--from", "2027-01-01", "--to", "2026-01-01"),
        ("--format", "ics", "--jurisdiction", "nowhere"),
        ("--format", "ics", "--department", "自然资源局"),
    ],
)
def test_what_cannot_be_used_is_refused(words: tuple[str, ...], settings: Settings) -> None:
    answer = run(*words)
    assert answer.returncode == 2
    assert answer.stdout == b""
