"""The page 台账: everybody sees their own alone, the filters do what they say, and an export holds exactly what is listed."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from office_pages import FISCAL, LAND, LANDS, AsUser, browsers, expect, published, settings_of
from openpyxl import load_workbook

from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.register import PAGE
from obligations.orchestration.settings import Settings
from obligations.publications.periods import say_key

DAY = timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = settings_of(tmp_path, monkeypatch)
    at = now()
    expect(settings, FISCAL, "2026-08", at - DAY / 2)
    published(settings, FISCAL, "2026-07", at - 30 * DAY, at - 31 * DAY)
    expect(settings, FISCAL, "2026-10", at + 30 * DAY, provisional=True)
    expect(settings, LAND, "2026-Q3", at + 10 * DAY)
    return settings


@pytest.fixture
def as_user(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[AsUser]:
    with browsers(monkeypatch) as log_in:
        yield log_in


def listed(page: Any) -> list[str]:
    assert page.status_code == 200, page.text
    places = re.findall(r'data-label="期间"><a href="[^"]*/([^/"]*)">([^<]+)</a>', page.text)
    assert [said for _, said in places] == [say_key(period) for period, _ in places]
    return [period for period, _ in places]


def exported(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("account", "seen"),
    [
        ("office", ["2026-07", "2026-08", "2026-Q3", "2026-10"]),
        ("reviewer", ["2026-07", "2026-08", "2026-Q3", "2026-10"]),
        ("finance", ["2026-07", "2026-08", "2026-10"]),
        ("lands", ["2026-Q3"]),
        ("stranger", []),
    ],
)
def test_everybody_sees_and_takes_away_what_they_may(as_user: AsUser, account: str, seen: list[str]) -> None:
    client = as_user(account)
    assert listed(client.get("/register")) == seen
    assert [row["期间"] for row in exported(client.get("/register/export.csv"))] == seen
    sheet = load_workbook(io.BytesIO(client.get("/register/export.xlsx").content)).active
    assert [row[-1] for row in sheet.iter_rows(min_row=2, values_only=True)] == seen


def test_whom_airflow_lets_read_nothing_sees_nothing(as_user: AsUser) -> None:
    client = as_user("office", None)
    page = client.get("/register")
    assert listed(page) == []
    assert "台账中还没有您可以查看的事项" in page.text
    assert exported(client.get("/register/export.csv")) == []


def test_a_filter_never_shows_another_department(as_user: AsUser) -> None:
    client = as_user("finance")
    for query in ({"department": LANDS}, {"key": LAND}):
        page = client.get("/register", params=query)
        assert "2026-Q3" not in listed(page)
        assert "没有查看的权限" in page.text
        refused = client.get("/register/export.csv", params=query)
        assert (refused.status_code, "2026-Q3" in refused.text) == (400, False)
    assert listed(client.get("/register", params={"q": "土地"})) == []


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ({"state": "逾期"}, ["2026-08"]),
        ({"state": "按时"}, ["2026-07"]),
        ({"state": "未到期"}, ["2026-Q3", "2026-10"]),
        ({"stage": "met"}, ["2026-07"]),
        ({"kind": "定期", "period": "2026-Q"}, ["2026-Q3"]),
        ({"kind": "事件触发"}, []),
        ({"department": LANDS}, ["2026-Q3"]),
        ({"q": "land-supply"}, ["2026-Q3"]),
        ({"key": LAND}, ["2026-Q3"]),
        ({"from": "2000-01-01", "until": "2000-12-31"}, []),
        ({"sort": "-due"}, ["2026-10", "2026-Q3", "2026-08", "2026-07"]),
        ({"q": "\x00"}, ["2026-07", "2026-08", "2026-Q3", "2026-10"]),
    ],
)
def test_page_and_export_hold_what_the_filter_leaves_in_the_same_order(
    as_user: AsUser, query: dict[str, str], seen: list[str]
) -> None:
    client = as_user("office")
    page = client.get("/register", params=query)
    assert listed(page) == seen
    assert [row["期间"] for row in exported(client.get("/register/export.csv", params=query))] == seen
    if seen:
        link = html.unescape(re.search(r'href="/obligations(/register/export\.csv[^"]*)"', page.text)[1])
        assert [row["期间"] for row in exported(client.get(link))] == seen, "the page's own link exports what it lists"


@pytest.mark.parametrize(
    "query",
    [
        {"state": "丢失"},
        {"kind": "recurring"},
        {"stage": "lost"},
        {"from": "30.9.2026"},
        {"until": "0001-01-01"},
        {"sort": "hash"},
        {"page": "-1"},
        {"page": "٣"},
        {"jurisdiction": "shandong"},
    ],
)
def test_what_nobody_understands_is_told_and_never_exported(as_user: AsUser, query: dict[str, str]) -> None:
    client = as_user("office")
    page = client.get("/register", params=query)
    assert len(listed(page)) == 4
    assert 'role="alert"' in page.text
    assert client.get("/register/export.xlsx", params=query).status_code == 400


def test_a_row_says_what_people_ask(as_user: AsUser) -> None:
    text = as_user("office").get("/register").text
    assert re.search(r"逾期\d+小时", text)
    for said in ("按时", "未到期", "已公开", "待启动", "暂定（待节假日通知）", "定期", "共4项"):
        assert said in text
    assert 'href="/obligations/occurrences/demo/fiscal-monthly/2026-08"' in text
    assert 'href="/obligations/items/demo/fiscal-monthly"' in text
    assert not re.search(r"<style| style=", text), "the policy allows no style of a page's own"
    assert text.count("<h1>") == 1


def test_the_export_reads_like_the_offices_own_and_can_be_read_back(as_user: AsUser) -> None:
    row = next(row for row in exported(as_user("office").get("/register/export.csv")) if row["期间"] == "2026-07")
    assert row["编号"] == FISCAL
    assert row["序号"] == "1"
    assert row["完成情况"].startswith("已公开，按时")
    assert row["佐证链接"] == "https://www.example.cn/2026-07"


def test_many_are_shown_page_by_page(settings: Settings, as_user: AsUser) -> None:
    due = now() + 40 * DAY
    for number in range(PAGE):
        expect(settings, FISCAL, f"n-{number:03}", due + number * DAY)
    client = as_user("office")
    first, second = client.get("/register"), client.get("/register?page=2")
    assert len(listed(first)) == PAGE
    assert 'rel="next" href="?page=2"' in first.text
    assert 'rel="prev"' not in first.text
    assert len(listed(second)) == 4
    assert 'rel="prev" href="?page=1"' in second.text
    assert not set(listed(first)) & set(listed(second))
    assert listed(client.get("/register?page=99999")) == listed(second), "past the end is the last page"
    assert len(exported(client.get("/register/export.csv?page=2"))) == PAGE + 4, "an export is the whole list"


def test_what_people_entered_is_escaped(as_user: AsUser) -> None:
    page = as_user("office").get("/register", params={"q": '"><script>alert(1)</script>'})
    assert "<script>alert" not in page.text
    assert "没有符合条件的事项" in page.text


def test_who_is_not_logged_in_logs_in_first(as_user: AsUser) -> None:
    client = as_user(None)
    for path in ("/register", "/register/export.csv", "/register/export.xlsx"):
        assert client.get(path).status_code == 303
        assert client.post(path).status_code in {401, 405}
