"""The yearly report in the national format: its tables agree with one another or are refused, cell by cell."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from fractions import Fraction

import pytest
from effort import DATA_SETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.publications.annual_report import APPLICANTS, ISSUED, OUTCOMES, SUM
from obligations.publications.annual_report_lines import (
    CARRIED_IN,
    CARRIED_OUT,
    DONE,
    RECEIVED,
    RESULT_ITEMS,
    RESULTS,
    REVIEW_ITEMS,
)
from obligations.words.errors import BadInput, UnusableInput
from obligations.words.occurrence import Period

NAME = "annual-report"
YEAR = Period("2025", date(2025, 1, 1), date(2025, 12, 31))


def numbers(rows, table, item, year="2025"):
    return next(each for each in rows if (each["期间"], each["表"], each["项目"]) == (year, table, item))


@pytest.fixture
def rows(delivered_rows):
    return delivered_rows("annual_report.csv")


def test_the_tables_have_the_rows_of_the_national_format_in_its_order(rows, analysed):
    tables = analysed(NAME, rows, YEAR).tables
    assert list(tables) == ["rules", "permits", "penalties", "charges", "requests", "reviews"]
    labels = [line[0] for line in tables["requests"].rows]
    assert len(labels) == 26
    assert labels[:4] == [f"一、{RECEIVED}", f"二、{CARRIED_IN}", "三、本年度办理结果", "（一）予以公开"]
    assert labels[5] == "（三）不予公开：1.属于国家秘密"
    assert labels[-2:] == ["（七）总计", f"四、{CARRIED_OUT}"]
    assert [column.header for column in tables["requests"].columns] == ["项目", *APPLICANTS, SUM]


def test_the_summary_tells_the_requests_by_result_with_the_most_first(rows, analysed):
    analysis = analysed(NAME, rows, YEAR)
    counts = [analysis.measures[each["count"]].value for each in analysis.words["results"]]
    assert counts == sorted(counts, reverse=True)
    assert 0 not in counts
    assert sum(counts) == analysis.measures[analysis.words["done"]].value


def test_last_years_report_agrees_with_this_one(rows, analysed):
    assert analysed(NAME, rows, YEAR).warnings == ()


def test_without_last_years_rows_nothing_is_compared_and_the_author_knows(rows, analysed):
    analysis = analysed(NAME, [each for each in rows if each["期间"] == "2025"], YEAR)
    assert analysis.words["growth"] is None
    assert analysis.warnings == ("来源没有上年的行，新收申请数量未作同比，上年结转数量未与上年报告核对。",)


def test_what_was_carried_over_must_be_what_last_year_left(rows, analysed):
    for item in (RECEIVED, CARRIED_OUT):  # one more left over, one more received: last year still agrees with itself
        line = numbers(rows, "申请", item, "2024")
        line["自然人"], line[SUM] = (str(int(line[name]) + 1) for name in ("自然人", SUM))
    warning = f"{CARRIED_IN}为2件，上年报告的{CARRIED_OUT}为3件，两者应一致，请核对。"
    assert analysed(NAME, rows, YEAR).warnings == (warning,)


def test_documents_in_force_must_follow_from_last_years(rows, analysed):
    numbers(rows, "主动公开", "行政规范性文件")[ISSUED[2]] = "15"
    warning = "行政规范性文件现行有效件数为15件，按上年12件加制发3件减废止1件应为14件，请核对。"
    assert analysed(NAME, rows, YEAR).warnings == (warning,)


def test_a_row_whose_total_is_not_its_sum_is_refused(rows, analysed):
    line = numbers(rows, "复议诉讼", REVIEW_ITEMS[0])
    line[SUM] = "4"
    with pytest.raises(BadInput) as refused:
        analysed(NAME, rows, YEAR)
    told = f"rows.csv 第 {rows.index(line) + 2} 行（行政复议）“总计”列的值是“4”，应为{'、'.join(OUTCOMES)}之和3"
    assert refused.value.problems == (told,)


def test_results_that_do_not_sum_up_are_refused_for_every_column_they_are_wrong_in(rows, analysed):
    line = numbers(rows, "申请", "重复申请")
    line["自然人"], line[SUM] = "1", "1"
    with pytest.raises(BadInput) as refused:
        analysed(NAME, rows, YEAR)
    done = numbers(rows, "申请", DONE)
    place = f"rows.csv 第 {rows.index(done) + 2} 行（本年度办理结果总计）"
    assert refused.value.problems == tuple(
        f"{place}“{column}”列的值是“{done[column]}”，应为各项办理结果之和{int(done[column]) + 1}"
        for column in ("自然人", SUM)
    )


def test_requests_that_come_in_and_do_not_go_out_are_refused(rows, analysed):
    line = numbers(rows, "申请", RECEIVED)
    line["其他"], line[SUM] = "1", str(int(line[SUM]) + 1)
    with pytest.raises(BadInput) as refused:
        analysed(NAME, rows, YEAR)
    assert len(refused.value.problems) == 2
    assert refused.value.problems[0] == (
        f"rows.csv 表“申请”的“其他”列，{RECEIVED}加{CARRIED_IN}为1，办理结果{DONE}加{CARRIED_OUT}为0，两者应相等"
    )


@pytest.mark.parametrize(
    ("table", "item", "column", "cell", "problem"),
    [
        ("申请", "予以公开", "自然人", "", "“自然人”列是空的，没有发生的填0"),
        ("申请", "予以公开", "自然人", "1.5", "“自然人”列的值是“1.5”，应为不小于0的整数"),
        ("复议诉讼", "行政复议", "其他结果", "-1", "“其他结果”列的值是“-1”，应为不小于0的整数"),
        ("主动公开", "行政事业性收费", "本年收费金额（万元）", "-0.5", "“本年收费金额（万元）”列的值是“-0.5”，应为不小于0的数"),
        ("主动公开", "规章", "项目", "行政规章", "“项目”列的值是“行政规章”，应为“主动公开”表格式规定的项目名称，不带序号"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_is_refused_by_row_and_column(table, item, column, cell, problem, rows, analysed):
    line = numbers(rows, table, item)
    line[column] = cell
    with pytest.raises(BadInput) as refused:
        analysed(NAME, rows, YEAR)
    assert refused.value.problems[0] == f"rows.csv 第 {rows.index(line) + 2} 行{problem}"


def test_an_item_that_is_left_out_is_asked_for(rows, analysed):
    rows.remove(numbers(rows, "申请", "重复申请"))
    with pytest.raises(BadInput, match="缺少期间为“2025”、表为“申请”、项目为“重复申请”的行，没有发生的填0"):
        analysed(NAME, rows, YEAR)


def test_another_year_alone_is_refused(rows, analysed):
    with pytest.raises(BadInput, match="没有期间为“2023”的行，应有三张表的全部项目"):
        analysed(NAME, rows, Period("2023", date(2023, 1, 1), date(2023, 12, 31)))


def test_a_period_that_is_no_year_is_refused(rows, analysed):
    with pytest.raises(UnusableInput, match=re.escape("期间“2025-Q1”应为年度，例如 2025")):
        analysed(NAME, rows, Period("2025-Q1", date(2025, 1, 1), date(2025, 3, 31)))


@st.composite
def reports(draw):
    """Draw the tables of a year whose sums agree, and of the year before."""
    small = st.integers(0, 400)

    def line(year, table, item, columns, cells):
        whole = {SUM: str(sum(cells))} if table != "主动公开" else {}
        return {"期间": year, "表": table, "项目": item, **dict(zip(columns, map(str, cells), strict=True)), **whole}

    def year(key):
        results = {item: draw(st.lists(small, min_size=6, max_size=6)) for item in RESULT_ITEMS}
        done = [sum(cells) for cells in zip(*results.values(), strict=True)]
        left = draw(st.lists(small, min_size=6, max_size=6))
        carried = [draw(st.integers(0, before + after)) for before, after in zip(done, left, strict=True)]
        new = [before + after - each for before, after, each in zip(done, left, carried, strict=True)]
        requests = {RECEIVED: new, CARRIED_IN: carried, **results, DONE: done, CARRIED_OUT: left}
        active = {"规章": ISSUED, "行政规范性文件": ISSUED, "行政事业性收费": ("本年收费金额（万元）",)}
        active |= dict.fromkeys(("行政许可", "行政处罚", "行政强制"), ("本年处理决定数量",))
        return [
            *(line(key, "主动公开", item, columns, [draw(small) for _ in columns]) for item, columns in active.items()),
            *(line(key, "申请", item, APPLICANTS, cells) for item, cells in requests.items()),
            *(line(key, "复议诉讼", item, OUTCOMES, [draw(small) for _ in OUTCOMES]) for item in REVIEW_ITEMS),
        ]

    rows = [*year("2025"), *(year("2024") if draw(st.booleans()) else [])]
    columns = dict.fromkeys(name for each in rows for name in each)
    return [{name: each.get(name, "") for name in columns} for each in rows]


def recomputed(rows):
    now = [each for each in rows if each["期间"] == "2025"]
    expected = {
        f"{each['表']}.{each['项目']}.{column}": Fraction(cell)
        for each in now
        for column, cell in each.items()
        if cell and column not in {"期间", "表", "项目"}
    }
    sums = Counter()
    for name, items in RESULTS:
        for item in items:
            sums[f"result.{name}"] += int(numbers(now, "申请", item)[SUM])
    sums["lawsuits"] = sum(int(numbers(now, "复议诉讼", item)[SUM]) for item in REVIEW_ITEMS[1:])
    sums["corrected"] = sum(int(numbers(now, "复议诉讼", item)["结果纠正"]) for item in REVIEW_ITEMS)
    done = int(numbers(now, "申请", DONE)[SUM])
    if done:
        opened = sum(int(numbers(now, "申请", item)[SUM]) for item in ("予以公开", "部分公开"))
        expected["opened_share"] = Fraction(opened, done) * 100
    if len(now) < len(rows):
        this, last = (int(numbers(rows, "申请", RECEIVED, year)[SUM]) for year in ("2025", "2024"))
        if last:
            expected["growth"] = Fraction(this - last, last) * 100
    return expected | {name: Fraction(value) for name, value in sums.items()}


@settings(
    max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(reports())
def test_every_number_prints_as_its_recomputation_by_hand(analysed, require_agreement, rows):
    require_agreement(analysed(NAME, rows, YEAR).measures, recomputed(rows))
