"""日历订阅: real client libraries read what a feed gives; a token shows its owner's titles alone and can be revoked."""

from __future__ import annotations

import html
import re
import stat
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
import recurring_ical_events
from office_pages import BASE, CONTACTS, FISCAL, LAND, AsUser, browsers, expect, published, settings_of

from obligations.orchestration.feeds.keeping import FILE, MOST
from obligations.orchestration.pages import feeds
from obligations.orchestration.settings import Settings
from obligations.steps.ledger import open_ledger
from obligations.words.times import SHANGHAI, end_of_day

NOW = datetime(2026, 10, 12, 9, tzinfo=SHANGHAI)  # a Monday
HOURS = datetime(2026, 10, 20, 15, 30, tzinfo=SHANGHAI)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = settings_of(tmp_path, monkeypatch)
    published(settings, FISCAL, "2026-08", end_of_day(date(2026, 10, 9)), datetime(2026, 10, 8, 9, tzinfo=SHANGHAI))
    expect(settings, FISCAL, "2026-09", end_of_day(date(2026, 10, 31)))
    expect(settings, LAND, "2026-Q3", HOURS)
    expect(settings, FISCAL, "2026-12", end_of_day(date(2027, 1, 29)), provisional=True)
    monkeypatch.setattr(feeds, "now", lambda: NOW)
    return settings


@pytest.fixture
def as_user(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[AsUser]:
    with browsers(monkeypatch) as log_in:
        yield log_in


def post(client: Any, path: str, token: str, origin: str | None = BASE, **fields: str) -> Any:
    return client.post(path, data={"token": token, **fields}, headers={} if origin is None else {"Origin": origin})


def make(client: Any, place: str = "") -> str:
    """Make a feed on the page and return its path below the pages."""
    page = client.get("/feeds")
    token = re.search(r'name="token" value="(\w+)"', page.text)[1]
    made = post(client, "/feeds", token, place=place)
    assert made.status_code == 201, made.text
    return re.search(r'value="http://127\.0\.0\.1:8080/obligations(/feeds/[^"]+\.ics)"', made.text)[1]


def read(as_user: AsUser, path: str) -> icalendar.Calendar:
    """Fetch a feed as a calendar program does: without a login."""
    answer = as_user(None).get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert b"\r\n" in answer.content
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n")), "RFC 5545, 3.1"
    return icalendar.Calendar.from_ical(answer.content)


def summaries(calendar: icalendar.Calendar) -> set[str]:
    return {re.search(r"（(20[^）]+)）", str(event["SUMMARY"]))[1] for event in calendar.walk("VEVENT")}


def test_a_client_shows_each_due_date_on_its_day_in_the_time_of_beijing(as_user: AsUser) -> None:
    calendar = read(as_user, make(as_user("office")))
    query = recurring_ical_events.of(calendar)
    (whole_day,) = query.at((2026, 10, 31))
    assert whole_day["DTSTART"].dt == date(2026, 10, 31)
    assert whole_day["DTEND"].dt == date(2026, 11, 1)
    (hours,) = query.at((2026, 10, 20))
    assert hours["DTSTART"].dt == HOURS
    assert hours["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert query.at((2026, 11, 1)) == [], "24:00 is no entry of the next day"
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone.to_tz().utcoffset(datetime(2026, 10, 20)) == timedelta(hours=8)  # noqa: DTZ001 - a zone is asked by wall-clock time


def test_it_tells_titles_alone_and_what_is_provisional_is_tentative(as_user: AsUser, settings: Settings) -> None:
    calendar = read(as_user, make(as_user("office")))
    by_uid = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
    assert set(by_uid) == {f"demo.{name}@obligations" for name in (
        "fiscal-monthly.2026-08", "fiscal-monthly.2026-09", "fiscal-monthly.2026-12", "land-supply-quarterly.2026-Q3")}  # fmt: skip
    provisional = by_uid["demo.fiscal-monthly.2026-12@obligations"]
    assert provisional["STATUS"] == "TENTATIVE"
    assert "暂定" in provisional["SUMMARY"]
    assert by_uid["demo.fiscal-monthly.2026-09@obligations"]["STATUS"] == "CONFIRMED"
    assert "已完成" in by_uid["demo.fiscal-monthly.2026-08@obligations"]["SUMMARY"]
    for event in by_uid.values():
        assert set(event) == {"UID", "DTSTAMP", "SEQUENCE", "SUMMARY", "STATUS", "TRANSP", "URL", "DTSTART"} | (
            {"DTEND"} if "DTEND" in event else set()
        )


def test_a_moved_due_date_keeps_its_uid_and_raises_its_sequence(as_user: AsUser, settings: Settings) -> None:
    path = make(as_user("office"))
    uid = "demo.land-supply-quarterly.2026-Q3@obligations"
    before = {str(event["UID"]): event for event in read(as_user, path).walk("VEVENT")}[uid]
    with open_ledger(settings.ledger_url) as ledger:
        payload = {"due_at": end_of_day(date(2026, 10, 23)), "provisional": False}
        ledger.append(LAND, "2026-Q3", "rebound", happened_at=NOW, recorded_at=NOW, payload=payload)
    after = {str(event["UID"]): event for event in read(as_user, path).walk("VEVENT")}[uid]
    assert (int(before["SEQUENCE"]), int(after["SEQUENCE"])) == (0, 1)
    assert after["DTSTART"].dt == date(2026, 10, 23)


def test_a_feed_shows_its_owners_duties_alone(as_user: AsUser) -> None:
    assert summaries(read(as_user, make(as_user("lands")))) == {"2026-Q3"}
    assert summaries(read(as_user, make(as_user("finance")))) == {"2026-08", "2026-09", "2026-12"}
    assert summaries(read(as_user, make(as_user("stranger")))) == set()


def test_a_feed_is_narrowed_to_a_department_that_one_may_see(as_user: AsUser) -> None:
    assert summaries(read(as_user, make(as_user("office"), "demo|演示单位自然资源局"))) == {"2026-Q3"}
    client = as_user("lands")
    token = re.search(r'name="token" value="(\w+)"', client.get("/feeds").text)[1]
    assert post(client, "/feeds", token, place="demo|演示单位财政局").status_code == 400


def test_who_loses_the_role_loses_what_the_feed_shows(as_user: AsUser, settings: Settings) -> None:
    path = make(as_user("lands"))
    role = "  - {jurisdiction: demo, department: 演示单位自然资源局, role: responsible, holder: bing}\n"
    assert settings.contacts is not None
    settings.contacts.write_text(CONTACTS.replace(role, ""), "utf-8")
    assert summaries(read(as_user, path)) == set()


def test_a_feed_never_shows_more_than_when_it_was_made(as_user: AsUser, settings: Settings) -> None:
    path = make(as_user("lands"))
    assert settings.contacts is not None
    settings.contacts.write_text(CONTACTS + "  - {jurisdiction: demo, role: leader, holder: bing}\n", "utf-8")
    assert summaries(read(as_user, path)) == {"2026-Q3"}


def test_its_address_is_shown_once_and_only_its_hash_is_kept(as_user: AsUser, settings: Settings) -> None:
    client = as_user("finance")
    token = make(client).removeprefix("/feeds/").removesuffix(".ics")
    assert token not in client.get("/feeds").text
    file = settings.home / FILE
    assert token not in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_revoked_feed_is_nobodys_and_only_its_owner_revokes_it(as_user: AsUser) -> None:
    path = make(as_user("finance"))
    page = as_user("finance").get("/feeds").text
    revoke, token = re.search(
        r'action="/obligations(/feeds/\w+/revoke)"><input type="hidden" name="token" value="(\w+)"', page
    ).groups()
    assert post(as_user("lands"), revoke, token).status_code == 403
    assert post(as_user("finance"), revoke, token, origin="http://other.example").status_code == 403
    assert as_user(None).get(path).status_code == 200
    assert as_user(None).post(revoke, data={"token": token}).status_code == 401
    assert post(as_user("finance"), revoke, token).status_code == 303
    assert as_user(None).get(path).status_code == 404
    assert post(as_user("finance"), revoke, token).status_code == 404


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "a" * 5000, "..%2Fledger", "%00"])
def test_an_unknown_token_is_not_found(token: str, as_user: AsUser) -> None:
    make(as_user("office"))
    assert as_user(None).get(f"/feeds/{token}.ics").status_code == 404


def test_only_our_own_form_makes_a_feed_and_not_without_end(as_user: AsUser) -> None:
    client = as_user("finance")
    token = re.search(r'name="token" value="(\w+)"', client.get("/feeds").text)[1]
    assert post(client, "/feeds", "0" * 64).status_code == 403
    assert post(client, "/feeds", token, origin=None).status_code == 403
    assert as_user(None).get("/feeds").status_code == 303
    for _ in range(MOST):
        assert post(as_user("finance"), "/feeds", token).status_code == 201
    refused = post(as_user("finance"), "/feeds", token)
    assert refused.status_code == 409
    assert "最多20个" in html.unescape(refused.text)
