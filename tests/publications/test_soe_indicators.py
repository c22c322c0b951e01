"""State-owned enterprises' indicators: against what was published, and every number recomputed by plain fractions."""

from __future__ import annotations

import re
from datetime import date

import pytest
from effort import DATA_SETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.words.errors import BadInput
from obligations.words.occurrence import Period

NAME = "soe-indicators"
OCTOBER = Period("2017-10", date(2017, 10, 1), date(2017, 10, 31))
ALL, CENTRAL, LOCAL = "全国国有及国有控股企业", "中央企业", "地方国有企业"
BALANCE = ("资产总额", "负债总额", "所有者权益", "资产负债率")


def row(scope, indicator, now, year="", published="", period="2017-10", group=None, unit=None):
    group = group or ("合计" if scope == ALL else "企业类别")
    unit = unit or ("%" if indicator == "资产负债率" else "亿元")
    return {"期间": period, "分组": group, "范围": scope, "指标": indicator, "单位": unit, "本期数": str(now),
            "上年同期数": str(year), "同比": str(published)}  # fmt: skip


def delivered(published, window):
    """Return published rows as a department would deliver them: the day of a balance is in its column already."""
    return [
        row(each["scope"], re.sub(r"\(.*\)", "", each["indicator"]), each["value"], "", each["yoy"])
        for each in published
        if each["period"] == window
    ]


def test_published_figures_are_told_as_published(published_rows, analysed):
    rows = delivered(published_rows("soe_indicators.csv"), "2017年1-10月")
    analysis = analysed(NAME, rows, OCTOBER)
    for each in rows:
        key = f"{each['范围']}.{each['指标']}"
        assert str(analysis.measures[f"{key}.now"].value) == each["本期数"]
        assert str(analysis.measures[f"{key}.yoy"].value) == each["同比"]
    assert [section["name"] for section in analysis.words["sections"]] == [
        "营业总收入", "营业总成本", "利润", "应交税费", "资产、负债和所有者权益",
    ]  # fmt: skip


def test_published_totals_are_the_sums_of_their_parts_and_no_sum_is_doubted(published_rows, analysed):
    rows = delivered(published_rows("soe_indicators.csv"), "2017年1-10月")
    warnings = analysed(NAME, rows, OCTOBER).warnings
    assert not [each for each in warnings if "不符" in each]
    assert "没有上一期（1—9月）的行，不列增幅变动，也无法核对累计数。" in warnings


def test_the_debt_ratio_that_was_not_published_follows_from_debts_and_assets(published_rows, analysed):
    # 992,099.3 of 1,506,348.3, both published for October 2017.
    rows = delivered(published_rows("soe_indicators.csv"), "2017年1-10月")
    analysis = analysed(NAME, rows, OCTOBER)
    assert f"{analysis.measures[f'{ALL}.资产负债率.now'].value:.2f}" == "65.86"


def test_a_published_change_of_the_ratio_is_in_percentage_points(published_rows, analysed):
    rows = [{**each, "期间": "2019-06"} for each in delivered(published_rows("soe_indicators.csv"), "2019年1-6月")]
    measures = analysed(NAME, rows, Period("2019-06", date(2019, 6, 1), date(2019, 6, 30))).measures
    assert (measures[f"{ALL}.资产负债率.now"].unit, measures[f"{ALL}.资产负债率.yoy"].unit) == ("%", "百分点")
    assert str(measures[f"{ALL}.资产负债率.yoy"].value) == "-0.1"


def test_without_last_years_amounts_nothing_is_said_about_what_drove_the_change(published_rows, analysed):
    analysis = analysed(NAME, delivered(published_rows("soe_indicators.csv"), "2017年1-10月"), OCTOBER)
    assert analysis.words["drivers"] == []


def test_the_class_that_changed_the_total_most_comes_first(analysed):
    rows = [row(ALL, "利润总额", 100, 90), row(LOCAL, "利润总额", 40, 39), row(CENTRAL, "利润总额", 60, 51)]
    (driver,) = analysed(NAME, rows, OCTOBER).words["drivers"]
    assert [part["name"] for part in driver["parts"]] == [CENTRAL, LOCAL]


def test_a_loss_is_told_without_its_sign_and_has_no_percentage(analysed):
    measures = analysed(NAME, [row(ALL, "利润总额", -5, -8)], OCTOBER).measures
    assert {name: int(measure.value) for name, measure in measures.items()} == {
        f"{ALL}.利润总额.now": -5, f"{ALL}.利润总额.loss": 5, f"{ALL}.利润总额.yoy_change": 3,
        f"{ALL}.利润总额.yoy_before": -8, f"{ALL}.利润总额.yoy_loss": 8,
    }  # fmt: skip


def test_the_outlook_is_the_share_of_past_years_with_its_spread(delivered_rows, analysed):
    august = Period("2026-08", date(2026, 8, 1), date(2026, 8, 31))
    (outlook,) = analysed(NAME, delivered_rows("soe_indicators.csv"), august).words["outlooks"]
    assert outlook["years"] == ["2023年", "2024年", "2025年"]


def test_a_quarter_is_compared_with_the_quarter_before(analysed):
    rows = [row(ALL, "利润总额", 10, 8, period="2017-Q3"), row(ALL, "利润总额", 6, 5, period="2017-Q2")]
    analysis = analysed(NAME, rows, Period("2017-Q3", date(2017, 7, 1), date(2017, 9, 30)))
    assert (analysis.words["months"], analysis.words["months_before"]) == ("前三季度", "上半年")
    assert analysis.measures[f"{ALL}.利润总额.shift"].value == 5


@pytest.mark.parametrize(
    ("rows", "warning"),
    [
        (
            [row(ALL, "利润总额", 100, 90), row(LOCAL, "利润总额", 40, 39), row(CENTRAL, "利润总额", 62, 51)],
            f"{ALL}利润总额本期数100亿元，与{LOCAL}、{CENTRAL}之和102亿元不符，请核对。",
        ),
        (
            [row(ALL, "营业总收入", 100, 90), row(ALL, "营业总收入", 110, 90, period="2017-09")],
            f"{ALL}营业总收入累计数低于上一期（上一期110亿元，本期100亿元），请核对。",
        ),
        ([row(ALL, "营业总收入", 1000, 100)], f"{ALL}营业总收入本期约为上年同期的10倍，请核对单位和小数点。"),
        ([row(ALL, "营业总收入", 200, 100)], f"{ALL}营业总收入同比变动100.0%，变动较大，请核对并说明。"),
        (
            [row(ALL, "营业总收入", 110, 100, 12)],
            f"{ALL}营业总收入同比按数量计算为10.0%，来源为12.0%，已用计算值。",
        ),
        (
            [row(ALL, "营业总收入", 110, 100), row(ALL, "营业总收入", 101, period="2016-10")],
            f"{ALL}营业总收入上年同期数本次为100亿元，上年的行为101亿元，如已订正请在文中说明。",
        ),
        (
            [row(ALL, "资产总额", 100, 90), row(ALL, "负债总额", 60, 50), row(ALL, "所有者权益", 45, 40)],
            f"{ALL}资产总额100亿元，与负债总额、所有者权益之和105亿元不符，请核对。",
        ),
        (
            [row(ALL, "资产总额", 100, 90), row(ALL, "负债总额", 60, 50), row(ALL, "资产负债率", 65, 64)],
            f"{ALL}资产负债率按负债总额和资产总额计算为60.0%，来源为65%，请核对。",
        ),
        ([row(ALL, "利润总额", 5)], f"{ALL}利润总额没有上年同期数和同比，不列同比。"),
        ([row(ALL, "利润总额", 5, 4)], "没有分组为“行业”的行，主要行业盈利情况留有待填写栏。"),
        (
            [row(ALL, "营业总收入", 150, 100), row(ALL, "营业总收入", 105, 100, period="2017-09")],
            f"{ALL}营业总收入同比比上一期变动45.0个百分点，变动较大，请核对并说明。",
        ),
    ],
)
def test_the_author_is_warned(rows, warning, analysed):
    assert warning in analysed(NAME, rows, OCTOBER).warnings


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [row(ALL, "利润总额", 5, period="2017-09")],
            "rows.csv 期间为“2017-10”、分组为“合计”的范围没有，应有且只有一个",
        ),
        (
            [row(ALL, "利润总额", 5), row("省属企业", "利润总额", 4, group="合计")],
            f"rows.csv 期间为“2017-10”、分组为“合计”的范围有2个（{ALL}、省属企业），应有且只有一个",
        ),
        (
            [row(ALL, "利润总额", 5), row(LOCAL, "利润总额", 40000, unit="万元")],
            "rows.csv 第 3 行“单位”列的值是“万元”，应为亿元（与“利润总额”的其他行一致）",
        ),
        (
            [row(ALL, "资产负债率", "64.5", unit="亿元")],
            "rows.csv 第 2 行“单位”列的值是“亿元”，资产负债率的单位应为%",
        ),
        ([row(ALL, "营业总收入", -5)], "rows.csv 第 2 行“本期数”列的值是“-5”，营业总收入应不小于0"),
        (
            [row(ALL, "利润总额", 5), row(LOCAL, "利润总额", 4), row(LOCAL, "营业总收入", 4, group="行业")],
            f"rows.csv 第 4 行“分组”列的值是“行业”，应为企业类别（与“{LOCAL}”的其他行一致）",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(rows, message, analysed):
    with pytest.raises(BadInput) as refused:
        analysed(NAME, rows, OCTOBER)
    assert message in refused.value.problems


# An independent recomputation: plain fractions of the delivered text, no pandas, no code of the package.

POSITIVE = st.decimals(0, 9000, places=1).map(str)
SIGNED = st.one_of(st.decimals(-90, 900, places=1), st.integers(-3, 3)).map(str)
PERCENT = st.one_of(st.just(""), st.decimals(-60, 400, places=1).map(str))
FLOWS = ("营业总收入", "利润总额", "应交税费")


@st.composite
def deliveries(draw):
    indicators = draw(st.lists(st.sampled_from([*FLOWS, *BALANCE]), min_size=1, unique=True))
    scopes = [(ALL, "合计")]
    scopes += [
        (name, "企业类别") for name in draw(st.lists(st.sampled_from([CENTRAL, LOCAL, "其他企业"]), unique=True))
    ]
    scopes += [(name, "行业") for name in draw(st.lists(st.sampled_from(["煤炭", "钢铁", "电力"]), unique=True))]
    rows = []
    for period in ("2017-10", *draw(st.lists(st.sampled_from(["2017-09", "2016-10"]), unique=True))):
        for scope, group in scopes:
            for indicator in indicators:
                if scope == ALL or draw(st.booleans()):
                    value = SIGNED if indicator == "利润总额" else POSITIVE
                    year = draw(st.one_of(value, value, st.just("")))
                    rows.append(row(scope, indicator, draw(value), year, draw(PERCENT), period, group))
    taken = {(each["期间"], each["范围"], each["指标"]) for each in rows}
    for year in draw(st.lists(st.sampled_from([2014, 2015, 2016]), unique=True)):
        rows += [
            row(ALL, "营业总收入", draw(POSITIVE), period=period)
            for period in (f"{year}-10", f"{year}-12")
            if (period, ALL, "营业总收入") not in taken
        ]
    return rows


def recomputed(hand, rows):
    """Return every measure there must be, by id."""
    found = {(each["期间"], each["范围"], each["指标"]): each for each in rows}
    expected, now = {}, {key[1:]: each for key, each in found.items() if key[0] == "2017-10"}
    for (scope, indicator), each in now.items():
        key, unit = f"{scope}.{indicator}", each["单位"]
        value, year, published = (hand.cell(each, name) for name in ("本期数", "上年同期数", "同比"))
        expected |= hand.amount(key, value) | hand.compared(key, "yoy", unit, value, year, published)
        if indicator not in BALANCE:
            before = found.get(("2017-09", scope, indicator))
            expected |= hand.pace(key, growth(hand, each), growth(hand, before))
    classes = [
        scope for scope, group in {each["范围"]: each["分组"] for each in now.values()}.items() if group == "企业类别"
    ]
    for indicator in {name for scope, name in now if scope == ALL} - {"资产负债率"}:
        parts = {scope: amounts(hand, now[scope, indicator]) for scope in classes if (scope, indicator) in now}
        whole = amounts(hand, now[ALL, indicator])
        if len(parts) > 1 and whole[1] is not None:
            expected |= hand.contributions(f"of.{indicator}", whole, parts)
    expected |= ratio_by_hand(hand, now) | industries_by_hand(hand, now)
    for indicator in ("营业总收入", "利润总额"):
        if (ALL, indicator) in now:
            rows_of = [
                tuple(hand.cell(found.get((f"{year}-{month}", ALL, indicator)), "本期数") for month in (10, 12))
                for year in (2014, 2015, 2016)
            ]
            expected |= hand.outlook(f"outlook.{indicator}", hand.cell(now[ALL, indicator], "本期数"), rows_of)
    return hand.known(expected)


def amounts(hand, each):
    return hand.cell(each, "本期数"), hand.cell(each, "上年同期数")


def growth(hand, each):
    if each is None:
        return None
    value, year = amounts(hand, each)
    return hand.cell(each, "同比") if year is None else hand.rate(value, year, each["单位"])


def ratio_by_hand(hand, now):
    if (ALL, "资产负债率") in now or not {(ALL, "资产总额"), (ALL, "负债总额")} <= now.keys():
        return {}
    assets, debts = amounts(hand, now[ALL, "资产总额"]), amounts(hand, now[ALL, "负债总额"])
    ratios = [
        debt / asset * 100 if asset and debt is not None else None for debt, asset in zip(debts, assets, strict=True)
    ]
    return {
        f"{ALL}.资产负债率.now": ratios[0],
        f"{ALL}.资产负债率.yoy": None if None in ratios else ratios[0] - ratios[1],
    }


def industries_by_hand(hand, now):
    profits = [
        hand.cell(each, "本期数")
        for (_, indicator), each in now.items()
        if each["分组"] == "行业" and indicator == "利润总额"
    ]
    return {
        "industries.earning": sum(value > 0 for value in profits) or None,
        "industries.even": sum(value == 0 for value in profits) or None,
        "industries.losing": sum(value < 0 for value in profits) or None,
    }


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deliveries())
def test_every_number_prints_as_its_recomputation_by_hand(analysed, by_fractions, require_agreement, rows):
    require_agreement(analysed(NAME, rows, OCTOBER).measures, recomputed(by_fractions, rows))
