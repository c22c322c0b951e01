"""Monthly fiscal figures: every measure recomputed by plain fractions, and against what was really published."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from effort import DATA_SETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.words.errors import BadInput
from obligations.words.occurrence import Period

NAME = "fiscal-monthly"
KEYS = {
    "一般公共预算总收入": "total",
    "地方一般公共预算收入": "local",
    "上划中央收入": "central",
    "地方级税收收入": "tax",
    "地方级非税收入": "nontax",
    "一般公共预算支出": "expenditure",
    "政府性基金收入": "fund_revenue",
    "政府性基金支出": "fund_expenditure",
}
WHOLE = {"local": "total", "central": "total", "tax": "local", "nontax": "local"}
# Where a published figure was itself wrong: the row's own note, or a slip that the printed amounts disprove.
KNOWN_ERRORS = {("2017-03", "地方级税收收入", "progress"): "57,902 ÷ 201,200 is 28.8 %, printed as 23.2 %"}


def month(number, year=2017):
    return Period(f"{year}-{number:02}", date(year, number, 1), date(year, number, monthrange(year, number)[1]))


def row(item, cumulative, change="", period="2017-06", budget="", unit="万元", comparable=""):
    return {
        "期间": period, "项目": item, "单位": unit, "累计数": str(cumulative), "年初预算数": str(budget),
        "同比增减额": str(change), "同口径增幅(%)": str(comparable),
    }  # fmt: skip


def recomputed(rows, period):
    """Recompute every measure of a month from its rows with fractions; a figure that may not be printed is absent."""
    number = int(period.key[5:])
    now = {each["项目"]: each for each in rows if each["期间"] == period.key}
    before = {each["项目"]: each for each in rows if each["期间"] == f"{period.key[:5]}{number - 1:02}"}
    found = {}
    for item, cells in now.items():
        found |= {
            f"{KEYS[item]}.{name}": value for name, value in one_item(cells, before.get(item, {}), number).items()
        }
    for part, whole in WHOLE.items():
        found |= one_part(part, whole, found)
    return {name: value for name, value in found.items() if value is not None}


def cell(cells, column):
    return Fraction(cells[column]) if cells.get(column) else None


def less(left, right):
    return None if left is None or right is None else left - right


def one_item(cells, before, number):
    value, change, budget = (cell(cells, name) for name in ("累计数", "同比增减额", "年初预算数"))
    value_before, change_before = (cell(before, name) for name in ("累计数", "同比增减额"))
    found = {"budget": budget, "comparable": cell(cells, "同口径增幅(%)"), **compared(value, change)}
    if budget and budget > 0 and value >= 0:
        found["progress"] = value / budget * 100
        found["gap"] = found["progress"] - Fraction(number, 12) * 100
    alone = compared(less(value, value_before), less(change, change_before))
    found |= {f"current_{name}": amount for name, amount in alone.items()}
    found["before_yoy"] = compared(value_before, change_before).get("yoy")
    found["shift"] = less(found.get("yoy"), found["before_yoy"])
    return found


def compared(value, change):
    found = {"cumulative": value, "change": change}
    if value is not None and value < 0:
        found["refund"] = -value
    if value is not None and change is not None:
        base = value - change
        found["last_refund" if base < 0 else "last_year"] = abs(base)
        if base > 0 and value >= 0 and abs(change / base) <= 5:
            found["yoy"] = change / base * 100
    return found


def one_part(part, whole, found):
    value, total = found.get(f"{part}.cumulative"), found.get(f"{whole}.cumulative")
    change, base = found.get(f"{part}.change"), found.get(f"{whole}.last_year")
    result = {}
    if change is not None and base:
        result[f"{part}.pull"] = change / base * 100
    if value is not None and total is not None and value >= 0 and total > 0:
        result[f"{part}.share"] = value / total * 100
        if base and found.get(f"{part}.last_year") is not None:
            result[f"{part}.share_shift"] = result[f"{part}.share"] - found[f"{part}.last_year"] / base * 100
    return result


def same(measures, expected):
    """Say which measures differ in name or in value beyond 30 significant digits."""
    got = {name: Fraction(measure.value) for name, measure in measures.items()}
    wrong = {name for name in got.keys() & expected.keys() if abs(got[name] - expected[name]) > Fraction(1, 10**20)}
    return wrong | (got.keys() ^ expected.keys())


@pytest.mark.parametrize("number", range(1, 7))
def test_every_measure_equals_its_recomputation_from_the_rows(number, demo_rows, analysed):
    rows = demo_rows("fiscal.csv")
    analysis = analysed(NAME, rows, month(number))
    assert same(analysis.measures, recomputed(rows, month(number))) == set()


AMOUNT = st.integers(-50_000, 500_000).map(str)
FILLED = st.one_of(AMOUNT, AMOUNT, st.just(""))


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_figures_give_the_measures_that_fractions_give(analysed, require_agreement, data):
    number = data.draw(st.sampled_from([1, 2, 6, 12]))
    rows = []
    for period in (f"2017-{number - 1:02}", f"2017-{number:02}")[number == 1 :]:
        for item in KEYS:
            needed = item in {"地方一般公共预算收入", "一般公共预算支出"} and period.endswith(f"-{number:02}")
            if needed or data.draw(st.booleans()):
                rows.append(row(item, data.draw(AMOUNT), data.draw(FILLED), period, data.draw(FILLED)))
    measures = analysed(NAME, rows, month(number)).measures
    expected = recomputed(rows, month(number))
    assert same(measures, expected) == set()
    require_agreement(measures, expected)


def test_percentages_are_those_published_up_to_their_rounding(published_rows, demo_rows, analysed):
    rows = demo_rows("fiscal.csv")
    different = {}
    for published in published_rows("fiscal_pingtan_2017_monthly.csv"):
        number = int(published["period"].removeprefix("2017年").removesuffix("月").split("-")[-1])
        measures = analysed(NAME, rows, month(number)).measures
        for column, measure in (("pct_of_budget_published", "progress"), ("yoy_pct_published", "yoy")):
            found = measures.get(f"{KEYS[published['item']]}.{measure}")
            noted = "同比复算" in published["arithmetic_note"] and measure == "yoy"
            if found and not noted and abs(found.value - Decimal(published[column])) > Decimal("0.11"):
                different[f"2017-{number:02}", published["item"], measure] = f"{found.value:.2f} {published[column]}"
    assert different.keys() == KNOWN_ERRORS.keys(), different


def test_the_month_alone_is_the_published_one_within_the_rounding_of_its_sums(published_rows, demo_rows, analysed):
    rows = demo_rows("fiscal.csv")
    different = {}
    for published in published_rows("fiscal_pingtan_2017_single_month.csv"):
        measures = analysed(NAME, rows, month(int(published["month"][5:]))).measures
        for column, measure in (
            ("total_rev", "total.current_cumulative"),
            ("local_rev", "local.current_cumulative"),
            ("central_rev", "central.current_cumulative"),
            ("expenditure", "expenditure.current_cumulative"),
            ("total_yoy_change", "total.current_change"),
            ("local_yoy_change", "local.current_change"),
        ):
            if abs(measures[measure].value - Decimal(published[column])) > 1:
                different[published["month"], column] = measures[measure].value
    assert different == {("2017-03", "expenditure"): 43_719}  # 145,916 - 102,197; printed as 43,619


def test_the_demo_file_holds_what_was_published(published_rows, demo_rows):
    published = [
        (
            f"2017-{int(each['period'].removeprefix('2017年').removesuffix('月').split('-')[-1]):02}",
            each["item"], each["unit"], each["cumulative"], each["budget"], each["yoy_change_published"],
            each["comparable_yoy_pct"], each["source"],
        )
        for each in published_rows("fiscal_pingtan_2017_monthly.csv")
    ]  # fmt: skip
    columns = ("期间", "项目", "单位", "累计数", "年初预算数", "同比增减额", "同口径增幅(%)", "来源")
    assert sorted(tuple(each[name] for name in columns) for each in demo_rows("fiscal.csv")) == sorted(published)


def test_a_negative_revenue_has_a_refund_and_no_percentage(demo_rows, analysed):
    measures = analysed(NAME, demo_rows("fiscal.csv"), month(1)).measures
    assert measures["fund_revenue.refund"].value == 37_597
    assert not {"fund_revenue.yoy", "fund_revenue.progress"} & measures.keys()


def test_a_tiny_base_gives_no_percentage(demo_rows, analysed):
    measures = analysed(NAME, demo_rows("fiscal.csv"), month(1)).measures
    assert measures["fund_expenditure.last_year"].value == 265
    assert "fund_expenditure.yoy" not in measures


def test_every_measure_quotes_the_cells_it_came_from(demo_rows, analysed):
    rows = demo_rows("fiscal.csv")
    for measure in analysed(NAME, rows, month(6)).measures.values():
        assert measure.inputs
        for cell in measure.inputs:
            assert rows[cell.row - 2][cell.column] == cell.value


def test_provincial_amounts_are_printed_in_hundred_millions(analysed):
    rows = [row("地方一般公共预算收入", 60_990_000, 3_750_000), row("一般公共预算支出", 92_580_000, 4_580_000)]
    measure = analysed(NAME, rows, month(6)).measures["local.cumulative"]
    assert (measure.value, measure.unit, measure.places) == (Decimal(6099), "亿元", 2)
    assert "10000" in measure.formula


def test_a_month_without_its_main_items_is_refused(analysed):
    rows = [row("地方一般公共预算收入", 1, period="2017-05"), row("一般公共预算支出", 1, period="2017-05")]
    with pytest.raises(BadInput, match="应有期间为“2017-06”、项目为“地方一般公共预算收入、一般公共预算支出”的行"):
        analysed(NAME, rows, month(6))


def test_rows_in_two_units_are_refused(analysed):
    rows = [row("地方一般公共预算收入", 1), row("一般公共预算支出", 1, unit="亿元")]
    with pytest.raises(BadInput, match=r"rows\.csv 第 3 行“单位”列的值是“亿元”，应为万元"):
        analysed(NAME, rows, month(6))


MAIN = [row("地方一般公共预算收入", 100), row("一般公共预算支出", 100)]


@pytest.mark.parametrize(
    ("rows", "number", "warning"),
    [
        ([*MAIN, row("上划中央收入", 50), row("一般公共预算总收入", 160)], 6, "之和150万元不符"),
        ([*MAIN, row("地方一般公共预算收入", 120, period="2017-05")], 6, "累计数低于上月末（当月-20万元）"),
        ([*MAIN, row("地方一般公共预算收入", 50, period="2017-05")], 6, "超过前5个月月均的2倍"),
        ([*MAIN, row("地方级非税收入", -5, 3)], 6, "已按净退库表述"),
        ([*MAIN, row("地方级非税收入", 100, 99)], 6, "只列增减额，不列百分比"),
        ([*MAIN, row("地方级税收收入", 90, -10, comparable=3)], 6, "同比与同口径增减方向相反"),
        (MAIN, 6, "没有上月的行"),
        (
            [row("地方一般公共预算收入", 100, budget=300), MAIN[1],
             row("地方一般公共预算收入", 90, budget=200, period="2017-05")],
            6, "年初预算数与上月不同",
        ),
        (
            [row("地方一般公共预算收入", 200, 100), MAIN[1], row("地方一般公共预算收入", 150, 10, period="2017-05")],
            6, "同比增幅比上月累计变动92.9个百分点",
        ),
    ],
)  # fmt: skip
def test_the_author_is_warned(rows, number, warning, analysed):
    assert any(warning in each for each in analysed(NAME, rows, month(number)).warnings)


def test_sums_that_differ_by_rounding_alone_are_not_warned_of(analysed):
    rows = [*MAIN, row("上划中央收入", 50), row("一般公共预算总收入", 151)]
    assert not any("不符" in each for each in analysed(NAME, rows, month(6)).warnings)


def test_drivers_come_largest_first(demo_rows, analysed):
    drivers = analysed(NAME, demo_rows("fiscal.csv"), month(6)).words["drivers"]
    assert [[part["name"] for part in driver["parts"]] for driver in drivers] == [
        ["上划中央收入", "地方一般公共预算收入"],
        ["地方级非税收入", "地方级税收收入"],
    ]
