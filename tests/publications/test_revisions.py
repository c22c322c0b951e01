"""Which figures of earlier periods a delivery tells otherwise: every contract, and no alarm at what prints alike."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
import pytest
from effort import DATA_SETS
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from obligations.orchestration.documents.specimens import specimen
from obligations.publications.periods import step_earlier, year_earlier
from obligations.publications.registry import NAMES, kind
from obligations.publications.revisions import PastFigure, in_order, restated, told_in, told_of_the_past
from obligations.words.publication import DataContract, Retold, Series, Snapshot

CONTRACTS = {name: contract for name in NAMES if (contract := kind(name).contract)}
WITH_SERIES = [name for name, contract in CONTRACTS.items() if contract.series]
OF_EARLIER = ("上年同期", "去年同期", "上月", "上季度", "上周", "上期")
BY_WEEK = {("wholesale-prices-weekly", "去年同期")}
"""Which week of last year it was, is not said: weeks of markets run from Friday."""
NOW, BEFORE = (Snapshot(f"{name}.csv", "", name * 8) for name in ("now", "old"))
EVEN = DataContract(
    (), (), series=(Series("期间", ("项目",), ("数",), "单位", (Retold("数", "year_before", "上年数"),)),)
)
OWN_DECIMALS = replace(EVEN, series=(replace(EVEN.series[0], is_even=False),))


def told(rows, snapshot, contract=EVEN):
    frame = pd.DataFrame(rows, dtype=object)
    frame.index = range(2, len(rows) + 2)
    return told_in(frame, snapshot, contract)


def row(period, value, last_year=None, unit="万元", item="收入"):
    number = {name: None if given is None else Decimal(given) for name, given in (("数", value), ("上年数", last_year))}
    return {"期间": period, "项目": item, "单位": unit, **number}


def differences(now, before, contract=EVEN):
    return [said for _, said in restated(told(now, NOW, contract), told(before, BEFORE, contract), "2017-06")]


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_column_that_repeats_an_earlier_figure_is_known_as_such(name):
    contract = CONTRACTS[name]
    columns = {column.name: column for column in contract.columns}
    repeated = {each.column for series in contract.series for each in series.retold if not each.less}
    named = {
        column.name for column in contract.columns if column.holds == "number" and column.name.startswith(OF_EARLIER)
    }
    assert {each for each in named if (name, each) not in BY_WEEK} == repeated
    for series in contract.series:
        used = [series.period, *series.item, *series.figures, *([series.unit] if series.unit else [])]
        used += [each for retold in series.retold for each in (retold.figure, retold.column, retold.less) if each]
        assert set(used) <= columns.keys()
        assert {series.period, *series.item} <= set(contract.unique)
        assert all(columns[each].holds == "number" for each in series.figures)


@pytest.mark.parametrize("name", WITH_SERIES)
def test_a_delivery_agrees_with_itself_and_one_changed_cell_of_the_past_is_found(name):
    made = specimen(name)
    own = told_in(made.source, NOW, made.kind.contract)
    assert own
    assert restated(own, told_in(made.source, BEFORE, made.kind.contract), "x") == []
    assert told_of_the_past(own, made.occurrence.period.key).keys() < own.keys()
    series = made.kind.contract.series[0]
    row, column = next(
        (row, column)
        for row in made.source.index
        for column in series.figures
        if made.source.at[row, column] is not None
    )
    changed = made.source.copy()
    changed.at[row, column] += 7
    found = [figure for figure, _ in restated(told_in(changed, NOW, made.kind.contract), own, "x")]
    assert any(figure.figure == column for figure in found)


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (row("2017-06", "258913"), row("2017-06", "258912"), ("258,913万元", "258,912万元")),
        (row("2018-06", "1", last_year="31.2"), row("2017-06", "31"), None),
        (row("2018-06", "1", last_year="31.6"), row("2017-06", "31"), ("31.6万元", "31万元")),
        (row("2017-06", "258912"), row("2017-06", "25.8912", unit="亿元"), None),
        (row("2017-06", "258912"), row("2017-06", "25.89", unit="亿元"), None),
        (row("2017-06", "260912"), row("2017-06", "25.89", unit="亿元"), ("260,912万元", "25.89亿元")),
        (row("2017-06", "5", unit=None), row("2017-06", "6"), None),
        (row("2017-06", "5"), row("2017-06", None), None),
        (row("2017-06", "-37597"), row("2017-06", "37597"), ("-37,597万元", "37,597万元")),
    ],
)
def test_two_tellings_differ_where_they_print_differently_in_one_unit(now, before, said):
    found = differences([now], [before])
    assert len(found) == bool(said)
    assert all(part in found[0] for part in said or ())


def test_a_price_of_fewer_digits_than_its_neighbors_is_a_price_of_as_many():
    neighbor = row("2017-06", "2.41", unit="元/公斤", item="大豆")
    old, new = (row("2017-06", value, unit="元/公斤", item="小麦") for value in ("2.4", "2.44"))
    assert len(differences([neighbor, new], [neighbor, old])) == 1
    assert differences([neighbor, new], [neighbor, old], OWN_DECIMALS) == []


def test_the_sentence_names_period_item_both_values_and_both_sources():
    (said,) = differences([row("2017-05", "130800")], [row("2017-06", "0"), row("2017-05", "130731")])
    assert said == (
        "2017年5月收入数与以前不同：本次为130,800万元（now.csv 第 2 行“数”列），"
        "原为130,731万元（old.csv 第 3 行“数”列，起草2017年6月稿时所据）；请核对，如确已订正请在文中说明，已公开的按更正办理。"
    )


def test_an_earlier_months_amount_is_the_cumulative_less_the_months_own_within_the_year():
    contract = kind("economic-indicators").contract
    cells = {"指标": "零售总额", "上级指标": None, "单位": "亿元", "本期数": Decimal(30), "累计数": Decimal(100)}
    found = told([{"期间": "2018-03", **cells}], NOW, contract)
    assert found[PastFigure("2018-02", "零售总额", "累计数")].shown == "70亿元"
    assert not [figure for figure in told([{"期间": "2018-01", **cells}], NOW, contract) if figure.period < "2018-01"]
    of_a_day = {**cells, "本期数": Decimal(100)}
    assert PastFigure("2018-02", "零售总额", "累计数") not in told([{"期间": "2018-03", **of_a_day}], NOW, contract)


def test_of_many_differences_twenty_are_spelled_out():
    found = [(PastFigure("2017-05", str(count), "数"), f"第{count}处") for count in range(23)]
    said = in_order(found)
    assert len(said) == 21
    assert said[-1] == "另有3个往期数与以前所据的数据不同，未一一列出，请核对口径是否调整。"


@pytest.mark.parametrize(
    ("key", "year", "step"),
    [
        ("2026-01", "2025-01", "2025-12"),
        ("2026-Q1", "2025-Q1", "2025-Q4"),
        ("2026-Q3", "2025-Q3", "2026-Q2"),
        ("2021-W01", None, "2020-W53"),  # 2020 had 53 weeks
        ("2025-W53", None, None),  # 2025 had 52
        ("0001-W01", None, None),
        ("2026", "2025", "2025"),
        ("2026-06-30", "2025-06-30", None),
        ("2024-02-29", None, None),
        ("event-1", None, None),
    ],
)
def test_the_period_before_and_the_same_a_year_before(key, year, step):
    assert (year_earlier(key), step_earlier(key)) == (year, step)


NUMBER = st.decimals(-(10**9), 10**9, places=4, allow_nan=False, allow_infinity=False)
PLACES = st.integers(0, 4)


def printed(value, places):
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@settings(max_examples=DATA_SETS, deadline=None)
@given(NUMBER, PLACES, PLACES, st.sampled_from(["万元", "亿元"]))
def test_the_same_figure_printed_with_more_or_fewer_decimals_is_no_revision(value, now, before, unit):
    rows = [[row("2017-06", printed(value, places), unit=unit)] for places in (now, before)]
    coarse = min(now, before)
    assume(printed(printed(value, now), coarse) == printed(printed(value, before), coarse))  # rounding twice may differ
    assert differences(*rows) == []
    assert differences(*rows, contract=OWN_DECIMALS) == []


@settings(max_examples=DATA_SETS, deadline=None)
@given(NUMBER, PLACES, st.integers(1, 999))
def test_a_figure_that_prints_otherwise_is_a_revision(value, places, more):
    one = printed(value, places)
    other = one + Decimal(more).scaleb(-places)
    # Where both end in a zero, they have fewer decimals: compared are those that are printed.
    assume(printed(one, places) != printed(other, places))
    neighbor = row("2017-06", Decimal(1).scaleb(-places), item="他项")
    assert len(differences([row("2017-06", other), neighbor], [row("2017-06", one), neighbor])) == 1


@settings(max_examples=DATA_SETS, deadline=None)
@given(NUMBER, NUMBER, PLACES, PLACES, PLACES)
def test_what_rounding_does_to_a_computed_figure_is_no_revision(last_year, change, now, step, before):
    contract = kind("fiscal-monthly").contract
    cells = {"项目": "收入", "单位": "万元", "年初预算数": None}
    this = {"期间": "2018-06", **cells, "累计数": printed(last_year + change, now), "同比增减额": printed(change, step)}
    old = {"期间": "2017-06", **cells, "累计数": printed(last_year, before), "同比增减额": None}
    assert restated(told([this], NOW, contract), told([old], BEFORE, contract), "2017-06") == []
