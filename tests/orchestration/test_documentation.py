"""The page of every DAG: its clause, its limit and one worked example, whatever characters the text holds."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from obligations.orchestration.documentation import documentation_of
from obligations.orchestration.documents.catalogue_page import PAGE, catalogue_page
from obligations.orchestration.documents.law_page import PAGE as LAW_PAGE
from obligations.orchestration.documents.law_page import law_page
from obligations.orchestration.review.markdown import plain, table_row, unescaped
from obligations.orchestration.settings import PACKAGE
from obligations.rules.catalogue import load
from obligations.rules.law import read_law
from obligations.rules.wording import say_clock

CATALOGUE = load(PACKAGE / "catalogue").obligations


@pytest.mark.parametrize("key", CATALOGUE)
def test_the_page_says_clause_quote_clock_departments_and_works_an_example(key):
    obligation = CATALOGUE[key]
    page = unescaped(documentation_of(obligation))
    assert obligation.document.cited in page
    assert obligation.clause in page
    assert " ".join(obligation.quote.split()) in page
    assert say_clock(obligation) in page
    assert all(name in page for name in (*obligation.department_names, *obligation.departments))
    assert "## 时限推算示例（" in page
    assert "结论：**" in page
    assert page == unescaped(documentation_of(obligation)), "nothing of it depends on when it is read"


@pytest.mark.parametrize("key", [key for key, found in CATALOGUE.items() if "|" in found.quote])
def test_a_quote_from_a_table_is_shown_as_text(key):
    html = MarkdownIt("commonmark").enable("table").render(documentation_of(CATALOGUE[key]))
    assert "<table>" not in html
    assert "| " in html


@pytest.mark.parametrize(
    "text", ["- 项", "1. 项", "# 题", "甲|乙*丙_丁[戊](己)<庚>&amp;", "===", "2026-09", "`码`", "~~删~~", "\\n"]
)
def test_no_text_is_read_as_markup(text):
    assert unescaped(plain(text)) == text
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(plain(text))
    shown = html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()
    assert shown == f"<p>{text}</p>"


def test_a_row_of_a_table_keeps_its_cells_apart():
    html = (
        MarkdownIt("commonmark")
        .enable("table")
        .render("\n".join((table_row("甲"), "| --- |", table_row(plain("乙|丙")))))
    )
    assert "<td>乙|丙</td>" in html


def test_the_catalogues_page_is_the_catalogue():
    assert PAGE.read_text("utf-8") == catalogue_page(CATALOGUE.values()), (
        "the catalogue has changed: run python -m obligations.orchestration.documents.catalogue_page"
    )


def test_the_page_of_the_law_is_the_law():
    assert LAW_PAGE.read_text("utf-8") == law_page(read_law()), (
        "the law has changed: run python -m obligations.orchestration.documents.law_page"
    )


def test_the_catalogues_page_has_a_row_for_every_obligation_in_the_order_of_its_document():
    own = [found for found in CATALOGUE.values() if found.adopted_from is None]
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.endswith("` |")]
    keys = [line.rsplit("`", 2)[1] for line in lines]
    assert sorted(keys) == sorted(found.key for found in own)
    numbers = {slug: [] for slug in {found.jurisdiction.slug for found in own}}
    for key in keys:
        numbers[key.split("/")[0]].append(CATALOGUE[key].line or 0)  # this office's own has no line
    assert all(found == sorted(found) for found in numbers.values())


def test_a_faulty_file_of_holidays_costs_no_dag_its_page(monkeypatch, tmp_path):
    (tmp_path / "holidays.yaml").write_text("notices: [", "utf-8")
    before = documentation_of(CATALOGUE["demo/fiscal-monthly"])
    monkeypatch.setenv("OBLIGATIONS_HOLIDAYS", str(tmp_path / "holidays.yaml"))
    assert documentation_of(CATALOGUE["demo/fiscal-monthly"]) == before
