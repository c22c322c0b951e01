"""The page of an obligation: what orders it, its next dates and why, how it went; and nobody else's duty opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from lxml import html
from office_pages import FISCAL, LAND, AsUser, browsers, expect, published, settings_of

from obligations.orchestration.pages.clock import now
from obligations.orchestration.pages.item_view import say_rate
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.rules.catalogue import load_one
from obligations.words.times import SHANGHAI

DAY = timedelta(days=1)
PAGE = f"/items/{FISCAL}"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return settings_of(tmp_path, monkeypatch)


@pytest.fixture
def as_user(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[AsUser]:
    with browsers(monkeypatch) as log_in:
        yield log_in


@pytest.mark.parametrize(
    ("account", "seen"),
    [("office", {FISCAL, LAND}), ("finance", {FISCAL}), ("lands", {LAND}), ("stranger", set())],
)
def test_everybody_opens_their_own_duties_alone(as_user: AsUser, account: str, seen: set[str]) -> None:
    client = as_user(account)
    for key in (FISCAL, LAND):
        page = client.get(f"/items/{key}")
        assert page.status_code == (200 if key in seen else 404)
        assert (load_one_title(key) in page.text) == (key in seen), "a refusal does not even say what it is"
    assert client.get("/items/demo/no-such-duty").status_code == 404
    assert client.get("/items/shandong/fiscal-monthly").status_code == 404, "not served here"


def load_one_title(key: str) -> str:
    return load_one(PACKAGE / "catalogue", key).title


def test_whom_airflow_lets_read_nothing_opens_nothing(as_user: AsUser) -> None:
    assert as_user("office", None).get(PAGE).status_code == 404


def test_who_is_not_logged_in_logs_in_first(as_user: AsUser) -> None:
    assert as_user(None).get(PAGE).status_code == 303


def test_the_clause_its_document_and_the_original_one_click_away(settings: Settings, as_user: AsUser) -> None:
    page = as_user("finance").get(PAGE)
    obligation = load_one(settings.catalogue, FISCAL)
    tree = html.fromstring(page.text)
    facts = " ".join(tree.xpath("string((//dl[@class='facts'])[1])").split())
    for said in (obligation.document.cited, obligation.clause, obligation.title, "每月"):
        assert said in facts
    assert obligation.quote not in facts
    assert tree.xpath("string(//details[summary='查看条款原文']/blockquote)") == obligation.quote
    assert f"http://127.0.0.1:8080/dags/{obligation.dag_id}" in tree.xpath("//a/@href")
    assert not re.search(r"<style| style=|<script>", page.text), "the policy allows none of a page's own"


def test_next_dates_are_those_expected_and_behind_them_what_the_rules_compute(
    settings: Settings, as_user: AsUser
) -> None:
    expect(settings, FISCAL, "2026-x", now() + timedelta(minutes=1), provisional=True)  # before any the rules compute
    tree = html.fromstring(as_user("finance").get(PAGE).text)
    cards = [" ".join(card.text_content().split()) for card in tree.xpath("//li[@class='card']")]
    assert len(cards) == 3
    assert "2026-x" in cards[0]
    assert "暂定（待节假日通知）" in cards[0]
    assert "自期末起20个工作日。" in cards[0]
    assert "推算" not in cards[0].replace("时限推算", "")
    for card in cards[1:]:
        assert re.match(r"20\d\d年\d+月 .*前", card)
        assert "前 推算" in card, "says that the ledger does not expect it yet"


def test_what_an_event_starts_has_no_next_date(as_user: AsUser) -> None:
    text = as_user("office").get("/items/demo/incident-bulletin").text
    assert "没有可以推算的下一期" in text
    assert "突发事件" in text


def test_how_it_went_so_far_is_counted_like_every_statement(settings: Settings, as_user: AsUser) -> None:
    at = now()
    published(settings, FISCAL, "on-time", at - 40 * DAY, at - 41 * DAY)
    published(settings, FISCAL, "late", at - 39 * DAY, at - 30 * DAY)
    expect(settings, FISCAL, "open", at - 38 * DAY)
    expect(settings, FISCAL, "old", at - 39 * DAY, historical=True)
    tree = html.fromstring(as_user("finance").get(PAGE).text)
    rows = tree.xpath("//section[@aria-labelledby='years']//tbody/tr")
    cells = [[" ".join(cell.text_content().split()) for cell in row] for row in rows]
    year, on_time, owed, rate, apart = cells[0] if len(cells) == 1 else [""] * 5
    # The run of the one without any event never began, which is the system's doing, not the department's.
    assert (on_time, owed, rate, apart) == ("1", "2", "50.0%", "2"), cells
    assert year.endswith("年")


def test_stages_are_drawn_and_told_in_numbers_and_publications_listed(settings: Settings, as_user: AsUser) -> None:
    due = datetime(2026, 6, 26, tzinfo=SHANGHAI)  # work from Sunday 7 June; 19 June is the Dragon Boat holiday
    published(settings, FISCAL, "2026-08", due, due - DAY)
    tree = html.fromstring(as_user("finance").get(PAGE).text)
    svg = tree.xpath("//section[@aria-labelledby='stages']//svg")
    assert len(svg) == 1
    assert svg[0].xpath("count(.//rect)") >= 3
    row = " ".join(tree.xpath("//section[@aria-labelledby='stages']//tbody/tr")[0].text_content().split())
    for label in ("数据", "起草", "审核", "发布"):
        assert label in row
    links = tree.xpath("//section[@aria-labelledby='products']//a/@href")
    assert "https://www.example.cn/2026-08" in links
    assert "/obligations/register?key=demo%2Ffiscal-monthly" in tree.xpath("//a/@href")


def test_a_publication_at_no_web_address_is_no_link(settings: Settings, as_user: AsUser) -> None:
    at = now()
    said = {"version": 1, "sha256": "0" * 64, "address": "javascript:alert(1)"}
    expect(settings, FISCAL, "2026-08", at - DAY, events=(("published", at - 2 * DAY, said),))
    text = as_user("finance").get(PAGE).text
    assert 'href="javascript:' not in text


def test_its_review_its_channel_and_who_holds_its_roles(as_user: AsUser) -> None:
    tree = html.fromstring(as_user("finance").get(PAGE).text)
    said = " ".join(tree.xpath("string(//section[@aria-labelledby='people'])").split())
    for word in ("初审（初审人）", "终审（终审签发人", "人工发布", "演示甲", "jia@example.cn", "演示丁", "演示乙"):
        assert word in said
    assert "无人担任" in said, "nobody is 分管领导 here, and the page says so"
    assert "演示丙" not in said, "another department's person"


@pytest.mark.parametrize("slug", ["incident-press-conference", "accountability-monthly", "wholesale-prices-weekly"])
def test_every_sort_of_duty_has_its_page(as_user: AsUser, slug: str) -> None:
    assert as_user("office").get(f"/items/demo/{slug}").status_code == 200


@pytest.mark.parametrize(
    ("on_time", "owed", "said"), [(95, 100, "95.0%"), (5, 5, "100.0%"), (2499, 2500, "99.96%"), (0, 0, "—")]
)
def test_one_miss_among_thousands_does_not_read_as_none(on_time: int, owed: int, said: str) -> None:
    assert say_rate(on_time, owed) == said
