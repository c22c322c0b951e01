"""Monthly notifiable diseases: against what was published, and every number recomputed by plain fractions."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from effort import DATA_SETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.publications.registry import kind
from obligations.words.errors import BadInput
from obligations.words.occurrence import Period

NAME = "epidemic-monthly"
AUGUST = Period("2026-08", date(2026, 8, 1), date(2026, 8, 31))
BASES = {"mom": "上月", "yoy": "上年同期"}


def row(of, disease, cases, deaths=0, month=("", ""), year=("", ""), period="2026-08"):
    return {"期间": period, "类别": of, "病种": disease, "发病数": str(cases), "死亡数": str(deaths),
            "上月发病数": str(month[0]), "上月死亡数": str(month[1]), "上年同期发病数": str(year[0]),
            "上年同期死亡数": str(year[1])}  # fmt: skip


def test_published_classes_add_up_to_the_published_total(published_rows, analysed):
    for published in published_rows("epidemic_monthly.csv"):
        counts = [
            (name, published[f"class_{letter}_cases"], published.get(f"class_{letter}_deaths", "0"))
            for name, letter in (("甲类", "a"), ("乙类", "b"), ("丙类", "c"))
        ]
        rows = [row(name, "合计", cases, deaths) for name, cases, deaths in counts if cases]
        year, month = (int(part) for part in published["period"].split("-"))
        period = Period(published["period"], date(year, month, 1), date(year, month, 28))
        measures = analysed(NAME, [{**each, "期间": period.key} for each in rows], period).measures
        assert str(measures["all.cases.now"].value) == published["total_cases"]
        assert str(measures["all.deaths.now"].value) == published["total_deaths"]


def test_the_published_share_of_the_foremost_is_the_recomputed_one(analysed):
    # January 2006, the one month published with the cases of each of the five: 90.43 % of 8,430.
    five = {"乙型肝炎": 3480, "肺结核": 2922, "麻疹": 528, "痢疾": 362, "淋病": 331}
    rows = [row("乙类", "合计", 8430, 29), *(row("乙类", name, cases) for name, cases in five.items())]
    january = Period("2006-01", date(2006, 1, 1), date(2006, 1, 31))
    analysis = analysed(NAME, [{**each, "期间": "2006-01"} for each in rows], january)
    (of_class,) = analysis.words["classes"]
    assert f"{analysis.measures[of_class['share']].value:.2f}" == "90.43"
    assert [group["names"] for group in of_class["groups"]] == [[name] for name in five]
    assert of_class["others"] is None  # not all diseases were published
    assert "乙类传染病各病种发病数之和7623小于合计8430，病种没有列全，不列其余病种数。" in analysis.warnings


def test_equals_stand_side_by_side_and_are_not_cut_apart(delivered_rows, analysed):
    classes = analysed(NAME, delivered_rows("epidemic_monthly.csv"), AUGUST).words["classes"]
    assert [group["names"] for group in classes[1]["groups"]] == [
        ["病毒性肝炎"], ["肺结核"], ["梅毒"], ["细菌性和阿米巴性痢疾"], ["布鲁氏菌病", "淋病"],
    ]  # fmt: skip


def test_a_class_without_a_case_is_said_to_have_none(delivered_rows, analysed):
    classes = analysed(NAME, delivered_rows("epidemic_monthly.csv"), AUGUST).words["classes"]
    assert [each["none"] for each in classes] == [True, False, False]
    assert classes[1]["unreported"] == ["狂犬病", "麻疹"]


def test_what_moved_the_total_most_comes_first(delivered_rows, analysed):
    month, year = analysed(NAME, delivered_rows("epidemic_monthly.csv"), AUGUST).words["drivers"]
    assert [part["name"] for part in month["fell"]] == ["手足口病", "流行性感冒", "肺结核"]
    assert [part["name"] for part in year["rose"]] == ["手足口病", "其他感染性腹泻病", "流行性感冒"]


def test_nothing_foretells_how_an_epidemic_will_go(delivered_rows, analysed):
    assert {blank.name for blank in kind(NAME).blanks} == {"explanation", "advice"}
    assert not [
        name for name in analysed(NAME, delivered_rows("epidemic_monthly.csv"), AUGUST).words if "outlook" in name
    ]


ALL_B = row("乙类", "合计", 60, 1, (50, 0), (40, 0))


@pytest.mark.parametrize(
    ("rows", "warning"),
    [
        ([ALL_B, row("乙类", "肺结核", 70)], "乙类传染病各病种发病数之和70大于合计60，请核对是否把分型重复计入。"),
        ([ALL_B], "没有甲类传染病的行，正文不列，请核对。"),
        ([ALL_B], "乙类传染病没有分病种的行，不列病种排序。"),
        ([row("乙类", "合计", 60)], "没有上月数，不列环比。"),
        ([row("乙类", "合计", 60, 0, (600, 0))], "乙类传染病发病数本期约为上月的10分之一，请核对单位和小数点。"),
        ([row("乙类", "合计", 90, 0, (50, 0))], "乙类传染病发病数环比变动80.0%，变动较大，请核对并说明。"),
        (
            [row("甲类", "合计", 1), row("甲类", "霍乱", 1)],
            "甲类传染病有发病或死亡报告，请核实并确认已按突发公共卫生事件的要求处置和发布。",
        ),
        (
            [row("乙类", "合计", 0, 1), row("乙类", "狂犬病", 0, 1)],
            "狂犬病死亡数1多于发病数0，请核对死亡病例是否为以前月份报告。",
        ),
        (
            [ALL_B, row("乙类", "合计", 52, period="2026-07")],
            "乙类传染病上月发病数本次为50，上月的行为52，如已订正请在文中说明。",
        ),
    ],
)
def test_the_author_is_warned(rows, warning, analysed):
    assert warning in analysed(NAME, rows, AUGUST).warnings


def test_a_jump_of_a_few_cases_is_no_news(analysed):
    rows = [ALL_B, row("乙类", "狂犬病", 3, 1, (1, 0), (1, 0))]
    assert not [each for each in analysed(NAME, rows, AUGUST).warnings if "狂犬病" in each]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row("乙类", "合计", 5, period="2026-07")], "rows.csv 没有期间为“2026-08”的行，应至少有一个类别的“合计”行"),
        (
            [ALL_B, row("丙类", "手足口病", 5)],
            "rows.csv 丙类没有病种为“合计”的行，应有这一行，填该类全部病种的合计",
        ),
        ([row("乙类", "合计", "5.5")], "rows.csv 第 2 行“发病数”列的值是“5.5”，应为不小于0的整数"),
        ([row("乙类", "合计", 5, -1)], "rows.csv 第 2 行“死亡数”列的值是“-1”，应为不小于0的整数"),
        (
            [ALL_B, row("乙类", "肺结核", 5), row("丙类", "合计", 5), row("丙类", "肺结核", 5)],
            "rows.csv 第 5 行“类别”列的值是“丙类”，应为乙类（与“肺结核”的另一行一致，一个病种只属一类）",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(rows, message, analysed):
    with pytest.raises(BadInput) as refused:
        analysed(NAME, rows, AUGUST)
    assert message in refused.value.problems


# An independent recomputation: plain fractions of the delivered text, no pandas, no code of the package.

COUNT = st.one_of(st.just(0), st.integers(0, 9), st.integers(0, 900))
SOME = st.one_of(COUNT, COUNT, st.just(""))
DISEASES = {"甲类": ["鼠疫", "霍乱"], "乙类": [f"乙病{letter}" for letter in "甲乙丙丁戊己庚"], "丙类": [f"丙病{letter}" for letter in "甲乙丙丁"]}  # fmt: skip


@st.composite
def deliveries(draw):
    rows = []
    for of in draw(st.lists(st.sampled_from(list(DISEASES)), min_size=1, unique=True)):
        own = [
            row(of, disease, draw(COUNT), draw(st.integers(0, 3)), (draw(SOME), draw(SOME)), (draw(SOME), draw(SOME)))
            for disease in draw(st.lists(st.sampled_from(DISEASES[of]), unique=True))
        ]
        if own and draw(st.booleans()):  # all are listed: the total is their sum
            sums = [sum(int(each[column]) for each in own) for column in ("发病数", "死亡数")]
        else:
            sums = [draw(COUNT), draw(st.integers(0, 9))]
        rows += [row(of, "合计", *sums, (draw(SOME), draw(SOME)), (draw(SOME), draw(SOME))), *own]
    return rows


def recomputed(hand, rows):
    """Return every measure there must be, by id."""
    totals = {each["类别"]: each for each in rows if each["病种"] == "合计"}
    diseases = [each for each in rows if each["病种"] != "合计"]
    expected = {}
    columns = {(count, base): f"{of}{word}数" for count, word in (("cases", "发病"), ("deaths", "死亡"))
               for base, of in (("now", ""), *BASES.items())}  # fmt: skip
    whole = {
        key: None if None in (cells := [hand.cell(each, column) for each in totals.values()]) else sum(cells)
        for key, column in columns.items()
    }
    lines = {f"{each['类别']}.{each['病种']}": each for each in diseases} | {
        f"class.{of}": each for of, each in totals.items()
    }
    told = {name: {key: hand.cell(each, column) for key, column in columns.items()} for name, each in lines.items()}
    for name, line in {"all": whole, **told}.items():
        for count, unit in (("cases", "例"), ("deaths", "人")):
            key = f"{name}.{count}"
            expected |= hand.amount(key, line[count, "now"])
            for base in BASES:
                expected |= hand.compared(key, base, unit, line[count, "now"], line[count, base])
    for of, total in totals.items():
        expected |= order_by_hand(hand, of, total, [each for each in diseases if each["类别"] == of])
    for base, column in BASES.items():
        pairs = {each["病种"]: (hand.cell(each, "发病数"), hand.cell(each, f"{column}发病数")) for each in diseases}
        moved = {name: (now, before) for name, (now, before) in pairs.items() if before is not None and before != now}
        expected |= hand.contributions(f"drivers.{base}", (whole["cases", "now"], whole["cases", base]), moved)
    return hand.known(expected)


def order_by_hand(hand, of, total, own):
    most = {"甲类": 2, "乙类": 5, "丙类": 3}[of]
    cases = {each["病种"]: int(each["发病数"]) for each in own}
    foremost = {
        name for name, count in cases.items() if count and sum(other > count for other in cases.values()) < most
    }
    found, key = {}, f"class.{of}"
    if foremost and hand.cell(total, "发病数"):
        top = sum(cases[name] for name in foremost)
        found[f"{key}.share"] = Fraction(top * 100, int(total["发病数"]))
    rest = [each for each in own if each["病种"] not in foremost and (int(each["发病数"]) or int(each["死亡数"]))]
    complete = all(sum(int(each[column]) for each in own) == int(total[column]) for column in ("发病数", "死亡数"))
    if rest and complete:
        found |= {f"{key}.others.count": len(rest), f"{key}.others.cases": sum(int(each["发病数"]) for each in rest),
                  f"{key}.others.deaths": sum(int(each["死亡数"]) for each in rest)}  # fmt: skip
    return found


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deliveries())
def test_every_number_prints_as_its_recomputation_by_hand(analysed, by_fractions, require_agreement, rows):
    require_agreement(analysed(NAME, rows, AUGUST).measures, recomputed(by_fractions, rows))
