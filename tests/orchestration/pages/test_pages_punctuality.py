"""The page 按期率统计: numerator and denominator, whose figures one may see and when, and the same in the CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from office_pages import FINANCE, FISCAL, LAND, LANDS, AsUser, browsers, expect, published, settings_of

from obligations.orchestration.settings import Settings
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import open_ledger
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.times import SHANGHAI

STATEMENT = "demo/accountability-monthly"
DAY = timedelta(days=1)
DUE = datetime(2026, 9, 29, tzinfo=SHANGHAI)
PAGE = "/punctuality?month=2026-09"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = settings_of(tmp_path, monkeypatch)
    published(settings, FISCAL, "2026-07", DUE, DUE - DAY)
    published(settings, FISCAL, "2026-08", DUE, DUE + 2 * DAY)
    published(settings, LAND, "2026-Q2", DUE, DUE + 3 * DAY)
    expect(settings, FISCAL, "2026-06", DUE, historical=True)
    return settings


@pytest.fixture
def as_user(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[AsUser]:
    with browsers(monkeypatch) as log_in:
        yield log_in


def issue(settings: Settings) -> None:
    """Issue the statement of September."""
    with open_ledger(settings.ledger_url) as ledger:
        dates = DueDate(DUE, DUE + 20 * DAY, False, DUE, DUE, ("15个工作日",))
        month = Period("2026-09", date(2026, 9, 1), date(2026, 9, 30))
        ledger.expect(
            load_one(settings.catalogue, STATEMENT),
            Occurrence(STATEMENT, month, DUE, DUE + 15 * DAY, dates),
            calendar_version="1",
            catalogue_version="1",
            historical=False,
            now=DUE,
        )
        at = DUE + 10 * DAY
        ledger.append(STATEMENT, "2026-09", "completed", happened_at=at, recorded_at=at, payload={"sha256": "0" * 64})


def table(page: Any, section: str) -> dict[str, list[str]]:
    assert page.status_code == 200, page.text
    rows = html.fromstring(page.text).xpath(f"//section[@aria-labelledby='{section}']//tbody/tr")
    cells = [[" ".join(cell.text_content().split()) for cell in row.xpath("th|td")] for row in rows]
    return {first: rest for first, *rest in cells}


def test_the_office_sees_numerator_and_denominator_of_every_department(as_user: AsUser) -> None:
    found = table(as_user("office").get(PAGE), "by-department")
    assert found[FINANCE] == ["2", "1", "2", "50.0%", "1", "0", "0", "1"]
    assert found[LANDS] == ["1", "0", "1", "0.0%", "1", "0", "0", "0"]
    assert found["合计"] == ["3", "1", "3", "33.3%", "2", "0", "0", "1"]
    by_month = table(as_user("office").get(PAGE), "by-month")
    assert len(by_month) == 12
    assert by_month["2026年9月"][:4] == ["3", "1", "3", "33.3%"]
    assert by_month["2026年8月"][:4] == ["0", "0", "0", "—"]


@pytest.mark.parametrize(("account", "own", "other"), [("finance", FINANCE, LANDS), ("lands", LANDS, FINANCE)])
def test_a_department_sees_its_own_until_the_statement_is_issued_and_then_all(
    settings: Settings, as_user: AsUser, account: str, own: str, other: str
) -> None:
    client = as_user(account)
    page = client.get(PAGE)
    assert set(table(page, "by-department")) == {own}
    assert set(table(page, "stage-times")) == {own}
    assert other not in page.text
    assert "通报尚未印发" in page.text
    exported = client.get("/punctuality/export.csv?month=2026-09").content.decode("utf-8-sig")
    assert own in exported
    assert other not in exported
    before = table(page, "by-month")
    issue(settings)
    page = client.get(PAGE)
    assert set(table(page, "by-department")) >= {own, other, "合计"}
    assert "通报尚未印发" not in page.text
    assert other in client.get("/punctuality/export.csv?month=2026-09").content.decode("utf-8-sig")
    assert table(page, "by-month") == before, "of other months, whose statement is not issued, only its own"


def test_a_reviewer_of_the_whole_sees_all_and_a_stranger_nothing(as_user: AsUser) -> None:
    assert set(table(as_user("reviewer").get(PAGE), "by-department")) == {FINANCE, LANDS, "合计"}
    for client in (as_user("stranger"), as_user("office", None)):
        page = client.get(PAGE)
        assert "没有您可以查看的统计" in page.text
        assert FINANCE not in page.text
        assert client.get("/punctuality/export.csv").status_code == 400
        assert FINANCE not in client.get("/punctuality?jurisdiction=demo&month=2026-09").text


def test_misses_name_stage_and_owner_and_link_only_to_what_one_may_open(settings: Settings, as_user: AsUser) -> None:
    issue(settings)
    tree = html.fromstring(as_user("finance").get(PAGE).text)
    rows = tree.xpath("//section[@aria-labelledby='misses']//tbody/tr")
    said = [" ".join(row.text_content().split()) for row in rows]
    assert len(said) == 2
    for words in said:
        assert re.search(r"逾期\d天", words)
        assert "系统推定" in words
    links = tree.xpath("//section[@aria-labelledby='misses']//a/@href")
    assert links == [f"/obligations/items/{FISCAL}"]


def test_stage_times_are_told_for_each_department(as_user: AsUser) -> None:
    found = table(as_user("office").get(PAGE), "stage-times")
    number, *medians = found[FINANCE]
    assert number == "2"
    assert all(re.fullmatch(r"\d+\.\d", said) for said in medians)


def test_the_csv_holds_what_the_page_says(as_user: AsUser) -> None:
    answer = as_user("office").get("/punctuality/export.csv?month=2026-09")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    row = next(row for row in rows if (row["月份"], row["责任单位"]) == ("2026-09", FINANCE))
    assert (row["按期（分子）"], row["应考核（分母）"], row["按期率"], row["补录"]) == ("1", "2", "50.0%", "1")


@pytest.mark.parametrize("month", ["2026-13", "9月", "1999-01", "2026-9", "2026-09-01", "20２6-09"])
def test_a_month_that_is_none_is_told(as_user: AsUser, month: str) -> None:
    client = as_user("office")
    assert "月份应写作 2026-09 的形式" in client.get("/punctuality", params={"month": month}).text
    assert client.get("/punctuality/export.csv", params={"month": month}).status_code == 400


def test_without_contacts_airflows_rights_are_all_there_is(
    settings: Settings, as_user: AsUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OBLIGATIONS_CONTACTS")
    assert set(table(as_user("anybody").get(PAGE), "by-department")) == {FINANCE, LANDS, "合计"}


def test_without_contacts_nobody_sees_figures_of_duties_that_airflow_hides(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OBLIGATIONS_CONTACTS")
    with browsers(monkeypatch, frozenset({FISCAL.replace("/", ".")})) as as_user:
        client = as_user("anybody")
        assert LANDS not in client.get(PAGE).text
        assert LANDS not in client.get("/punctuality/export.csv?month=2026-09").content.decode("utf-8-sig")
        issue(settings)
        assert LANDS in client.get(PAGE).text


def test_who_is_not_logged_in_logs_in_first(as_user: AsUser) -> None:
    client = as_user(None)
    assert client.get("/punctuality").status_code == 303
    assert client.get("/punctuality/export.csv").status_code == 303
