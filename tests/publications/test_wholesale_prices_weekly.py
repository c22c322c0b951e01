"""Weekly wholesale prices: 环比 and 同比 from exact prices, what rose and fell, and the days the source names."""

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

NAME = "wholesale-prices-weekly"
WEEK = Period("2020-W14", date(2020, 3, 30), date(2020, 4, 5))


def row(product, last, this, year="", category="蔬菜", unit="元/公斤", days=("2020-03-30", "2020-04-05")):
    return {
        "周期": "2020-W14", "起始日期": days[0], "截止日期": days[1], "类别": category, "品种": product, "单位": unit,
        "上周": str(last), "本周": str(this), "去年同期": str(year),
    }  # fmt: skip


def test_the_demo_file_holds_what_was_published(published_rows, demo_rows):
    published = [
        (*each["week"].split("/"), each["product"], each["unit"], each["last_week"], each["this_week"],
         each["same_week_last_year"], each["source"])
        for each in published_rows("wholesale_prices_weekly_national.csv")
        if each["source"].startswith("http")
    ]  # fmt: skip
    columns = ("起始日期", "截止日期", "品种", "单位", "上周", "本周", "去年同期", "来源")
    assert [tuple(each[name] for name in columns) for each in demo_rows("wholesale_prices.csv")] == published


def test_every_change_equals_its_recomputation(demo_rows, analysed):
    rows = demo_rows("wholesale_prices.csv")
    measures = analysed(NAME, rows, WEEK).measures
    for each in rows:
        last, this, year = (Fraction(each[name]) for name in ("上周", "本周", "去年同期"))
        for measure, base in (("week", last), ("yoy", year)):
            found = Fraction(measures[f"product.{each['品种']}.{measure}"].value)
            assert abs(found - (this - base) / base * 100) < Fraction(1, 10**20)


def test_changes_are_those_published_up_to_their_rounding(published_rows, demo_rows, analysed):
    measures = analysed(NAME, demo_rows("wholesale_prices.csv"), WEEK).measures
    for each in published_rows("wholesale_prices_weekly_national.csv"):
        if each["week"].startswith("2020-03-27"):
            for column, measure in (("mom_pct", "week"), ("yoy_pct", "yoy")):
                found = measures[f"product.{each['product']}.{measure}"].value
                assert abs(found - Decimal(each[column])) <= Decimal("0.11"), each["product"]


def test_counts_and_spans_are_those_of_the_rows(demo_rows, analysed):
    rows = demo_rows("wholesale_prices.csv")
    measures = analysed(NAME, rows, WEEK).measures
    changes = {each["品种"]: float(Fraction(each["本周"]) / Fraction(each["上周"]) - 1) * 100 for each in rows}
    printed = [round(change, 1) for change in changes.values()]
    counted = [measures[f"all.{name}"].value for name in ("compared", "rose", "fell", "stayed")]
    assert counted == [
        len(printed),
        sum(change > 0 for change in printed),
        sum(change < 0 for change in printed),
        sum(change == 0 for change in printed),
    ]
    poultry = [changes[each["品种"]] for each in rows if each["类别"] == "畜禽产品"]
    spans = [float(measures[f"category-1.{name}"].value) for name in ("lowest", "highest")]
    assert spans == pytest.approx([min(poultry), max(poultry)])


def test_risen_and_fallen_products_come_largest_change_first(demo_rows, analysed):
    fish = analysed(NAME, demo_rows("wholesale_prices.csv"), WEEK).words["categories"][1]
    assert [product["name"] for product in fish["rose"]] == ["大带鱼", "大黄花鱼"]
    assert [product["name"] for product in fish["fell"]][:2] == ["活草鱼", "白鲢活鱼"]


def test_a_change_that_prints_as_zero_stayed(demo_rows, analysed):
    poultry = analysed(NAME, demo_rows("wholesale_prices.csv"), WEEK).words["categories"][0]
    assert poultry["stayed"] == ["牛肉"]  # 71.63 to 71.60: -0.04 %


def test_the_days_are_the_sources_and_eight_of_them_are_warned_of(demo_rows, analysed):
    analysis = analysed(NAME, demo_rows("wholesale_prices.csv"), WEEK)
    assert analysis.words["days"] == "3月27日—4月3日"
    assert any("共8天，不是7天" in each for each in analysis.warnings)


def test_an_index_is_compared_in_points(analysed):
    rows = [row("大白菜", 2, 3), row("农产品批发价格200指数", "99.66", "98.39", category="指数", unit="点")]
    analysis = analysed(NAME, rows, WEEK)
    (index,) = analysis.words["indices"]
    assert analysis.measures[index["week_points"]].value == Decimal("-1.27")
    assert [category["name"] for category in analysis.words["categories"]] == ["蔬菜"]


def test_a_product_without_last_weeks_price_is_listed_and_not_compared(analysed):
    analysis = analysed(NAME, [row("大白菜", "", 3), row("萝卜", 2, 3)], WEEK)
    assert analysis.measures["all.compared"].value == 1
    assert any("大白菜没有上周价格" in each for each in analysis.warnings)


def test_a_large_change_is_warned_of(analysed):
    assert any("环比变动50.0%" in each for each in analysed(NAME, [row("大白菜", 2, 3)], WEEK).warnings)


def test_every_price_below_zero_is_refused(analysed):
    with pytest.raises(BadInput) as refused:
        analysed(NAME, [row("大白菜", 2, "-3"), row("萝卜", "-2", 3)], WEEK)
    assert refused.value.problems == (
        "rows.csv 第 3 行“上周”列的值是“-2”，应为不小于0的数",
        "rows.csv 第 2 行“本周”列的值是“-3”，应为不小于0的数",
    )


def test_rows_of_different_days_are_refused(analysed):
    rows = [row("大白菜", 2, 3), row("萝卜", 2, 3, days=("2020-03-27", "2020-04-05"))]
    with pytest.raises(BadInput, match="第 3 行“起始日期”列的值是“2020-03-27”，应为2020-03-30"):
        analysed(NAME, rows, WEEK)


def test_another_week_alone_is_refused(demo_rows, analysed):
    with pytest.raises(BadInput, match="没有周期为“2020-W15”的价格"):
        analysed(NAME, demo_rows("wholesale_prices.csv"), Period("2020-W15", date(2020, 4, 6), date(2020, 4, 12)))


PRICE = st.one_of(
    st.integers(1, 60), st.decimals("0.01", 99, places=2), st.sampled_from(["10", "10.005", "10.001"])
).map(str)
SOME = st.one_of(PRICE, PRICE, PRICE, st.just("0"), st.just(""))
PRODUCTS = {
    **dict.fromkeys(("猪肉", "羊肉", "鸡蛋"), "畜禽产品"), **dict.fromkeys(("大白菜", "萝卜", "黄瓜", "番茄"), "蔬菜"),
    "农产品批发价格200指数": "指数",
}  # fmt: skip


@st.composite
def deliveries(draw):
    chosen = draw(st.lists(st.sampled_from(list(PRODUCTS)), unique=True))
    names = dict.fromkeys(["猪肉", *chosen])
    return [
        row(name, draw(SOME), draw(PRICE), draw(SOME), PRODUCTS[name], "点" if PRODUCTS[name] == "指数" else "元/公斤")
        for name in names
    ]


def recomputed(hand, rows):
    """Return every measure there must be, by id."""
    expected, weeks = {}, {}
    for each in rows:
        last, this, year = (hand.cell(each, column) for column in ("上周", "本周", "去年同期"))
        is_index = each["单位"] == "点"
        key = f"{'index' if is_index else 'product'}.{each['品种']}"
        expected |= {f"{key}.last": last, f"{key}.this": this, f"{key}.year": year}
        for name, base in (("week", last), ("yoy", year)):
            if is_index:
                expected[f"{key}.{name}_points"] = this - base if base is not None else None
            else:
                expected[f"{key}.{name}"] = (this - base) / base * 100 if base else None
        if not is_index:
            weeks.setdefault(each["类别"], {})[each["品种"]] = expected[f"{key}.week"]
    every = [change for of in weeks.values() for change in of.values() if change is not None]
    expected |= counted("all", every)
    for number, of in enumerate(weeks.values(), start=1):
        changes = [change for change in of.values() if change is not None]
        expected |= counted(f"category-{number}", changes)
        if len(changes) > 1:
            expected |= {f"category-{number}.lowest": min(changes), f"category-{number}.highest": max(changes)}
    return hand.known(expected)


def counted(key, changes):
    """Count what rose, fell and stayed: less than 0.05 either way prints as nothing."""
    rose, fell = (sum(sign * change >= Fraction(1, 20) for change in changes) for sign in (1, -1))
    counts = {"compared": len(changes), "rose": rose, "fell": fell, "stayed": len(changes) - rose - fell}
    return {f"{key}.{name}": Fraction(count) for name, count in counts.items() if count}


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deliveries())
def test_every_number_prints_as_its_recomputation_by_hand(analysed, by_fractions, require_agreement, rows):
    require_agreement(analysed(NAME, rows, WEEK).measures, recomputed(by_fractions, rows))
