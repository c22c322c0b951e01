"""Quarterly social assistance: against what was published, and every number recomputed by plain fractions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from effort import DATA_SETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.publications.registry import kind
from obligations.words.errors import BadInput
from obligations.words.occurrence import Period

NAME = "social-assistance-quarterly"
THIRD = Period("2026-Q3", date(2026, 7, 1), date(2026, 9, 30))
LIVING, NEEDY, TEMPORARY = "最低生活保障", "特困人员救助供养", "临时救助"
UNITS = {"对象人数": "人", "对象户数": "户", "新增人数": "人", "退出人数": "人", "救助人次": "人次", "救助标准": "元/人·月", "资金支出": "万元"}  # fmt: skip
CUMULATIVE = ("救助人次", "资金支出")


def row(category, indicator, now, quarter="", year="", area="合计", unit=None, period="2026-Q3"):
    return {"期间": period, "类别": category, "城乡": area, "指标": indicator, "单位": unit or UNITS[indicator],
            "本期数": str(now), "上季度数": str(quarter), "上年同期数": str(year)}  # fmt: skip


def test_national_figures_are_told_as_published(published_rows, analysed):
    # The first three quarters of 2023.
    items = {
        "城乡低保对象": (LIVING, "对象人数"), "累计支出低保资金": (LIVING, "资金支出"), "特困人员": (NEEDY, "对象人数"),
        "累计支出特困供养资金": (NEEDY, "资金支出"), "前三季度临时救助": (TEMPORARY, "救助人次"),
        "累计支出临时救助资金": (TEMPORARY, "资金支出"),
    }  # fmt: skip
    published = [each for each in published_rows("social_assistance.csv") if each["period"] == "2023年9月底"]
    rows = [row(*items[each["item"]], each["value"], unit=each["unit"], period="2023-Q3") for each in published]
    analysis = analysed(NAME, rows, Period("2023-Q3", date(2023, 7, 1), date(2023, 9, 30)))
    for each in published:
        measure = analysis.measures["{}.{}.合计.now".format(*items[each["item"]])]
        assert (measure.value, measure.unit) == (Decimal(each["value"]), each["unit"])
    assert analysis.measures["spending.now"].value == Decimal("1909.0")  # 1,436.8 + 408.2 + 64
    assert analysis.words["standards"] == []


def test_published_changes_of_persons_and_households_are_the_recomputed_ones(published_rows, analysed):
    # Fujian published these for July 2017 against June; here only the arithmetic is tried, in the columns of a quarter.
    items = {
        "城市低保人数": (LIVING, "对象人数", "城市"), "农村低保人数": (LIVING, "对象人数", "农村"),
        "城市低保户数": (LIVING, "对象户数", "城市"), "农村低保户数": (LIVING, "对象户数", "农村"),
        "农村特困人员救助供养人数": (NEEDY, "对象人数", "农村"), "当月新增城市低保人数": (LIVING, "新增人数", "城市"),
        "当月退出城市低保人数": (LIVING, "退出人数", "城市"), "当月新增农村低保人数": (LIVING, "新增人数", "农村"),
        "当月退出农村低保人数": (LIVING, "退出人数", "农村"),
    }  # fmt: skip
    published = {
        each["item"]: each for each in published_rows("social_assistance.csv") if each["period"] == "2017年7月"
    }
    rows = [
        row(category, indicator, published[item]["value"], published[item]["previous_period"], area=area)
        for item, (category, indicator, area) in items.items()
    ]
    analysis = analysed(NAME, rows, THIRD)
    for item, (category, indicator, area) in items.items():
        if published[item]["mom_pct"]:
            rate = analysis.measures[f"{category}.{indicator}.{area}.qoq"].value
            assert abs(rate - Decimal(published[item]["mom_pct"])) < Decimal("0.01"), item
    # 75,916 + 553 - 853 = 75,616 and 418,085 + 2,007 - 3,410 = 416,682, as published.
    assert not [each for each in analysis.warnings if "不符" in each]


def test_a_cumulative_figure_has_the_quarter_alone_and_no_change_on_the_quarter(delivered_rows, analysed):
    measures = analysed(NAME, delivered_rows("social_assistance.csv"), THIRD).measures
    assert str(measures["临时救助.资金支出.合计.alone"].value) == "51.4"
    assert "临时救助.资金支出.合计.qoq" not in measures


def test_in_the_first_quarter_the_year_so_far_is_the_quarter(analysed):
    rows = [row(LIVING, "资金支出", 10, 90, period="2026-Q1")]
    analysis = analysed(NAME, rows, Period("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)))
    assert "最低生活保障.资金支出.合计.alone" not in analysis.measures
    assert not [each for each in analysis.warnings if "低于上季度末" in each]


def test_the_whole_is_added_up_from_town_and_country(delivered_rows, analysed):
    measures = analysed(NAME, delivered_rows("social_assistance.csv"), THIRD).measures
    assert measures["最低生活保障.对象人数.合计.now"].value == 1284 + 9872
    assert "救助标准.合计" not in " ".join(measures)


def test_the_category_that_changed_spending_most_comes_first(delivered_rows, analysed):
    parts = analysed(NAME, delivered_rows("social_assistance.csv"), THIRD).words["spending"]["parts"]
    assert [part["name"] for part in parts] == [LIVING, NEEDY, TEMPORARY]


def test_the_contract_has_no_room_for_a_person():
    assert not [column.name for column in kind(NAME).contract.columns if "姓名" in column.name or "身份" in column.name]


@pytest.mark.parametrize(
    ("rows", "warning"),
    [
        (
            [row(LIVING, "资金支出", 10, 12, 9)],
            "最低生活保障资金支出累计数低于上季度末（上季度末12万元，本期10万元），请核对。",
        ),
        (
            [row(LIVING, "对象人数", 100), row(LIVING, "对象人数", 60, area="城市"), row(LIVING, "对象人数", 60, area="农村")],
            "最低生活保障对象人数100人，与城市、农村之和120人不符，请核对。",
        ),
        (
            [row(LIVING, "对象人数", 100, 90), row(LIVING, "新增人数", 30), row(LIVING, "退出人数", 5)],
            "最低生活保障对象人数100人，与上季度数、新增人数、减去退出人数之和115人不符，请核对。",
        ),
        ([row(LIVING, "对象人数", 100, 1000)], "最低生活保障对象人数本期约为上季度的10分之一，请核对单位和小数点。"),
        ([row(LIVING, "对象人数", 100, 100, 60)], "最低生活保障对象人数同比变动66.7%，变动较大，请核对并说明。"),
        ([row(LIVING, "对象人数", 100, 100)], "最低生活保障对象人数没有上年同期数，不列同比。"),
        (
            [row(LIVING, "资金支出", 10), row(NEEDY, "资金支出", 1, unit="亿元")],
            "各类资金支出的单位不同（万元、亿元），不列合计和构成，请统一单位。",
        ),
    ],
)  # fmt: skip
def test_the_author_is_warned(rows, warning, analysed):
    assert warning in analysed(NAME, rows, THIRD).warnings


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [row(LIVING, "对象人数", 5, period="2026-Q2")],
            "rows.csv 没有期间为“2026-Q3”的行，应至少有一类社会救助的指标",
        ),
        (
            [row(LIVING, "对象人数", 5, unit="万元")],
            "rows.csv 第 2 行“单位”列的值是“万元”，对象人数的单位应为人 或 万人",
        ),
        ([row(LIVING, "对象人数", -5)], "rows.csv 第 2 行“本期数”列的值是“-5”，对象人数应不小于0"),
        (
            [row(LIVING, "对象人数", 5, area="城市"), row(LIVING, "对象人数", 5, area="农村", unit="万人")],
            "rows.csv 第 3 行“单位”列的值是“万人”，应为人（与“最低生活保障、对象人数”的其他行一致）",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(rows, message, analysed):
    with pytest.raises(BadInput) as refused:
        analysed(NAME, rows, THIRD)
    assert message in refused.value.problems


# An independent recomputation: plain fractions of the delivered text, no pandas, no code of the package.

COUNT = st.one_of(st.integers(0, 9), st.integers(0, 90_000)).map(str)
MONEY = st.one_of(st.just("0"), st.decimals(0, 9000, places=1).map(str))


@st.composite
def deliveries(draw):
    rows = []
    for category in draw(st.lists(st.sampled_from([LIVING, NEEDY, TEMPORARY]), min_size=1, unique=True)):
        for indicator in draw(st.lists(st.sampled_from(list(UNITS)), min_size=1, unique=True)):
            value = MONEY if indicator in {"资金支出", "救助标准"} else COUNT
            some = st.one_of(value, value, st.just(""))
            rows += [
                row(category, indicator, draw(value), draw(some), draw(some), area)
                for area in draw(st.lists(st.sampled_from(["合计", "城市", "农村"]), min_size=1, unique=True))
            ]
    return rows


def plus(one, other):
    return None if one is None or other is None else one + other


def recomputed(hand, rows):
    """Return every measure there must be, by id."""
    lines = {
        (each["类别"], each["指标"], each["城乡"]): tuple(
            hand.cell(each, name) for name in ("本期数", "上季度数", "上年同期数")
        )
        for each in rows
    }
    for category, indicator, _ in tuple(lines):
        parts = [lines.get((category, indicator, area)) for area in ("城市", "农村")]
        if (category, indicator, "合计") not in lines and None not in parts and indicator != "救助标准":
            lines[category, indicator, "合计"] = tuple(plus(*both) for both in zip(*parts, strict=True))
    expected = {}
    for (category, indicator, area), (now, quarter, year) in lines.items():
        key = f"{category}.{indicator}.{area}"
        expected |= hand.amount(key, now) | hand.compared(key, "yoy", UNITS[indicator], now, year)
        if indicator in CUMULATIVE:
            expected[f"{key}.alone"] = None if quarter is None else now - quarter
        else:
            expected |= hand.compared(key, "qoq", UNITS[indicator], now, quarter)
        whole = lines.get((category, indicator, "合计"))
        if area != "合计" and whole and whole[0] > 0 and indicator != "救助标准":
            expected[f"{key}.share"] = now / whole[0] * 100
    spent = {
        category: line
        for (category, indicator, area), line in lines.items()
        if (indicator, area) == ("资金支出", "合计")
    }
    if len(spent) > 1:
        now = sum(line[0] for line in spent.values())
        year = None if None in (years := [line[2] for line in spent.values()]) else sum(years)
        expected |= hand.amount("spending", now) | hand.compared("spending", "yoy", "万元", now, year)
        parts = {category: (line[0], None if year is None else line[2]) for category, line in spent.items()}
        expected |= hand.contributions("spending.of", (now, year), parts)
    return hand.known(expected)


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deliveries())
def test_every_number_prints_as_its_recomputation_by_hand(analysed, by_fractions, require_agreement, rows):
    require_agreement(analysed(NAME, rows, THIRD).measures, recomputed(by_fractions, rows))
