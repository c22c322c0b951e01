"""Economic indicators of a month, quarter or year: every number recomputed by plain fractions, and what is never computed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from effort import DATA_SETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.words.errors import BadInput
from obligations.words.occurrence import Period

NAME = "economic-indicators"
THIRD = Period("2026-Q3", date(2026, 7, 1), date(2026, 9, 30))
PRODUCT, RETAIL = "地区生产总值", "社会消费品零售总额"


def row(
    indicator, now="", year="", published="", parent="", unit="亿元", alone="", alone_published="", period="2026-Q3"
):
    return {"期间": period, "指标": indicator, "上级指标": parent, "单位": unit, "本期数": str(alone),
            "本期同比": str(alone_published), "累计数": str(now), "上年同期累计数": str(year), "累计同比": str(published)}  # fmt: skip


def told(analysis, indicator, name):
    measure = analysis.measures.get(f"indicator.{indicator}.{name}")
    return measure and (float(measure.value), measure.unit)


def test_growth_at_constant_prices_is_quoted_and_never_computed_from_amounts(analysed):
    rows = [row(PRODUCT, 110, 100, "5.4"), row("第二产业", 50, 40, "5.0", PRODUCT)]
    analysis = analysed(NAME, rows, THIRD)
    assert told(analysis, PRODUCT, "yoy") == (5.4, "%")
    assert told(analysis, "第二产业", "yoy") == (5.0, "%")
    assert told(analysis, PRODUCT, "last_year") == (100.0, "亿元")
    assert "of.地区生产总值.第二产业.pull" not in analysis.measures
    assert not [each for each in analysis.warnings if "已用计算值" in each]


def test_any_other_growth_is_computed_where_both_amounts_are_there(analysed):
    analysis = analysed(NAME, [row(RETAIL, 110, 100, "9.0")], THIRD)
    assert told(analysis, RETAIL, "yoy") == (10.0, "%")
    assert f"{RETAIL}同比按数量计算为10.0%，来源为9.0%，已用计算值。" in analysis.warnings


def test_an_indicator_of_which_only_growth_was_published_has_no_amount(analysed):
    analysis = analysed(NAME, [row("固定资产投资", published="-1.7", unit="")], THIRD)
    assert set(analysis.measures) == {"indicator.固定资产投资.yoy"}


def test_a_rate_changes_by_percentage_points_and_prices_rise(analysed):
    rows = [row("城镇调查失业率", "5.1", "5.2", unit="%"), row("居民消费价格", published="0.4", unit="")]
    analysis = analysed(NAME, rows, THIRD)
    assert told(analysis, "城镇调查失业率", "yoy") == (-0.1, "百分点")
    assert [each["rising"] for each in analysis.words["indicators"]] == ["上升", "上涨"]


def test_the_part_that_pulled_most_comes_first(analysed):
    rows = [row(RETAIL, 110, 100), row("乡村", 30, 28, parent=RETAIL), row("城镇", 80, 72, parent=RETAIL)]
    (retail,) = analysed(NAME, rows, THIRD).words["indicators"]
    assert [part["name"] for part in retail["parts"]] == ["城镇", "乡村"]


@pytest.mark.parametrize(
    ("period", "through", "alone", "before"),
    [
        (Period("2018-02", date(2018, 2, 1), date(2018, 2, 28)), "2018年1—2月", "2月", "1月"),
        (Period("2018-01", date(2018, 1, 1), date(2018, 1, 31)), "2018年1月", None, None),
        (Period("2018-Q1", date(2018, 1, 1), date(2018, 3, 31)), "2018年一季度", None, None),
        (Period("2018-Q2", date(2018, 4, 1), date(2018, 6, 30)), "2018年上半年", "二季度", "一季度"),
        (Period("2018-Q4", date(2018, 10, 1), date(2018, 12, 31)), "2018年", "四季度", "前三季度"),
        (Period("2018", date(2018, 1, 1), date(2018, 12, 31)), "2018年", None, None),
    ],
)
def test_months_quarters_and_years_are_named_as_the_field_does(period, through, alone, before, analysed):
    words = analysed(NAME, [row(RETAIL, 1, period=period.key)], period).words
    assert (words["through"], words["alone"], words["months_before"]) == (through, alone, before)


def test_a_growth_that_turned_is_told_with_what_it_was(delivered_rows, analysed):
    analysis = analysed(NAME, delivered_rows("economic_indicators.csv"), THIRD)
    assert told(analysis, "固定资产投资", "turned") == (4.1, "%")
    assert told(analysis, "固定资产投资", "shift") is None
    assert told(analysis, RETAIL, "shift")[1] == "百分点"


def test_the_outlook_needs_two_years_of_the_past(analysed):
    past = [row(RETAIL, now, period=f"{year}-Q{quarter}") for year, quarter, now in ((2025, 3, 75), (2025, 4, 100))]
    assert analysed(NAME, [row(RETAIL, 90), *past], THIRD).words["outlooks"] == []
    more = [row(RETAIL, 60, period="2024-Q3"), row(RETAIL, 80, period="2024-Q4")]
    analysis = analysed(NAME, [row(RETAIL, 90), *past, *more], THIRD)
    assert analysis.measures[f"outlook.{RETAIL}.middle"].value == Decimal(120)


@pytest.mark.parametrize(
    ("rows", "warning"),
    [
        (
            [row(PRODUCT, 110, 100)],
            "地区生产总值没有公布的累计同比；绝对额按当年价计算，增速应按可比价计算，不能由绝对额算出，请补报。",
        ),
        ([row(RETAIL)], f"{RETAIL}没有任何数字，正文未列。"),
        ([row(RETAIL, 5)], f"{RETAIL}没有累计同比，不列增速。"),
        ([row(RETAIL, 1100, 110)], f"{RETAIL}本期约为上年同期的10倍，请核对单位和小数点。"),
        ([row(RETAIL, 5, 3)], f"{RETAIL}同比变动66.7%，变动较大，请核对并说明。"),
        (
            [row(RETAIL, 50), row("城镇", 40, parent=RETAIL), row("乡村", 20, parent=RETAIL)],
            f"{RETAIL}累计数50亿元，小于其中各项之和60亿元，请核对。",
        ),
        (
            [row(RETAIL, 50, alone=10), row(RETAIL, 60, period="2026-Q2")],
            f"{RETAIL}累计数低于上一期（上一期60亿元，本期50亿元），请核对。",
        ),
        (
            [row(RETAIL, 50, alone=10), row(RETAIL, 30, period="2026-Q2")],
            f"{RETAIL}本期数10亿元，与累计数之差20亿元不同，请核对上一期是否已订正。",
        ),
        (
            [row(RETAIL, 50, 45), row(RETAIL, 46, period="2025-Q3")],
            f"{RETAIL}上年同期数本次为45亿元，上年的行为46亿元，如已订正请在文中说明。",
        ),
        ([row(RETAIL, 50)], "没有上一期（上半年）的行，不列增速变动，也无法核对累计数。"),
    ],
)
def test_the_author_is_warned(rows, warning, analysed):
    assert warning in analysed(NAME, rows, THIRD).warnings


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row(RETAIL, 5, period="2026-Q2")], "rows.csv 没有期间为“2026-Q3”的行，应至少有一个指标"),
        (
            [row("城镇", 5, parent=RETAIL)],
            f"rows.csv 第 2 行“上级指标”列的值是“{RETAIL}”，应为本期另一行的指标名称，且该指标自身没有上级指标；独立指标留空",
        ),
        (
            [row(RETAIL, 5), row("城镇", 4, parent=RETAIL), row("城区", 3, parent="城镇")],
            "rows.csv 第 4 行“上级指标”列的值是“城镇”，应为本期另一行的指标名称，且该指标自身没有上级指标；独立指标留空",
        ),
        ([row(RETAIL, 5, unit="")], "rows.csv 第 2 行“单位”列是空的，“累计数”列有数时应写明单位，例如 亿元"),
        ([row(PRODUCT, -5)], "rows.csv 第 2 行“累计数”列的值是“-5”，地区生产总值应不小于0"),
        (
            [row(RETAIL, 5), row(RETAIL, 50_000, unit="万元", period="2026-Q2")],
            f"rows.csv 第 3 行“单位”列的值是“万元”，应为亿元（与“{RETAIL}”的其他行一致）",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(rows, message, analysed):
    with pytest.raises(BadInput) as refused:
        analysed(NAME, rows, THIRD)
    assert message in refused.value.problems


# An independent recomputation: plain fractions of the delivered text, no pandas, no code of the package.

VALUE = st.one_of(st.decimals(-50, 900, places=2), st.integers(-2, 5)).map(str)
POSITIVE = st.decimals(0, 900, places=2).map(str)
RATE = st.one_of(st.just(""), st.decimals(-60, 300, places=1).map(str))
INDICATORS = {PRODUCT: "亿元", "规模以上工业增加值": "", RETAIL: "亿元", "财政收支差额": "亿元", "失业率": "%", "居民消费价格": ""}  # fmt: skip


@st.composite
def deliveries(draw):
    rows = []
    names = draw(st.lists(st.sampled_from(list(INDICATORS)), min_size=1, unique=True))
    parts = draw(st.lists(st.sampled_from(["分项甲", "分项乙", "分项丙"]), unique=True))
    parents = {part: draw(st.sampled_from(names)) for part in parts}
    for period in ("2026-Q3", *draw(st.lists(st.sampled_from(["2026-Q2", "2025-Q3", "2025-Q4", "2024-Q3", "2024-Q4"]), unique=True))):  # fmt: skip
        for name in (*names, *parts):
            unit = INDICATORS.get(name, INDICATORS[parents[name]] if name in parents else "")
            value = POSITIVE if name == PRODUCT or unit == "%" or "增加值" in name else VALUE
            value = st.one_of(value, value, st.just("")) if unit else st.just("")
            cells = [draw(each) for each in (value, value, RATE)]
            rows.append(row(name, *cells, parents.get(name, ""), unit, draw(value), draw(RATE), period))
    return rows


def recomputed(hand, rows):
    """Return every measure there must be, by id."""
    found = {(each["期间"], each["指标"]): each for each in rows}
    now = {name: each for (period, name), each in found.items() if period == "2026-Q3"}
    expected = {}
    for name, each in now.items():
        key, unit = f"indicator.{name}", each["单位"]
        value, year, published = (hand.cell(each, column) for column in ("累计数", "上年同期累计数", "累计同比"))
        base = None if constant(each) else year
        expected |= hand.amount(key, value) | hand.compared(key, "yoy", unit, value, base, published)
        expected |= hand.amount(f"{key}.alone", hand.cell(each, "本期数"))
        expected[f"{key}.alone.yoy"] = hand.cell(each, "本期同比")
        expected[f"{key}.last_year"] = year if base is None else None
        if unit != "%":
            expected |= hand.pace(key, growth(hand, each), growth(hand, found.get(("2026-Q2", name))))
        parts = {
            part: (hand.cell(other, "累计数"), None if constant(other) else hand.cell(other, "上年同期累计数"))
            for part, other in now.items()
            if other["上级指标"] == name
            and unit != "%"
            and any(other[c] for c in other if c.endswith(("数", "同比")) and c != "上年同期累计数")
        }
        expected |= hand.contributions(f"of.{name}", (value, base), parts)
        if not each["上级指标"] and unit not in {"", "%"}:
            past = [
                tuple(hand.cell(found.get((f"{year}-Q{quarter}", name)), "累计数") for quarter in (3, 4))
                for year in (2024, 2025)
            ]
            expected |= hand.outlook(f"outlook.{name}", value, past)
    return hand.known(expected)


def constant(each):
    named = each["指标"] + each["上级指标"]
    return ("生产总值" in named or "增加值" in named) and each["单位"] != "%"


def growth(hand, each):
    if each is None:
        return None
    value, year = hand.cell(each, "累计数"), hand.cell(each, "上年同期累计数")
    computes = value is not None and year is not None and not constant(each)
    return hand.rate(value, year, each["单位"]) if computes else hand.cell(each, "累计同比")


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deliveries())
def test_every_number_prints_as_its_recomputation_by_hand(analysed, by_fractions, require_agreement, rows):
    require_agreement(analysed(NAME, rows, THIRD).measures, recomputed(by_fractions, rows))
