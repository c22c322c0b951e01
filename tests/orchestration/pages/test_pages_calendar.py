"""The page 时限日历: due dates on their days, holidays and make-up days as announced, and everybody's own alone."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from office_pages import FISCAL, LAND, AsUser, browsers, expect, published, settings_of

from obligations.orchestration.pages import calendar
from obligations.orchestration.settings import Settings
from obligations.steps.ledger import open_ledger
from obligations.steps.ledger.due_dates import counts_by_day, due_between, first_of_each_day
from obligations.words.times import SHANGHAI, end_of_day
from obligations.words.visible import Visible

NOW = datetime(2026, 10, 12, 9, tzinfo=SHANGHAI)  # a Monday
HOURS = datetime(2026, 10, 20, 15, 30, tzinfo=SHANGHAI)
ALL = Visible(frozenset({"demo"}))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = settings_of(tmp_path, monkeypatch)
    expect(settings, FISCAL, "2026-08", end_of_day(date(2026, 10, 9)))  # a Friday, and gone by
    published(settings, FISCAL, "2026-07", end_of_day(date(2026, 10, 9)), datetime(2026, 10, 8, 9, tzinfo=SHANGHAI))
    expect(settings, FISCAL, "2026-09", end_of_day(date(2026, 10, 31)))  # the last day of the month, a Saturday
    expect(settings, LAND, "2026-Q3", HOURS)
    expect(settings, FISCAL, "2026-12", end_of_day(date(2027, 1, 29)), provisional=True)
    expect(settings, FISCAL, "2026-06", end_of_day(date(2026, 10, 9)), historical=True)
    monkeypatch.setattr(calendar, "now", lambda: NOW)
    return settings


@pytest.fixture
def as_user(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[AsUser]:
    with browsers(monkeypatch) as log_in:
        yield log_in


def cells(page: Any) -> dict[str, str]:
    """Return the words of each day of a month, by ISO day."""
    assert page.status_code == 200, page.text
    found = re.findall(
        r'<td class="([^"]*)">\s*<p class="date"><time datetime="([^"]+)">(.*?)</td>', page.text, re.DOTALL
    )
    return {day: f"[{kind}] " + html.unescape(re.sub(r"<[^>]+>|\s+", " ", rest)) for kind, day, rest in found}


@pytest.mark.parametrize("page", ["/calendar", "/calendar?year=2026", f"/occurrences/{FISCAL}/2026-09"])
def test_while_the_holiday_notices_are_at_fault_no_date_is_guessed(
    as_user: AsUser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: str
) -> None:
    (tmp_path / "holidays.yaml").write_text("notices: 3\n", "utf-8")
    monkeypatch.setenv("OBLIGATIONS_HOLIDAYS", str(tmp_path / "holidays.yaml"))
    answer = as_user("office").get(page)
    assert answer.status_code == 503
    assert "放假通知有误" in answer.text
    assert "holidays.yaml" in answer.text


def test_what_is_due_stands_on_its_day_and_midnight_belongs_to_the_day_it_ends(as_user: AsUser) -> None:
    days = cells(as_user("office").get("/calendar?month=2026-10"))
    assert len(days) == 31
    assert "2项到期" in days["2026-10-09"]
    assert "逾期1" in days["2026-10-09"]
    assert "（2026年8月）" in days["2026-10-09"]
    assert "已完成" in days["2026-10-09"]
    assert "（2026年6月）" not in days["2026-10-09"], "补录 is owed no more"
    assert "（2026年9月）" in days["2026-10-31"]
    assert "（2026年三季度）" in days["2026-10-20"]
    assert "到期" not in days["2026-10-10"]


def test_the_present_month_is_shown_and_today_is_marked_in_words(as_user: AsUser) -> None:
    days = cells(as_user("office").get("/calendar"))
    assert "今天" in days["2026-10-12"]
    assert "today" in days["2026-10-12"]
    assert sum("今天" in said for said in days.values()) == 1


def test_holidays_and_make_up_days_are_marked_as_announced(as_user: AsUser) -> None:
    days = cells(as_user("office").get("/calendar?month=2026-10"))
    assert "国庆节放假" in days["2026-10-01"]
    assert days["2026-10-01"].startswith("[off]")
    assert "调休上班" in days["2026-10-10"]  # a Saturday, worked in place of a day of the National Day week
    assert days["2026-10-10"].startswith("[made-up]")
    assert days["2026-10-17"].startswith("[off]")  # a plain Saturday
    assert "awaited" not in days["2026-10-17"]


def test_what_is_provisional_looks_so_and_says_so(as_user: AsUser) -> None:
    days = cells(as_user("office").get("/calendar?month=2027-01"))
    assert "awaited" in days["2027-01-29"]
    assert "暂定（待节假日通知）" in days["2027-01-29"]


def test_a_year_counts_each_day_and_links_to_the_register(as_user: AsUser) -> None:
    page = as_user("office").get("/calendar?year=2026")
    assert page.status_code == 200
    for said in ("2026年10月9日，2项到期，逾期1项", "2026年10月31日，1项到期", "2026年10月20日，1项到期"):
        assert said in page.text
    assert 'href="/obligations/register?from=2026-10-09&amp;until=2026-10-09"' in page.text
    assert len(re.findall(r'<table class="small">', page.text)) == 12
    assert "暂定1项" in as_user("office").get("/calendar?year=2027").text


def test_a_department_sees_its_own_alone(as_user: AsUser) -> None:
    days = cells(as_user("lands").get("/calendar?month=2026-10"))
    assert "（2026年三季度）" in days["2026-10-20"]
    assert "到期" not in days["2026-10-09"] + days["2026-10-31"]
    assert not any("到期" in said for said in cells(as_user("stranger").get("/calendar?month=2026-10")).values())
    assert "演示单位财政局" not in as_user("lands").get("/calendar").text


def test_it_is_narrowed_to_a_department(as_user: AsUser) -> None:
    days = cells(as_user("office").get("/calendar?month=2026-10&department=演示单位财政局"))
    assert "到期" in days["2026-10-09"]
    assert "到期" not in days["2026-10-20"]
    unknown = cells(as_user("lands").get("/calendar?month=2026-10&department=演示单位财政局"))
    assert "（2026年三季度）" in unknown["2026-10-20"], "a department of others is none that one can ask for"


@pytest.mark.parametrize(
    "query", ["month=2026-13", "month=abc", "month=0001-01", "year=9999", "year=1", "year=２０２６x"]
)
def test_what_is_no_month_or_year_is_refused(query: str, as_user: AsUser) -> None:
    assert as_user("office").get(f"/calendar?{query}").status_code == 400


def test_who_is_not_logged_in_logs_in_first(as_user: AsUser) -> None:
    assert as_user(None).get("/calendar").status_code == 303


def test_of_a_full_day_the_open_come_first_and_the_rest_are_counted(settings: Settings, as_user: AsUser) -> None:
    for number in range(10):
        expect(settings, FISCAL, f"2025-W{number + 10}", end_of_day(date(2026, 10, 9)))
    days = cells(as_user("office").get("/calendar?month=2026-10"))
    assert "12项到期" in days["2026-10-09"]
    assert "另有6项" in days["2026-10-09"]
    assert "已完成" not in days["2026-10-09"]


def test_the_ledger_tells_days_and_how_often_a_date_was_moved(settings: Settings) -> None:
    with open_ledger(settings.ledger_url) as ledger:
        at = NOW
        ledger.append(
            LAND,
            "2026-Q3",
            "extended",
            happened_at=at,
            recorded_at=at,
            payload={"due_at": end_of_day(date(2026, 10, 21))},
        )
        with ledger.reading() as connection:
            first, last = date(2026, 10, 9), date(2026, 10, 21)
            found = due_between(connection, ALL, first, last)
            assert [(each.period, each.day, each.redated) for each in found] == [
                ("2026-07", date(2026, 10, 9), 0), ("2026-08", date(2026, 10, 9), 0), ("2026-Q3", date(2026, 10, 21), 1),
            ]  # fmt: skip
            counts = counts_by_day(connection, ALL, first, last, NOW)
            assert {day: (count.total, count.late) for day, count in counts.items()} == {first: (2, 1), last: (1, 0)}
            assert first_of_each_day(connection, Visible(), first, last, 3) == {}
            assert due_between(connection, Visible(), first, last) == []
