"""Grain purchase every five days: cumulative, since the period before, on the year, prices, and the baseline offered."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from effort import DATA_SETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.words.errors import BadInput
from obligations.words.occurrence import Period

NAME = "grain-purchase-five-daily"
JUNE = Period("2026-06-30", date(2026, 6, 26), date(2026, 6, 30))
BEFORE = "2026-06-25"


def row(variety, place, now, year="", day="2026-06-30", **more):
    cells = {
        "截止日期": day,
        "品种": variety,
        "收购地区": place,
        "单位": "万吨",
        "累计收购量": str(now),
        "上年同期累计": str(year),
    }
    return {**cells, "平均收购价": "", "上年同期价格": "", "价格单位": "", "全季收购量": "", **more}


def test_the_progress_that_was_published_is_told_as_published(published_rows, analysed):
    published = [each for each in published_rows("grain_purchase.csv") if each["as_of"].startswith("06-30")]
    rows, changes = [], {}
    for each in published:
        place = "合计" if each["area"].startswith("主产区") else each["area"]
        cumulative, change = Fraction(each["cumulative"]), each["yoy_change"]
        year = f"{float(cumulative - Fraction(change)):.1f}" if change else ""
        rows.append(row(each["crop"], place, each["cumulative"], year))
        changes[each["crop"], place] = change
    analysis = analysed(NAME, rows, JUNE)
    wheat = analysis.words["varieties"][0]
    assert analysis.measures[wheat["change"]].value == Fraction(changes["小麦", "合计"])
    for part in wheat["parts"]:
        assert analysis.measures[part["change"]].value == Fraction(changes["小麦", part["name"]])
    assert [part["name"] for part in wheat["drivers"]] == ["安徽", "山东", "江苏"]
    assert float(analysis.measures[wheat["rest"]["now"]].value) == pytest.approx(233.3)


def test_amounts_of_one_table_have_the_same_decimals(delivered_rows, analysed):
    measures = analysed(NAME, delivered_rows("grain_purchase.csv"), JUNE).measures
    assert {measure.places for measure in measures.values() if measure.unit == "万吨"} == {1}
    assert {measure.places for measure in measures.values() if measure.unit == "元/公斤"} == {2}


def test_a_large_purchase_in_tonnes_is_told_in_ten_thousand_tonnes(analysed):
    measures = analysed(NAME, [row("小麦", "合计", 123456, 100000, 单位="吨")], JUNE).measures
    assert (float(measures["variety.小麦.change"].value), measures["variety.小麦.change"].unit) == (2.3456, "万吨")
    assert "÷ 10000 折合万吨" in measures["variety.小麦.change"].formula


def test_the_first_period_of_a_season_is_compared_with_none(analysed):
    first = Period("2026-06-05", date(2026, 6, 1), date(2026, 6, 5))
    analysis = analysed(
        NAME, [row("小麦", "合计", 3, 2, day="2026-06-05"), row("小麦", "合计", 9, day="2025-09-30")], first
    )
    assert analysis.words["varieties"][0]["step"] is None
    assert "没有上期（截止日期2026-05-31）的行，不列比上期增减。" in analysis.warnings


def test_the_baseline_is_the_share_of_years_past_with_its_spread(delivered_rows, analysed):
    analysis = analysed(NAME, delivered_rows("grain_purchase.csv"), JUNE)
    (outlook,) = analysis.words["outlooks"]
    assert outlook["years"] == ["2024年", "2025年"]
    low, middle, high = (analysis.measures[outlook[role]] for role in ("low", "middle", "high"))
    assert (low.label, low.unit, low.places) == ("小麦全季推算", "万吨", 1)
    assert low.value < middle.value < high.value


def test_one_past_year_has_no_spread_and_so_no_baseline(analysed):
    rows = [row("小麦", "合计", 5), row("小麦", "合计", 4, day="2025-06-30", 全季收购量="9")]
    assert analysed(NAME, rows, JUNE).words["outlooks"] == []


@pytest.mark.parametrize(
    ("rows", "warning"),
    [
        (
            [row("小麦", "合计", 5, 5), row("小麦", "合计", 6, day=BEFORE)],
            "小麦累计收购量低于上期（减少1万吨），请核对是否核减。",
        ),
        (
            [row("小麦", "合计", 30, 28)]
            + [row("小麦", "合计", now, day=day) for now, day in
               ((1, "2026-06-05"), (2, "2026-06-10"), (3, "2026-06-15"), (4, "2026-06-20"), (5, BEFORE))],
            "小麦本期收购25万吨，超过本季以往各期最大值的2倍，请核对并说明。",
        ),
        ([row("小麦", "合计", 5, 50)], "小麦累计收购量约为上年同期的10分之一，请核对单位和小数点。"),
        ([row("小麦", "合计", 5, 5), row("小麦", "甲县", 6, 5)], "小麦累计收购量各地之和6万吨，超过合计5万吨，请核对。"),
        ([row("小麦", "合计", 5)], "小麦没有上年同期数，不列同比。"),
        (
            [row("小麦", "合计", 5, 4), row("小麦", "合计", 6, day="2025-06-30")],
            "小麦累计收购上年同期数本次为4万吨，上年的行为6万吨，如已订正请在文中说明。",
        ),
        (
            [row("小麦", "合计", 5, 4, 平均收购价="2.9", 价格单位="元/公斤"),
             row("小麦", "合计", 4, day=BEFORE, 平均收购价="2.4", 价格单位="元/公斤")],
            "小麦平均收购价比上期变动超过10%（上期2.4，本期2.9），请核对。",
        ),
    ],
)  # fmt: skip
def test_the_author_is_warned(rows, warning, analysed):
    assert warning in analysed(NAME, rows, JUNE).warnings


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row("小麦", "甲县", 5)], "rows.csv 小麦缺少截止日期为“2026-06-30”、收购地区为“合计”的行，应有这一行"),
        ([row("小麦", "合计", 5, day=BEFORE)], "rows.csv 没有截止日期为“2026-06-30”的行，应至少有一个品种"),
        ([row("小麦", "合计", -5)], "rows.csv 第 2 行“累计收购量”列的值是“-5”，应为不小于0的数"),
        (
            [row("小麦", "合计", 5, 平均收购价="0", 价格单位="元/斤")],
            "rows.csv 第 2 行“平均收购价”列的值是“0”，应为大于0的数",
        ),
        (
            [row("小麦", "合计", 5, 平均收购价="2.4")],
            "rows.csv 有平均收购价而“价格单位”列是空的，应为元/公斤、元/斤或元/吨",
        ),
        (
            [row("小麦", "合计", 5), row("小麦", "合计", 8, day="2025-06-30", 全季收购量="7")],
            "rows.csv 第 3 行“全季收购量”列的值是“7”，应不小于累计收购量（8）",
        ),
        (
            [row("小麦", "合计", 5), row("油菜籽", "合计", 50000, 单位="吨")],
            "rows.csv 第 3 行“单位”列的值是“吨”，应为万吨（与其他行一致）",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(rows, message, analysed):
    with pytest.raises(BadInput) as refused:
        analysed(NAME, rows, JUNE)
    assert message in refused.value.problems


# An independent recomputation: plain fractions of the delivered text, no pandas, no code of the package.

AMOUNT = st.one_of(st.integers(0, 900), st.decimals(0, 900, places=1)).map(str)
SOME = st.one_of(AMOUNT, AMOUNT, st.just(""))
PRICE = st.one_of(st.decimals("0.5", 9, places=2).map(str), st.just(""))


@st.composite
def deliveries(draw):
    rows = []
    for variety in draw(st.lists(st.sampled_from(["小麦", "油菜籽", "最低收购价小麦"]), min_size=1, unique=True)):
        for place in ("合计", *draw(st.lists(st.sampled_from(["甲县", "乙县", "丙县"]), unique=True))):
            prices = (
                {"平均收购价": draw(PRICE), "上年同期价格": draw(PRICE), "价格单位": "元/公斤"}
                if place == "合计"
                else {}
            )
            rows.append(row(variety, place, draw(AMOUNT), draw(SOME), **prices))
            if draw(st.booleans()):
                before = {**prices, "平均收购价": draw(PRICE)} if prices else {}
                rows.append(row(variety, place, draw(AMOUNT), day=BEFORE, **before))
        for day in draw(st.lists(st.sampled_from(["2024-06-30", "2025-06-30"]), unique=True)):
            now, more = Fraction(draw(AMOUNT)), draw(st.integers(0, 400))
            season = now + more or 1
            rows.append(row(variety, "合计", float(now), day=day, 全季收购量=f"{float(season):.1f}"))
    return rows


def number(each, column):
    return Fraction(each[column]) if each and each[column] else None


def less(one, other):
    return None if one is None or other is None else one - other


def recomputed(rows):
    """Return every measure there must be, by id; None where there must be none."""
    found = {(each["品种"], each["收购地区"], each["截止日期"]): each for each in rows}
    expected = {}
    for variety in dict.fromkeys(each["品种"] for each in rows):
        key, told = f"variety.{variety}", {}
        for each in rows:
            if each["品种"] == variety and each["截止日期"] == "2026-06-30":
                place = each["收购地区"]
                now, year = number(each, "累计收购量"), number(each, "上年同期累计")
                before = number(found.get((variety, place, BEFORE)), "累计收购量")
                told[place] = {"now": now, "year": year, "step": less(now, before), "change": less(now, year)}
                its = key if place == "合计" else f"{key}.place.{place}"
                expected |= {f"{its}.{name}": value for name, value in told[place].items()}
        whole, before = found[variety, "合计", "2026-06-30"], found.get((variety, "合计", BEFORE))
        price, price_year = number(whole, "平均收购价"), number(whole, "上年同期价格")
        expected |= {
            f"{key}.price": price, f"{key}.price_year": price_year,
            f"{key}.price_step": less(price, number(before, "平均收购价")),
            f"{key}.price_change": less(price, price_year),
        }  # fmt: skip
        parts = [value for place, value in told.items() if place != "合计"]
        if parts and told["合计"]["now"] > sum(part["now"] for part in parts):
            for name in ("now", "year", "step", "change"):
                each = [told["合计"][name], *(part[name] for part in parts)]
                expected[f"{key}.rest.{name}"] = None if None in each else each[0] - sum(each[1:])
        years = [found.get((variety, "合计", f"{year}-06-30")) for year in (2024, 2025)]
        past = [(number(each, "累计收购量"), number(each, "全季收购量")) for each in years if each]
        past = [(now, season) for now, season in past if now]
        now = told["合计"]["now"]
        if len(past) > 1 and now:
            shares = [part / season for part, season in past]
            for role, share in (("middle", sum(shares) / 2), ("low", max(shares)), ("high", min(shares))):
                expected |= {f"{key}.outlook.{role}_share": share * 100, f"{key}.outlook.{role}": now / share}
    return {name: value for name, value in expected.items() if value is not None}


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deliveries())
def test_every_number_prints_as_its_recomputation_by_hand(analysed, require_agreement, rows):
    require_agreement(analysed(NAME, rows, JUNE).measures, recomputed(rows))


def test_the_delivery_prints_as_its_recomputation_by_hand(delivered_rows, analysed, require_agreement):
    rows = delivered_rows("grain_purchase.csv")
    require_agreement(analysed(NAME, rows, JUNE).measures, recomputed(rows))


def test_the_period_before_ends_the_day_before_this_one_begins(analysed):
    # June 2026 has no 31st: the period before 5 July began on 26 June and ended on 30 June.
    july = Period("2026-07-05", date(2026, 7, 1), date(2026, 7, 5))
    rows = [row("小麦", "合计", 9, day="2026-07-05"), row("小麦", "合计", 5, day=str(july.start - timedelta(days=1)))]
    assert analysed(NAME, rows, july).measures["variety.小麦.step"].value == 4
