"""Monthly air and water quality: changes, ranks with ties by the stated rule, classes of sections, and what is refused."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from effort import DATA_SETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.words.errors import BadInput
from obligations.words.occurrence import Period

NAME = "environment-monthly"
MAY = Period("2026-05", date(2026, 5, 1), date(2026, 5, 31))
LIMITS = {"PM2.5": 35, "PM10": 70, "SO2": 60, "NO2": 40, "CO": 4, "O3": 160}
CLASSES = ["Ⅰ类断面", "Ⅱ类断面", "Ⅲ类断面", "Ⅳ类断面", "Ⅴ类断面", "劣Ⅴ类断面"]
UNITS = {
    **dict.fromkeys(LIMITS, "微克/立方米"), "CO": "毫克/立方米", "综合指数": "", "水质指数": "", "优良天数比例": "%",
    **dict.fromkeys(("优良天数", "有效监测天数", "重污染天数"), "天"), **dict.fromkeys([*CLASSES, "断面总数"], "个"),
}  # fmt: skip
SPELLED = {"PM25": "PM2.5", "优良率": "优良天数比例"}


def row(place, name, now, year="", **more):
    cells = {
        "期间": "2026-05",
        "范围": place,
        "指标": name,
        "单位": UNITS[name],
        "本期": str(now),
        "上年同期": str(year),
    }
    return {**cells, "同比": "", "排名依据": "", **more}


def ranks(analysis, key="air"):
    found = {name: measure for name, measure in analysis.measures.items() if name.startswith(f"rank.{key}.")}
    return {name.split(".", 2)[2]: int(measure.value) for name, measure in found.items() if measure.unit == "名"}


def test_the_provincial_figures_that_were_published_are_told_as_published(published_rows, analysed):
    rows = [
        row("全域", SPELLED.get(each["indicator"], each["indicator"]), each["value"],
            单位=each["unit"], 同比=each["yoy"], 期间="2017-03")
        for each in published_rows("air_shandong_monthly.csv")
        if each["period"] == "2017年3月" and each["indicator"] != "蓝天白云天数"
    ]  # fmt: skip
    analysis = analysed(NAME, rows, Period("2017-03", date(2017, 3, 1), date(2017, 3, 31)))
    told = {name: (str(measure.value), measure.unit) for name, measure in analysis.measures.items()}
    assert told["whole.PM2.5.yoy"] == ("-18.4", "%")
    assert told["whole.PM10.now"] == ("116", "微克/立方米")
    assert told["whole.优良天数比例.yoy"] == ("24.9", "百分点")
    assert told["whole.重污染天数.yoy"] == ("-1.6", "天")


def test_the_index_of_a_city_is_the_sum_of_its_parts_as_published(published_rows, analysed):
    rows = [
        row("全域", each["indicator"], each["value"], each["value"])
        for each in published_rows("air_zibo_ranking.csv")
        if each["scope"] == "全市" and each["indicator"] in {*LIMITS, "综合指数"}
    ]
    assert len(rows) == 7
    analysis = analysed(NAME, rows, MAY)
    assert len(analysis.words["parts"]) == 6
    assert not any("单项指数" in each for each in analysis.warnings)


def test_published_county_ranks_come_out_of_their_indices(published_rows, analysed):
    rows = [
        row(each["unit_name"], "综合指数", each["value"])
        for each in published_rows("air_zibo_ranking.csv")
        if each["scope"] == "全省159县排名"
    ]
    order = [each["unit_name"] for each in published_rows("air_zibo_ranking.csv") if each["rank_or_order"].isdigit()]
    found = ranks(analysed(NAME, rows, MAY))
    assert sorted(found, key=found.get) == [name for name in order if name in found]


def test_equal_indices_share_a_rank_and_the_next_is_skipped(delivered_rows, analysed):
    analysis = analysed(NAME, delivered_rows("environment.csv"), MAY)
    assert ranks(analysis) == {
        "戊镇": 1, "己镇": 2, "甲镇": 3, "辛镇": 4, "丙街道": 5, "丁镇": 5, "乙镇": 7, "庚街道": 8,
    }  # fmt: skip
    assert ranks(analysis, "water") == {"甲镇": 1, "丙街道": 2, "丁镇": 2, "乙镇": 4}


def test_the_stated_rule_decides_between_equals_and_only_then_they_share(analysed):
    rule = "优良天数比例、PM2.5"
    rows = [
        row(place, name, value, 排名依据=rule)
        for place, rate, fine in (("甲镇", 80, 30), ("乙镇", 80, 28), ("丙镇", 90, 40), ("丁镇", 80, 30))
        for name, value in (("优良天数比例", rate), ("PM2.5", fine))
    ]
    analysis = analysed(NAME, rows, MAY)
    assert ranks(analysis) == {"丙镇": 1, "乙镇": 2, "甲镇": 3, "丁镇": 3}
    assert analysis.words["ranking"]["rule"] == (
        "按优良天数比例由大到小排列，相同的按PM2.5由小到大排列，均相同的并列，其后的名次顺延"
    )


def test_what_prints_alike_ranks_alike(analysed):
    rows = [row("甲镇", "综合指数", "4.034"), row("乙镇", "综合指数", "4.031"), row("丙镇", "综合指数", "4.036")]
    assert ranks(analysed(NAME, rows, MAY)) == {"甲镇": 1, "乙镇": 1, "丙镇": 3}


def test_one_place_alone_has_no_rank_and_the_author_is_asked(analysed):
    analysis = analysed(NAME, [row("全域", "PM2.5", 30, 31), row("甲镇", "综合指数", "4.1")], MAY)
    assert analysis.words["ranking"] is None
    assert "参加空气排名的不足两个，没有排名，正文留有待填写栏。" in analysis.warnings


@pytest.mark.parametrize(
    ("names", "noun"),
    [
        (["甲市", "乙市"], "城市"),
        (["甲镇", "乙街道", "丙乡"], "镇街"),
        (["甲县", "乙区", "丙市"], "县（市、区）"),
        (["甲", "乙镇"], "地区"),
    ],
)
def test_the_ranked_places_are_called_what_they_are(names, noun, analysed):
    analysis = analysed(NAME, [row(name, "综合指数", 4) for name in names], MAY)
    assert analysis.words["ranking"]["noun"] == noun
    assert analysis.measures["rank.air.count"].unit == f"个{noun}"


def test_what_moved_the_index_comes_largest_first(delivered_rows, analysed):
    parts = analysed(NAME, delivered_rows("environment.csv"), MAY).words["parts"]
    assert [part["short"] for part in parts] == ["臭氧", "细颗粒物", "可吸入颗粒物", "二氧化硫", "二氧化氮", "一氧化碳"]


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        (("全域", "PM2.5", {"本期": "290"}), "全域PM2.5本期约为上年同期的10倍，请核对单位和小数点。"),
        (("甲镇", "CO", {"本期": "1.7"}), "甲镇CO同比变动112.5%，变动较大，请核对并说明。"),
        (
            ("全域", "综合指数", {"本期": "4.30"}),
            "本期综合指数4.30，与六项污染物单项指数之和4.03不符，不列构成，请核对。",
        ),
        (
            ("全域", "断面总数", {"本期": "20"}),
            "本期断面总数20个，与各类断面之和18个不符，比例按各类之和计算，请核对。",
        ),
        (("全域", "NO2", {"本期": "32"}), "全域NO2为32，不在各地的22至31之间，请核对。"),
        (("甲镇", "SO2", {"上年同期": ""}), "甲镇SO2没有上年同期数，不列同比。"),
    ],
)
def test_the_author_is_warned(change, warning, delivered_rows, analysed):
    place, name, cells = change
    rows = [
        {**each, **(cells if (each["范围"], each["指标"]) == (place, name) else {})}
        for each in delivered_rows("environment.csv")
    ]
    assert warning in analysed(NAME, rows, MAY).warnings


def test_a_published_change_that_contradicts_the_figures_is_warned_of(analysed):
    warnings = analysed(NAME, [row("全域", "PM2.5", 29, 30, 同比="3.3")], MAY).warnings
    assert "全域PM2.5同比按数量计算为-3.3%，来源为3.3%，已用计算值。" in warnings


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [row("全域", "CO", "0.8", 单位="微克/立方米")],
            "rows.csv 第 2 行“单位”列的值是“微克/立方米”，CO的单位应为“毫克/立方米”",
        ),
        ([row("全域", "PM2.5", 30, 单位="")], "rows.csv 第 2 行“单位”列是空的，PM2.5的单位应为“微克/立方米”"),
        (
            [row("全域", "综合指数", 4, 单位="天")],
            "rows.csv 第 2 行“单位”列的值是“天”，综合指数的单位应为空",
        ),
        ([row("全域", "PM2.5", -3)], "rows.csv 第 2 行“本期”列的值是“-3”，PM2.5应为不小于0的数"),
        ([row("全域", "优良天数", 32)], "rows.csv 第 2 行“本期”列的值是“32”，优良天数应为0到31的数"),
        ([row("全域", "优良天数比例", 90, 101)], "rows.csv 第 2 行“上年同期”列的值是“101”，优良天数比例应为0到100的数"),
        ([row("全域", "Ⅰ类断面", "1.5")], "rows.csv 第 2 行“本期”列的值是“1.5”，Ⅰ类断面应为整数"),
        (
            [row("全域", "优良天数", 30), row("全域", "有效监测天数", 29)],
            "rows.csv 第 2 行“本期”列的值是“30”，全域优良天数应不多于有效监测天数（29）",
        ),
        (
            [row("全域", name, 1) for name in CLASSES[:5]],
            "rows.csv 全域缺少指标为“劣Ⅴ类断面”的行，应六类都有，没有该类断面的填 0",
        ),
        (
            [row("甲镇", name, 1) for name in CLASSES],
            "rows.csv 甲镇有断面类别的行，断面类别应只列范围为“全域”的",
        ),
        (
            [row("甲镇", "综合指数", 4), row("乙镇", "PM2.5", 30)],
            "rows.csv 乙镇没有综合指数，排名依据为“综合指数”，应补上这一行",
        ),
        (
            [row("甲镇", "综合指数", 4, 排名依据="人口"), row("乙镇", "综合指数", 4, 排名依据="人口")],
            "rows.csv 第 2 行“排名依据”列的值是“人口”，应为PM2.5、PM10、SO2、NO2、CO、O3、综合指数、优良天数比例、优良天数、重污染天数、水质指数中的一个，或先后用顿号分开的几个",
        ),
        (
            [row("甲镇", "综合指数", 4, 排名依据="综合指数"), row("乙镇", "综合指数", 4, 排名依据="PM2.5")],
            "rows.csv 第 3 行“排名依据”列的值是“PM2.5”，应为综合指数（与其他行一致）",
        ),
        (
            [row("全域", "PM2.5", 30, 期间="2026-04")],
            "rows.csv 没有期间为“2026-05”的行，应至少有范围为“全域”的行",
        ),
        (
            [row("全域", "PM2.5", 30), row("全域", "PM2.5", 31)],
            "文件 rows.csv 第 3 行与第 2 行重复（期间“2026-05”、范围“全域”、指标“PM2.5”），应只有一行；请删去多余的一行后重新放入收件夹。",
        ),
        (
            [row("全域", "PM2.5", "30%")],
            "文件 rows.csv 第 2 行“本期”列的值是“30%”，应为数字；请去掉百分号后重新放入收件夹。",
        ),
    ],
)  # fmt: skip
def test_a_figure_that_cannot_be_is_refused_in_one_sentence(rows, message, analysed):
    with pytest.raises(BadInput) as refused:
        analysed(NAME, rows, MAY)
    assert message in refused.value.problems


# An independent recomputation: plain fractions of the delivered text, no pandas, no code of the package.

NUMBER = st.one_of(st.integers(1, 300), st.decimals("0.1", 300, places=2)).map(str)
MAYBE = st.one_of(NUMBER, NUMBER, NUMBER, st.just(""))
COUNT = st.integers(0, 9)
PLACES = ("甲镇", "乙镇", "丙街道", "丁镇")
PRINTED = {"综合指数": 2, "水质指数": 4, **dict.fromkeys(CLASSES, 0)}
LOWER_IS_WORSE = {"优良天数比例", "优良天数"}


@st.composite
def deliveries(draw):
    rule = draw(st.sampled_from(["", "综合指数", "PM2.5、综合指数", "优良天数比例、PM2.5"]))
    rows = []
    ranked = draw(st.lists(st.sampled_from(PLACES), unique=True))
    for place in ("全域", *ranked):
        needed = set((rule or "综合指数").split("、")) if place != "全域" else set()
        told = [name for name in (*LIMITS, "综合指数", "水质指数") if name in needed or draw(st.integers(0, 3))]
        rows += [row(place, name, draw(NUMBER), draw(MAYBE), 排名依据=rule) for name in told]
        valid, valid_year = draw(st.integers(int("优良天数比例" in needed), 31)), draw(st.integers(0, 31))
        if "优良天数比例" in needed or draw(st.booleans()):
            good, good_year = draw(st.integers(0, valid)), draw(st.integers(0, valid_year))
            rows.append(row(place, "优良天数", good, good_year, 排名依据=rule))
            rows.append(row(place, "有效监测天数", valid, valid_year, 排名依据=rule))
        if place != "全域" and not any(each["范围"] == place for each in rows):
            rows.append(row(place, "综合指数", draw(NUMBER), 排名依据=rule))
    if draw(st.booleans()):
        known = draw(st.booleans())
        rows += [row("全域", name, draw(COUNT), draw(COUNT) if known else "") for name in CLASSES]
    return rows or [row("全域", "PM2.5", draw(NUMBER))]


def half_up(value, places):
    return Fraction((value * 10**places * 2 + 1).__floor__() // 2, 10**places)


def recomputed(rows):
    """Return every measure there must be, by id, as a fraction."""
    told, expected = {}, {}
    for each in rows:
        year = Fraction(each["上年同期"]) if each["上年同期"] else None
        told.setdefault(each["范围"], {})[each["指标"]] = (Fraction(each["本期"]), year)
    changes = {}
    for place, found in told.items():
        if {"优良天数", "有效监测天数"} <= found.keys():
            (good, good_year), (valid, valid_year) = found["优良天数"], found["有效监测天数"]
            if valid:
                found["优良天数比例"] = (good / valid * 100, good_year / valid_year * 100 if valid_year else None)
        for name, (now, year) in found.items():
            key = f"whole.{name}" if place == "全域" else f"place.{place}.{name}"
            expected[f"{key}.now"] = now
            if year is not None:
                expected[f"{key}.year"] = year
                absolute = UNITS[name] in {"%", "天", "个"}
                if absolute or year:
                    change = now - year if absolute else (now - year) / year * 100
                    expected[f"{key}.yoy"] = changes[place, name] = change
    whole = told.get("全域", {})
    parts_and_changes(whole, expected)
    water(whole, expected)
    places = [place for place in told if place != "全域"]
    rule = (rows[0]["排名依据"] or "综合指数").split("、")
    air = [place for place in places if set(told[place]) - {"水质指数", "有效监测天数"}]
    rank_by_hand("air", air, rule, told, expected)
    rank_by_hand("water", [place for place in places if "水质指数" in told[place]], ["水质指数"], told, expected)
    if len(air) > 1:
        # Days are told where a place has no share of days, because nothing was validly measured there.
        days = (
            ["优良天数"]
            if any("优良天数" in told[place] and "优良天数比例" not in told[place] for place in air)
            else []
        )
        for name in (*LIMITS, "综合指数", "优良天数比例", *days):
            count_moves(name, [place for place in air if name in told[place]], changes, expected)
    return expected


def parts_and_changes(whole, expected):
    if not {*LIMITS, "综合指数"} <= whole.keys() or any(whole[name][1] is None for name in (*LIMITS, "综合指数")):
        return
    for column in (0, 1):
        if abs(
            sum(whole[name][column] / limit for name, limit in LIMITS.items()) - whole["综合指数"][column]
        ) > Fraction(6, 100):
            return
    for name, limit in LIMITS.items():
        now, year = whole[name]
        expected |= {
            f"part.{name}.now": now / limit,
            f"part.{name}.year": year / limit,
            f"part.{name}.change": (now - year) / limit,
        }


def water(whole, expected):
    total = sum(whole[name][0] for name in CLASSES if name in whole)
    if not set(CLASSES) <= whole.keys() or not total:
        return
    expected["water.total"] = total
    years = [whole[name][1] for name in CLASSES]
    total_year = sum(years) if None not in years else 0
    for key, names in {**{name: [name] for name in CLASSES}, "good": CLASSES[:3]}.items():
        now = sum(whole[name][0] for name in names)
        expected |= {f"water.{key}.now": now, f"water.{key}.share": now / total * 100}
        if total_year:
            year = sum(whole[name][1] for name in names) / total_year * 100
            expected |= {f"water.{key}.year_share": year, f"water.{key}.shift": now / total * 100 - year}


def rank_by_hand(key, places, rule, told, expected):
    if len(places) < 2:
        return
    keys = {
        place: [
            half_up(told[place][name][0], PRINTED.get(name, 1)) * (-1 if name in LOWER_IS_WORSE else 1) for name in rule
        ]
        for place in places
    }
    expected[f"rank.{key}.count"] = len(places)
    for place in places:
        expected[f"rank.{key}.{place}"] = 1 + sum(keys[other] < keys[place] for other in places)


def count_moves(name, places, changes, expected):
    if len(places) < 2:
        return
    printed = [
        half_up(abs(changes[place, name]), 1) * (1 if changes[place, name] > 0 else -1)
        for place in places
        if (place, name) in changes
    ]
    for word, count in (
        ("fell", sum(each < 0 for each in printed)),
        ("rose", sum(each > 0 for each in printed)),
        ("stayed", sum(each == 0 for each in printed)),
    ):
        if count:
            expected[f"moves.{name}.{word}"] = count


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deliveries())
def test_every_number_prints_as_its_recomputation_by_hand(analysed, require_agreement, rows):
    expected = {name: Fraction(value) for name, value in recomputed(rows).items()}
    require_agreement(analysed(NAME, rows, MAY).measures, expected)


def test_the_delivery_prints_as_its_recomputation_by_hand(delivered_rows, analysed, require_agreement):
    rows = delivered_rows("environment.csv")
    expected = {name: Fraction(value) for name, value in recomputed(rows).items()}
    require_agreement(analysed(NAME, rows, MAY).measures, expected)
