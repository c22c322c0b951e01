"""Quarterly land supply: what the source gives is quoted, what it leaves out stays out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from effort import DATA_SETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.words.errors import BadInput
from obligations.words.occurrence import Period

NAME = "land-supply-quarterly"
QUARTER = Period("2012-Q1", date(2012, 1, 1), date(2012, 3, 31))
TOTAL = "国有建设用地供应总量"


def row(item, amount="", parent=TOTAL, **more):
    cells = {"上年同期数量": "", "同比(%)": "", "占比(%)": "", **{name: str(value) for name, value in more.items()}}
    parent = "" if item == TOTAL else parent
    return {"期间": "2012-Q1", "项目": item, "上级项目": parent, "单位": "万公顷", "数量": str(amount), **cells}


def test_the_demo_file_holds_what_was_published(published_rows, demo_rows):
    names = {"基础设施用地占比": "基础设施用地", "工矿仓储": "工矿仓储用地", "房地产": "房地产用地"}
    published = [each for each in published_rows("land_supply.csv") if each["period"] == "2012年一季度"]
    address = published[0]["source"]
    assert [
        (each["项目"], each["地区"], each["单位"], each["数量"], each["同比(%)"], each["占比(%)"], each["来源"])
        for each in demo_rows("land_supply.csv")
    ] == [
        (names.get(each["item"], each["item"]), each["area"], each["unit"], each["value"], each["yoy"],
         each["share_pct"], address)
        for each in published
    ]  # fmt: skip


def test_only_what_was_published_becomes_a_measure(demo_rows, analysed):
    measures = analysed(NAME, demo_rows("land_supply.csv"), QUARTER).measures
    assert {name: measure.value for name, measure in measures.items()} == {
        f"{TOTAL}.amount": Decimal("11.44"),
        f"{TOTAL}.yoy_published": Decimal("33.6"),
        "基础设施用地.yoy_published": Decimal(160),
        "基础设施用地.share_published": Decimal("45.2"),
        "工矿仓储用地.yoy_published": Decimal("9.0"),
        "工矿仓储用地.share_published": Decimal("31.2"),
        "房地产用地.yoy_published": Decimal("-18.0"),
        "房地产用地.share_published": Decimal("23.6"),
    }


def test_growth_and_share_are_computed_where_the_amounts_are_there(analysed):
    rows = [row(TOTAL, "26.81"), row("房地产用地", "5.97", 上年同期数量="6.4", **{"同比(%)": "-5", "占比(%)": "22.3"})]
    analysis = analysed(NAME, rows, QUARTER)
    housing = analysis.words["housing"]
    growth, share = (Fraction(analysis.measures[housing[name]].value) for name in ("yoy", "share"))
    assert abs(growth - Fraction(-43, 640) * 100) < Fraction(1, 10**20)
    assert abs(share - Fraction(597, 2681) * 100) < Fraction(1, 10**20)
    assert any("房地产用地同比按数量计算为-6.7%，来源为-5.0%" in each for each in analysis.warnings)


def test_parts_that_do_not_add_up_are_warned_of(analysed):
    rows = [row(TOTAL, "10"), row("房地产用地", "4"), row("工矿仓储用地", "4")]
    assert any("与各类之和8万公顷不符" in each for each in analysed(NAME, rows, QUARTER).warnings)


def test_published_shares_that_do_not_add_up_are_warned_of(analysed):
    rows = [row(TOTAL, "10"), row("房地产用地", **{"占比(%)": "40"}), row("工矿仓储用地", **{"占比(%)": "40"})]
    assert any("占比之和为80.0%" in each for each in analysed(NAME, rows, QUARTER).warnings)


def test_a_part_of_a_part_is_told_with_it(analysed):
    rows = [row(TOTAL, "10"), row("房地产用地", "4"), row("住宅用地", "3", parent="房地产用地")]
    housing = analysed(NAME, rows, QUARTER).words["housing"]
    assert [part["name"] for part in housing["parts"]] == ["住宅用地"]


def test_an_unknown_parent_is_refused(analysed):
    rows = [row(TOTAL, "10"), row("房地产用地", "4", parent="总量")]
    with pytest.raises(BadInput, match="第 3 行“上级项目”列的值是“总量”，应为本表中另一行的项目名称"):
        analysed(NAME, rows, QUARTER)


def test_an_amount_without_its_unit_is_refused(analysed):
    rows = [row(TOTAL, "10"), {**row("房地产用地", "4"), "单位": ""}]
    with pytest.raises(BadInput, match="第 3 行“单位”列是空的，有数量时应写明单位"):
        analysed(NAME, rows, QUARTER)


def test_an_amount_below_zero_is_refused(analysed):
    with pytest.raises(BadInput, match="第 3 行“数量”列的值是“-4”，应为不小于0的数"):
        analysed(NAME, [row(TOTAL, "10"), row("房地产用地", "-4")], QUARTER)


def test_another_quarter_alone_is_refused(demo_rows, analysed):
    second = Period("2012-Q2", date(2012, 4, 1), date(2012, 6, 30))
    with pytest.raises(BadInput, match="期间为“2012-Q2”、项目为“国有建设用地供应总量、房地产用地”"):
        analysed(NAME, demo_rows("land_supply.csv"), second)


AREA = st.one_of(st.integers(0, 90), st.decimals(0, 99, places=2)).map(str)
SOME = st.one_of(AREA, AREA, st.just(""))
PERCENT = st.one_of(st.decimals(-99, 400, places=1).map(str), st.just(""))
ITEMS = {
    TOTAL: "", "房地产用地": TOTAL, "工矿仓储用地": TOTAL, "基础设施用地": TOTAL, "住宅用地": "房地产用地",
    "商服用地": "房地产用地", "出让合同价款": "",
}  # fmt: skip


@st.composite
def deliveries(draw):
    rows = []
    for item, parent in ITEMS.items():
        if item in {TOTAL, "房地产用地"} or draw(st.booleans()):
            amount = draw(SOME)
            unit = draw(st.sampled_from(["万公顷", "万公顷", "公顷"])) if "款" not in item else "亿元"
            rows.append(
                {"期间": "2012-Q1", "项目": item, "上级项目": parent, "单位": unit if amount else draw(st.sampled_from([unit, ""])),
                 "数量": amount, "上年同期数量": draw(SOME), "同比(%)": draw(PERCENT), "占比(%)": draw(PERCENT)}
            )  # fmt: skip
    return rows


def recomputed(hand, rows):
    """Return every measure there must be, by id."""
    by_item = {each["项目"]: each for each in rows}
    expected = {}
    for item, each in by_item.items():
        now, before = hand.cell(each, "数量"), hand.cell(each, "上年同期数量")
        whole = by_item.get(each["上级项目"])
        total = hand.cell(whole, "数量") if whole and whole["单位"] == each["单位"] else None
        expected |= {
            f"{item}.amount": now,
            f"{item}.last_year": before,
            f"{item}.yoy": (now - before) / before * 100 if now is not None and before else None,
            f"{item}.yoy_published": hand.cell(each, "同比(%)"),
            f"{item}.share": now / total * 100 if now is not None and total else None,
            f"{item}.share_published": hand.cell(each, "占比(%)"),
        }
    return hand.known(expected)


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deliveries())
def test_every_number_prints_as_its_recomputation_by_hand(analysed, by_fractions, require_agreement, rows):
    require_agreement(analysed(NAME, rows, QUARTER).measures, recomputed(by_fractions, rows))
