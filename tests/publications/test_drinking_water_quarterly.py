"""Quarterly drinking water: rates by point and segment, what failed, and rows that contradict themselves."""

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

NAME = "drinking-water-quarterly"
THIRD = Period("2026-Q3", date(2026, 7, 1), date(2026, 9, 30))
KEYS = {"水源水": "source", "出厂水": "plant", "用户水龙头水": "tap"}


def row(segment, point, samples, ok, failed=None, quarter="2026-Q3", **more):
    cells = {
        "期间": quarter, "环节": segment, "点位": point, "类型": "地表水" if segment == "水源水" else "",
        "监测样品数": str(samples), "达标样品数": str(ok), "监测项目数": "43", "取水量": "", "达标取水量": "",
        "执行标准": "GB 5749-2022",
    }  # fmt: skip
    return {**cells, "不达标项目": ("余氯" if samples != ok else "") if failed is None else failed, **more}


def test_the_rates_that_were_published_come_out_of_the_samples(published_rows, analysed):
    yunnan, tongling = (
        next(each for each in published_rows("drinking_water.csv") if area in each["area"]) for area in ("云南", "铜陵")
    )
    total = int(yunnan["samples"])
    rows = [
        row("用户水龙头水", "各县", total, total - 1),
        row("水源水", "各水源", tongling["samples"], tongling["samples"], 取水量="2262.8", 达标取水量="2262.8"),
    ]
    measures = analysed(NAME, rows, THIRD).measures
    assert abs(measures["tap.rate"].value - Decimal(yunnan["value"])) < Decimal("0.005")
    assert measures["source.rate"].value == Decimal(tongling["value"])
    assert measures["source.volume_rate"].value == 100


def test_a_rate_short_of_all_never_prints_as_all(analysed):
    measures = analysed(NAME, [row("用户水龙头水", "各县", 20000, 19999), row("出厂水", "甲", 30, 30)], THIRD).measures
    assert (measures["tap.rate"].value, measures["tap.rate"].places) == (Decimal("99.995"), 3)
    assert (measures["plant.rate"].value, measures["plant.rate"].places) == (100, 0)


def test_points_that_failed_come_with_the_most_samples_first(delivered_rows, analysed):
    tap = analysed(NAME, delivered_rows("drinking_water.csv"), THIRD).words["tap"]
    assert [(point["name"], point["failed"]) for point in tap["failed"]] == [
        ("乙镇", "余氯、浑浊度"),
        ("城区", "菌落总数"),
    ]


def test_a_segment_without_rows_is_left_to_the_author(analysed):
    analysis = analysed(NAME, [row("水源水", "甲水库", 3, 3)], THIRD)
    assert (analysis.words["plant"], analysis.words["tap"]) == (None, None)
    assert {"没有出厂水的行，正文留有待填写栏。", "没有用户水龙头水的行，正文留有待填写栏。"} <= set(analysis.warnings)


def test_the_last_quarter_of_a_first_quarter_is_last_years_fourth(analysed):
    rows = [row("出厂水", "甲", 4, 4, quarter="2026-Q1"), row("出厂水", "甲", 4, 3, quarter="2025-Q4")]
    first = Period("2026-Q1", date(2026, 1, 1), date(2026, 3, 31))
    assert analysed(NAME, rows, first).measures["plant.quarter_shift"].value == 25


@pytest.mark.parametrize(
    ("now", "last", "warning"),
    [
        (row("出厂水", "甲", 4, 3), row("出厂水", "甲", 4, 4), "出厂水甲达标率比上季度下降25.0个百分点，请说明原因和处置。"),
        (row("出厂水", "甲", 4, 4), row("出厂水", "乙", 4, 4), "出厂水上季度有、本季度没有的点位：乙，请核对是否漏报或停用。"),
        (row("出厂水", "甲", 4, 4), row("出厂水", "甲", 9, 9), "出厂水甲监测样品由上季度9份减为4份，请核对并说明。"),
        (row("出厂水", "甲", 4, 4), row("出厂水", "甲", 4, 4, quarter="2025-Q2"), "没有上季度出厂水的行，不列环比。"),
        (
            row("水源水", "甲", 4, 4, 取水量="12000", 达标取水量="12000"),
            row("水源水", "甲", 4, 4, 取水量="1.2", 达标取水量="1.2"),
            "水源水甲取水量约为上季度的10000倍，请核对单位和小数点。",
        ),
    ],
)  # fmt: skip
def test_the_author_is_warned(now, last, warning, analysed):
    last = last if last["期间"] == "2025-Q2" else {**last, "期间": "2026-Q2"}
    assert warning in analysed(NAME, [now, last], THIRD).warnings


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (row("出厂水", "甲", "1.5", 1), "“监测样品数”列的值是“1.5”，应为不小于1的整数"),
        (row("出厂水", "甲", 0, 0), "“监测样品数”列的值是“0”，应为不小于1的整数"),
        (row("出厂水", "甲", 3, 4), "“达标样品数”列的值是“4”，应不大于监测样品数（3）"),
        (row("出厂水", "甲", 3, 1, ""), "“不达标项目”列是空的，有2份样品不达标，应写明不达标的指标"),
        (row("出厂水", "甲", 3, 3, "余氯"), "“不达标项目”列的值是“余氯”，样品全部达标时应为空"),
        (row("水源水", "甲", 3, 3, 类型=""), "“类型”列是空的，应为地表水或地下水"),
        (row("出厂水", "甲", 3, 3, 类型="地下水"), "“类型”列的值是“地下水”，应为空，出厂水不分类型"),
        (row("出厂水", "甲", 3, 3, 取水量="5"), "“取水量”列的值是“5”，应为空，只有水源水填写"),
        (row("水源水", "甲", 3, 3, 取水量="5"), "“达标取水量”列是空的，取水量和达标取水量应都填或都不填"),
        (row("水源水", "甲", 3, 3, 取水量="5", 达标取水量="6"), "“达标取水量”列的值是“6”，应不大于取水量（5）"),
        (row("水源水", "甲", 3, 3, 取水量="-5", 达标取水量="-5"), "“取水量”列的值是“-5”，应为不小于0的数"),
    ],
)  # fmt: skip
def test_a_row_that_contradicts_itself_is_refused_in_one_sentence(bad, problem, analysed):
    with pytest.raises(BadInput) as refused:
        analysed(NAME, [row("水源水", "乙", 1, 1), bad], THIRD)
    assert f"rows.csv 第 3 行{problem}" in refused.value.problems


def test_another_quarter_alone_is_refused(analysed):
    with pytest.raises(BadInput, match="没有期间为“2026-Q3”的行，应至少有一个点位"):
        analysed(NAME, [row("出厂水", "甲", 3, 3, quarter="2026-Q2")], THIRD)


# An independent recomputation: plain fractions of the delivered text, no pandas, no code of the package.


@st.composite
def deliveries(draw):
    rows = []
    for quarter in ("2026-Q3", "2026-Q2", "2025-Q3"):
        for segment in KEYS:
            for point in draw(st.lists(st.sampled_from("甲乙丙丁"), unique=True)):
                samples = draw(st.one_of(st.integers(1, 12), st.integers(1, 3000)))
                ok = draw(st.one_of(st.just(samples), st.integers(0, samples)))
                items = draw(st.sampled_from(["", "38", "43", "43"]))
                volume = {}
                if segment == "水源水":
                    volume["类型"] = draw(st.sampled_from(["地表水", "地下水"]))
                    if draw(st.integers(0, 3)):
                        drawn = draw(st.decimals("0", 2000, places=1))
                        within = draw(st.one_of(st.just(drawn), st.decimals(0, drawn, places=1)))
                        volume |= {"取水量": str(drawn), "达标取水量": str(within)}
                rows.append(row(segment, point, samples, ok, quarter=quarter, 监测项目数=items, **volume))
    return rows if any(each["期间"] == "2026-Q3" for each in rows) else [row("出厂水", "甲", 7, 6)]


def sums(rows):
    ok, samples = (sum(int(each[name]) for each in rows) for name in ("达标样品数", "监测样品数"))
    return ok, samples, Fraction(ok, samples) * 100 if samples else None


def of_waters(key, now):
    """Return what is told of a segment beside its rate."""
    expected = {}
    items = [int(each["监测项目数"]) for each in now if each["监测项目数"]]
    if len(items) == len(now):
        expected[f"{key}.items_low"] = min(items)
        if min(items) != max(items):
            expected[f"{key}.items_high"] = max(items)
    for sort in {each["类型"] for each in now} - {""}:
        expected[f"{key}.count.{sort}"] = sum(each["类型"] == sort for each in now)
    if all(each["取水量"] for each in now):
        drawn, within = (sum(Fraction(each[name]) for each in now) for name in ("取水量", "达标取水量"))
        expected |= {f"{key}.volume": drawn, f"{key}.volume_ok": within}
        if drawn:
            expected[f"{key}.volume_rate"] = within / drawn * 100
    return expected


def of_points(key, now):
    """Return what is told of each point."""
    expected = {}
    for each in now:
        point, (ok, samples, rate) = f"{key}.point.{each['点位']}", sums([each])
        expected |= {f"{point}.samples": samples, f"{point}.ok": ok, f"{point}.rate": rate}
        if each["监测项目数"]:
            expected[f"{point}.items"] = int(each["监测项目数"])
        if ok < samples:
            expected[f"{point}.short"] = samples - ok
    return expected


def recomputed(rows):
    """Return every measure there must be, by id, as a fraction."""
    expected = {}
    for segment, key in KEYS.items():
        now, last, year = (
            [each for each in rows if each["环节"] == segment and each["期间"] == quarter]
            for quarter in ("2026-Q3", "2026-Q2", "2025-Q3")
        )
        if not now:
            continue
        ok, samples, rate = sums(now)
        expected |= {f"{key}.count": len(now), f"{key}.samples": samples, f"{key}.ok": ok, f"{key}.rate": rate}
        for name, before in (("quarter_shift", last), ("year_shift", year)):
            if before:
                expected[f"{key}.{name}"] = rate - sums(before)[2]
        if ok < samples:
            expected[f"{key}.short"] = samples - ok
        expected |= of_waters(key, now) | of_points(key, now)
    return expected


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deliveries())
def test_every_number_prints_as_its_recomputation_by_hand(analysed, require_agreement, rows):
    expected = {name: Fraction(value) for name, value in recomputed(rows).items()}
    measures = analysed(NAME, rows, THIRD).measures
    require_agreement(measures, expected)
    for name, measure in measures.items():
        if name.endswith("rate") and 0 < expected[name] < 100:
            assert 0 < round(measure.value, measure.places) < 100


def test_the_delivery_prints_as_its_recomputation_by_hand(delivered_rows, analysed, require_agreement):
    rows = delivered_rows("drinking_water.csv")
    expected = {name: Fraction(value) for name, value in recomputed(rows).items()}
    require_agreement(analysed(NAME, rows, THIRD).measures, expected)
