"""Land prices: against what monitoring published, and every number recomputed by plain fractions."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from effort import DATA_SETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.words.errors import BadInput
from obligations.words.occurrence import Period

NAME = "land-price-quarterly"
QUARTER = Period("2026-Q3", date(2026, 7, 1), date(2026, 9, 30))
WHOLE, CITIES = "合计", ("甲市", "乙市", "丙市", "丁市")
USES = ("综合", "商服", "住宅", "工业")


def row(city, use, now, last="", year="", qoq="", yoy="", period="2026-Q3", mu=""):
    return {"期间": period, "监测城市": city, "用途": use, "地价水平": str(now), "上季度地价水平": str(last),
            "上年同期地价水平": str(year), "环比增长率": str(qoq), "同比增长率": str(yoy), "每亩地价": str(mu)}  # fmt: skip


def printed(measure):
    return f"{measure.value:.{measure.places}f}"


def test_the_growth_that_a_city_published_is_recomputed_from_its_levels(analysed):
    # 青岛市2014年第1季度地价动态监测指标调查表, http://www.fdzy.gov.cn/fdzy/contentAction.do?itemID=5598: levels of this
    # quarter and the last, and the growth that was published, to two decimals.
    published = (("综合", 3193, 3050, "4.69"), ("商业", 9234, 8642, "6.85"), ("居住", 4894, 4681, "4.55"),
                 ("工业", 783, 783, "0.00"))  # fmt: skip
    rows = [row("青岛市", use, now, last, period="2014-Q1") for use, now, last, _ in published]
    measures = analysed(NAME, rows, Period("2014-Q1", date(2014, 1, 1), date(2014, 3, 31))).measures
    for use, _, _, rate in published:
        assert f"{measures[f'青岛市.{use}.qoq'].value:.2f}" == rate


def test_growth_is_quoted_where_no_level_is_given_to_compute_it_from(analysed):
    # 2010年第三季度全国主要城市地价监测报告 (洛阳晚报, http://lywb.lyd.com.cn/html/2010-10/21/content_678441.htm).
    published = (("综合", 2805, "8.98"), ("商业", 5018, "10.14"), ("居住", 4085, "11.74"), ("工业", 623, "5.34"))
    rows = [row(WHOLE, use, now, yoy=yoy, period="2010-Q3") for use, now, yoy in published]
    analysis = analysed(NAME, rows, Period("2010-Q3", date(2010, 7, 1), date(2010, 9, 30)))
    for use, now, yoy in published:
        assert (printed(analysis.measures[f"合计.{use}.now"]), printed(analysis.measures[f"合计.{use}.yoy"])) == (
            str(now),
            yoy,
        )
    assert not [each for each in analysis.warnings if "不在" in each]


def test_the_use_that_moved_most_comes_first(analysed):
    rows = [row("甲市", "综合", 101, 100), row("甲市", "住宅", 101, 100), row("甲市", "工业", 97, 100)]
    assert [use["use"] for use in analysed(NAME, rows, QUARTER).words["uses"]] == ["工业", "住宅"]


def test_the_earlier_quarters_own_rows_stand_in_for_columns_that_are_empty(analysed):
    rows = [
        row("甲市", "综合", 110),
        row("甲市", "综合", 100, period="2026-Q2"),
        row("甲市", "综合", 88, period="2025-Q3"),
    ]
    measures = analysed(NAME, rows, QUARTER).measures
    assert (measures["甲市.综合.qoq"].value, measures["甲市.综合.yoy"].value) == (10, 25)


def test_cities_that_print_alike_share_a_rank_and_the_next_is_skipped(analysed):
    rows = [row("甲市", "综合", 1000, 1000), row("乙市", "综合", 1010, 1000), row("丙市", "综合", 2020.2, 2000)]
    ranking = analysed(NAME, rows, QUARTER).tables["ranking"].rows
    assert [line[1] for line in ranking] == ["乙市", "丙市", "甲市"]
    measures = analysed(NAME, rows, QUARTER).measures
    assert [int(measures[f"rank.{city}"].value) for city in ("乙市", "丙市", "甲市")] == [1, 1, 3]


def test_two_cities_are_not_ranked(analysed):
    analysis = analysed(NAME, [row("甲市", "综合", 101, 100), row("乙市", "综合", 102, 100)], QUARTER)
    assert ("ranking" in analysis.tables, analysis.words["cities"]) == (False, [])


def test_the_outlook_needs_two_past_years_and_has_their_spread(analysed):
    rows = [row("甲市", "综合", 1000, 990)]
    rows += [row("甲市", "综合", now, period=key) for key, now in (("2025-Q3", 100), ("2025-Q4", 104))]
    assert analysed(NAME, rows, QUARTER).words["outlook"] is None
    rows += [row("甲市", "综合", now, period=key) for key, now in (("2024-Q3", 100), ("2024-Q4", 98))]
    analysis = analysed(NAME, rows, QUARTER)
    assert analysis.words["outlook"]["years"] == ["2024年", "2025年"]
    assert {name: int(measure.value) for name, measure in analysis.measures.items() if name.startswith("outlook")} == {
        "outlook.low_rate": -2, "outlook.low": 980, "outlook.middle_rate": 1, "outlook.middle": 1010,
        "outlook.high_rate": 4, "outlook.high": 1040,
    }  # fmt: skip


def test_the_course_is_drawn_from_four_quarters_on(analysed):
    rows = [
        row("甲市", "综合", 1000),
        row("甲市", "综合", 990, period="2026-Q2"),
        row("甲市", "综合", 980, period="2026-Q1"),
    ]
    assert analysed(NAME, rows, QUARTER).charts == {}
    rows.append(row("甲市", "综合", 970, period="2025-Q4"))
    chart = analysed(NAME, rows, QUARTER).charts["course"]
    assert [line[0] for line in chart.data.rows] == ["2025年四季度", "2026年一季度", "2026年二季度", "2026年三季度"]


@pytest.mark.parametrize(
    ("rows", "warning"),
    [
        ([row("甲市", "综合", 10000, 1000)], "甲市综合地价本期约为上季度的10倍，请核对单位和小数点。"),
        ([row("甲市", "综合", 112, 100)], "甲市综合地价环比变动12.0%，变动较大，请核对并说明。"),
        ([row("甲市", "综合", 140, "", 100)], "甲市综合地价同比变动40.0%，变动较大，请核对并说明。"),
        ([row("甲市", "综合", 105, 100, qoq=8)], "甲市综合地价环比按数量计算为5.0%，来源为8.0%，已用计算值。"),
        ([row("甲市", "综合", 105)], "甲市综合地价没有上季度地价水平和环比增长率，不列环比。"),
        (
            [row("甲市", "综合", 105, 100), row("甲市", "综合", 101, period="2026-Q2")],
            "甲市综合地价上季度数本次为100元/平方米，上季度的行为101元/平方米，如已订正请在文中说明。",
        ),
        (
            [row("甲市", "综合", 105, "", 100), row("甲市", "综合", 101, period="2025-Q3")],
            "甲市综合地价上年同期数本次为100元/平方米，上年的行为101元/平方米，如已订正请在文中说明。",
        ),
        (
            [row("甲市", "综合", 900, 900), row("甲市", "住宅", 800, 800), row("甲市", "工业", 300, 300)],
            "甲市综合地价900元/平方米，不在工业（最低）和住宅（最高）之间，请核对。",
        ),
        (
            [row(WHOLE, "综合", 900), row("甲市", "综合", 800), row("乙市", "综合", 300)],
            "监测城市综合地价900元/平方米，不在乙市（最低）和甲市（最高）之间，请核对。",
        ),
        ([row("甲市", "综合", 101), row("乙市", "综合", 102)], "没有监测城市为“合计”的行，不列总体水平。"),
        (
            [row("甲市", "综合", 1500, mu=90)],
            "甲市综合地价按平方米折算为100.0万元/亩，来源为90万元/亩，请核对。",
        ),
        ([row("甲市", "综合", 1500, mu=1000000)], "甲市综合地价按亩约为按平方米折算的10000倍，请核对单位和小数点。"),
        (
            [row("甲市", "综合", 1030, 1000)]
            + [
                row("甲市", "综合", now, period=key)
                for key, now in (("2025-Q3", 985), ("2025-Q4", 990), ("2026-Q1", 995), ("2026-Q2", 1000))
            ],
            "甲市综合地价环比变动3.0%，超过以往各季度最大变动幅度0.5%的两倍，请核对并说明。",
        ),
    ],
)
def test_the_author_is_warned(rows, warning, analysed):
    assert warning in analysed(NAME, rows, QUARTER).warnings


def test_a_delivery_in_order_gives_no_warning(delivered_rows, analysed):
    assert analysed(NAME, delivered_rows("land_price.csv"), QUARTER).warnings == ()


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([row("甲市", "综合", 0)], "rows.csv 第 2 行“地价水平”列的值是“0”，应大于0"),
        ([row("甲市", "综合", 5, -1)], "rows.csv 第 2 行“上季度地价水平”列的值是“-1”，应大于0"),
        ([row("甲市", "综合", 5, period="2026-Q2")], "rows.csv 没有期间为“2026-Q3”的行，应至少有一个监测城市"),
        (
            [row("甲市", "综合", 5), row("甲市", "商服", 5), row("乙市", "综合", 5), row("乙市", "商业", 5)],
            "rows.csv 第 5 行“用途”列的值是“商业”，其他行写的是“商服”，应统一为商服",
        ),
        (
            [row("甲市", "综合", 5), row("乙市", "住宅", 5)],
            "rows.csv 期间为“2026-Q3”、监测城市为“乙市”的行没有用途“综合”，应补上",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(rows, problem, analysed):
    with pytest.raises(BadInput) as refused:
        analysed(NAME, rows, QUARTER)
    assert refused.value.problems == (problem,)


# An independent recomputation: plain fractions of the delivered text, no pandas, no code of the package.

LEVEL = st.integers(1, 9000).map(str) | st.decimals(1, 9000, places=1).map(str)
NEAR = st.decimals("0.5", "2", places=2)
PERCENT = st.just("") | st.decimals(-60, 400, places=1).map(str)
KEYS = ("2026-Q2", "2026-Q1", "2025-Q4", "2025-Q3", "2024-Q4", "2024-Q3", "2023-Q4", "2023-Q3")


@st.composite
def deliveries(draw):
    cities = draw(st.lists(st.sampled_from([WHOLE, *CITIES]), min_size=1, unique=True))
    base = draw(st.integers(100, 5000))
    rows = []
    for period in ("2026-Q3", *draw(st.lists(st.sampled_from(KEYS), unique=True))):
        for city in cities:
            if period != "2026-Q3" and not draw(st.booleans()):
                continue
            for use in ("综合", *draw(st.lists(st.sampled_from(USES[1:]), unique=True))):
                now, last, year = (str(base * draw(NEAR)) if draw(st.booleans()) else draw(LEVEL) for _ in range(3))
                last, year = (each if draw(st.booleans()) else "" for each in (last, year))
                rows.append(
                    row(city, use, now, last, year, draw(PERCENT), draw(PERCENT), period, draw(st.just("") | LEVEL))
                )
    return rows


def earlier_of(hand, found, each, column, key):
    said = hand.cell(each, column)
    return said if said is not None else hand.cell(found.get((key, each["监测城市"], each["用途"])), "地价水平")


def growth(hand, found, each, base):
    column, key, rate = {
        "qoq": ("上季度地价水平", before(each["期间"]), "环比增长率"),
        "yoy": ("上年同期地价水平", f"{int(each['期间'][:4]) - 1}{each['期间'][4:]}", "同比增长率"),
    }[base]
    earlier = earlier_of(hand, found, each, column, key)
    if earlier is None:
        return hand.cell(each, rate), None
    return hand.rate(hand.cell(each, "地价水平"), earlier, "元/平方米"), earlier


def before(key):
    year, quarter = int(key[:4]), int(key[-1])
    return f"{year}-Q{quarter - 1}" if quarter > 1 else f"{year - 1}-Q4"


def tenths(value):
    """Round half away from zero to one decimal, as printed."""
    size = (abs(value) * 20 + 1).__floor__() // 2
    return Fraction(size, 10) * (1 if value >= 0 else -1)


def recomputed(hand, rows):
    """Return every measure there must be, by id."""
    found = {(each["期间"], each["监测城市"], each["用途"]): each for each in rows}
    now = {key[1:]: each for key, each in found.items() if key[0] == "2026-Q3"}
    expected, rates = {}, {"qoq": {}, "yoy": {}}
    for (city, use), each in now.items():
        key, level = f"{city}.{use}", hand.cell(each, "地价水平")
        expected |= {f"{key}.now": level, f"{key}.per_mu": hand.cell(each, "每亩地价")}
        for base in ("qoq", "yoy"):
            rate, earlier = growth(hand, found, each, base)
            expected |= hand.compared(key, base, "元/平方米", level, earlier, rate if earlier is None else None)
            if use == "综合" and city != WHOLE and rate is not None:
                rates[base][city] = rate
        last = found.get(("2026-Q2", city, use))
        then = growth(hand, found, last, "yoy")[0] if last else None
        expected |= hand.pace(key, growth(hand, found, each, "yoy")[0], then)
    expected |= cities_by_hand(rates)
    cities = [city for city, _ in now]
    whole = WHOLE if WHOLE in cities else cities[0] if len(set(cities)) == 1 else None
    if whole:
        expected |= course_by_hand(hand, found, whole) | outlook_by_hand(hand, found, whole)
    return hand.known(expected)


def cities_by_hand(rates):
    expected = {}
    for base, of in rates.items():
        if len(of) < 3:
            continue
        shown = {city: tenths(rate) for city, rate in of.items()}
        expected[f"cities.{base}.count"] = len(shown)
        for name, fits in (("risen", lambda v: v > 0), ("stayed", lambda v: v == 0), ("fallen", lambda v: v < 0)):
            expected[f"cities.{base}.{name}"] = sum(fits(value) for value in shown.values()) or None
        if base == "qoq":
            expected |= {
                f"rank.{city}": 1 + sum(other > own for other in shown.values()) for city, own in shown.items()
            }
    return {name: None if value is None else Fraction(value) for name, value in expected.items()}


def level_by_hand(hand, found, key, whole):
    return hand.cell(found.get((key, whole, "综合")), "地价水平")


def course_by_hand(hand, found, whole):
    keys = ["2026-Q3"]
    while len(keys) < 5:
        keys.append(before(keys[-1]))
    levels = {key: level for key in keys if (level := level_by_hand(hand, found, key, whole)) is not None}
    return {f"course.{key}": level for key, level in levels.items()} if len(levels) > 3 else {}


def outlook_by_hand(hand, found, whole):
    pairs = [
        [level_by_hand(hand, found, f"{year}-Q{quarter}", whole) for quarter in (3, 4)] for year in (2025, 2024, 2023)
    ]
    rates = [following / same - 1 for same, following in pairs if same is not None and following is not None]
    if len(rates) < 2:
        return {}
    now, expected = level_by_hand(hand, found, "2026-Q3", whole), {}
    for name, rate in (("middle", sum(rates) / len(rates)), ("low", min(rates)), ("high", max(rates))):
        expected |= {f"outlook.{name}_rate": rate * 100, f"outlook.{name}": now * (1 + rate)}
    return expected


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deliveries())
def test_every_number_prints_as_its_recomputation_by_hand(analysed, by_fractions, require_agreement, rows):
    require_agreement(analysed(NAME, rows, QUARTER).measures, recomputed(by_fractions, rows))
