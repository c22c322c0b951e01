"""The quarterly check of websites and accounts: shares, repeats, rates, coverage, and quotas that are missed."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from effort import DATA_SETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.publications.website_check_quarterly import ROUNDS
from obligations.words.errors import BadInput
from obligations.words.occurrence import Period

NAME = "website-check-quarterly"
THIRD = Period("2026-Q3", date(2026, 7, 1), date(2026, 9, 30))
LAST = Period("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))
SITES, ACCOUNTS = "政府网站", "政务新媒体"
KEYS = {SITES: "sites", ACCOUNTS: "accounts"}


def row(name, around=ROUNDS[0], passed=True, total=10, category=SITES, quarter="2026-Q3", **more):
    cells = {
        "期间": quarter, "类别": category, "正常运行总数": str(total), "抽查轮次": around, "名称": name, "主办单位": "演示局",
        "结果": "合格" if passed else "不合格", "主要问题": "" if passed else "栏目不更新",
    }  # fmt: skip
    return {**cells, **more}


def twice(first, second, **more):
    return [row(name, ROUNDS[0], **more) for name in first] + [row(name, ROUNDS[1], **more) for name in second]


def account(name, quarter="2026-Q3", **more):
    return row(name, category=ACCOUNTS, quarter=quarter, **more)


def test_a_quarter_that_meets_its_quotas_is_not_warned_of(analysed):
    rows = twice(["甲", "乙"], ["丙", "丁"]) + [account(f"号{n}") for n in range(5)]
    assert analysed(NAME, rows, THIRD).warnings == ()


@pytest.mark.parametrize(
    ("rows", "warning"),
    [
        (twice(["甲"], ["乙", "丙"]), "政府网站第一次抽查比例为10.0%，低于15%（黑政办发〔2017〕22号三(二)"),
        (
            [*twice(["甲"], ["乙"], total=6), row("丙", ROUNDS[1], total=6)],
            None,  # 1 of 6 is 16.7 %
        ),
        ([row("甲"), row("乙")], "政府网站本季度只抽查了1次，不足两次（黑政办发〔2017〕22号三(二)"),
        (twice(["甲", "乙"], ["甲", "丙"]), "政府网站抽查重复率为33.3%，高于10%（黑政办发〔2017〕22号三(二)"),
        ([account("甲")], "政务新媒体抽查比例为10.0%，低于50%（鹤政办〔2019〕20号四(十二)"),
        (
            # 1499 of 10,000: 15.0 % would not tell what is wrong
            twice([f"甲{n}" for n in range(1499)], [f"乙{n}" for n in range(1500)], total=10_000),
            "政府网站第一次抽查比例为14.99%，低于15%",
        ),
    ],
)
def test_what_misses_the_quota_of_its_clause_is_warned_of(rows, warning, analysed):
    warnings = analysed(NAME, rows, THIRD).warnings
    assert warnings == () if warning is None else [each for each in warnings if each.startswith(warning)]


def test_a_site_that_failed_once_failed_the_quarter(analysed):
    rows = [row("甲", ROUNDS[0], passed=False), row("甲", ROUNDS[1]), row("乙", ROUNDS[1])]
    measures = analysed(NAME, rows, THIRD).measures
    assert (measures["sites.passed"].value, measures["sites.failed"].value, measures["sites.rate"].value) == (1, 1, 50)
    assert measures["sites.round2.rate"].value == 100


def test_a_rate_short_of_all_never_prints_as_all(analysed):
    rows = [*twice([f"甲{n}" for n in range(2999)], [], total=3000), row("乙", passed=False, total=3000)]
    measure = analysed(NAME, rows, THIRD).measures["sites.rate"]
    assert (measure.places, round(measure.value, measure.places) < 100) == (2, True)


def test_the_coverage_of_the_year_counts_an_account_once(analysed):
    rows = [
        account(name, f"2026-Q{quarter}", total=4)
        for quarter, names in enumerate(["甲乙", "乙丙", "丙丁", "甲丁"], start=1)
        for name in names
    ]
    analysis = analysed(NAME, rows, LAST)
    assert (analysis.measures["accounts.covered"].value, analysis.measures["accounts.coverage"].value) == (4, 100)
    assert analysis.warnings == ()


@pytest.mark.parametrize(
    ("quarters", "warning"),
    [
        (["甲乙", "甲乙", "甲乙", "甲丙"], "政务新媒体全年覆盖率为75.0%，低于100%（鹤政办〔2019〕20号四(十二)“实现全年全覆盖”）。"),
        (["", "", "", "甲乙"], "政务新媒体缺少本年前几个季度的行，不能计算全年覆盖率"),
        (["甲乙", "丙丁", "戊己", "甲乙"], "政务新媒体本年累计抽查6个，多于正常运行总数4，覆盖率未列，请核对名称和总数。"),
    ],
)  # fmt: skip
def test_a_year_that_is_not_covered_is_warned_of_at_its_end(quarters, warning, analysed):
    rows = [account(name, f"2026-Q{n}", total=4) for n, names in enumerate(quarters, start=1) for name in names]
    assert [each for each in analysed(NAME, rows, LAST).warnings if each.startswith(warning)]


def test_the_failed_are_listed_with_their_findings(delivered_rows, analysed):
    analysis = analysed(NAME, delivered_rows("website_check.csv"), THIRD)
    assert [line[1] for line in analysis.tables["failed"].rows] == [
        "演示丙县政府网站",
        "演示寅县政府网站",
        "演示发布5号",
    ]
    assert all(line[4] for line in analysis.tables["failed"].rows)


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (row("乙", passed=False, 主要问题=""), "第 3 行“主要问题”列是空的，结果为不合格的应写明检查发现的问题"),
        (row("乙", total=11), "第 3 行“正常运行总数”列的值是“11”，应为10（与政府网站的其他行一致）"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused_in_one_sentence(bad, problem, analysed):
    with pytest.raises(BadInput) as refused:
        analysed(NAME, [row("甲"), bad], THIRD)
    assert refused.value.problems == (f"rows.csv {problem}",)


@pytest.mark.parametrize("total", ["0", "-1", "2.5"])
def test_a_total_that_counts_nothing_is_refused(total, analysed):
    with pytest.raises(BadInput, match=f"第 2 行“正常运行总数”列的值是“{total}”，应为不小于1的整数"):
        analysed(NAME, [row("甲", total=total)], THIRD)


def test_more_checked_than_there_are_is_refused(analysed):
    with pytest.raises(BadInput, match="抽查的政府网站有 2 个，多于“正常运行总数”1，请核对总数和名称"):
        analysed(NAME, [row("甲", total=1), row("乙", total=1)], THIRD)


def test_another_quarter_alone_is_refused(analysed):
    with pytest.raises(BadInput, match="没有期间为“2026-Q3”的行"):
        analysed(NAME, [row("甲", quarter="2026-Q2")], THIRD)


@st.composite
def deliveries(draw):
    rows = []
    for category in draw(st.sampled_from([(SITES,), (ACCOUNTS,), (SITES, ACCOUNTS)])):
        total = draw(st.integers(6, 60))
        for quarter in ("2026-Q3", *draw(st.sampled_from([(), ("2026-Q2",), ("2026-Q1", "2026-Q2")]))):
            for around in ROUNDS[: draw(st.integers(1, 3))]:
                names = draw(st.sets(st.sampled_from("甲乙丙丁戊己"), min_size=1))
                rows += [row(name, around, draw(st.booleans()), total, category, quarter) for name in sorted(names)]
    return rows


def recomputed(rows):
    expected = {}
    for category, key in KEYS.items():
        own = {
            q: [each for each in rows if (each["类别"], each["期间"]) == (category, f"2026-{q}")]
            for q in ("Q1", "Q2", "Q3")
        }
        now = own["Q3"]
        if not now:
            continue
        total, names = int(now[0]["正常运行总数"]), {each["名称"] for each in now}
        rounds = [around for around in ROUNDS if any(each["抽查轮次"] == around for each in now)]
        expected |= {
            f"{key}.total": total, f"{key}.times": len(rounds), f"{key}.sampled": len(names),
            f"{key}.share": Fraction(len(names), total) * 100,
        }  # fmt: skip
        for number, around in enumerate(rounds, start=1):
            checks = [each for each in now if each["抽查轮次"] == around]
            passed = sum(each["结果"] == "合格" for each in checks)
            expected |= {
                f"{key}.round{number}.sampled": len(checks), f"{key}.round{number}.passed": passed,
                f"{key}.round{number}.share": Fraction(len(checks), total) * 100,
                f"{key}.round{number}.rate": Fraction(passed, len(checks)) * 100,
            }  # fmt: skip
        repeated = sum(sum(each["名称"] == name for each in now) > 1 for name in names)
        expected[f"{key}.repeated"] = repeated
        if len(rounds) > 1:
            expected[f"{key}.repeat_rate"] = Fraction(repeated, len(names)) * 100
        failed = len({each["名称"] for each in now if each["结果"] == "不合格"})
        expected |= {f"{key}.passed": len(names) - failed, f"{key}.failed": failed}
        expected[f"{key}.rate"] = Fraction(len(names) - failed, len(names)) * 100
        if own["Q2"]:
            before = {each["名称"] for each in own["Q2"]}
            lost = {each["名称"] for each in own["Q2"] if each["结果"] == "不合格"}
            expected[f"{key}.shift"] = expected[f"{key}.rate"] - Fraction(len(before) - len(lost), len(before)) * 100
        if own["Q1"] and own["Q2"]:
            covered = {each["名称"] for each in [*own["Q1"], *own["Q2"], *now]}
            expected[f"{key}.covered"] = len(covered)
            expected[f"{key}.coverage"] = Fraction(len(covered), total) * 100
    return {name: Fraction(value) for name, value in expected.items()}


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deliveries())
def test_every_number_prints_as_its_recomputation_by_hand(analysed, require_agreement, rows):
    require_agreement(analysed(NAME, rows, THIRD).measures, recomputed(rows))
