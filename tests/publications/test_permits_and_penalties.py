"""Permits and penalties: counts and sums, limits of each row, and that nothing personal leaves the file."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from datetime import date, datetime
from fractions import Fraction

import pandas as pd
import pytest
from effort import DATA_SETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.publications.permits_and_penalties import CONTRACT, KIND
from obligations.rules.calendar import load_calendar
from obligations.rules.delivery import Delivery
from obligations.rules.row_limits import with_limits
from obligations.rules.tabular import read_frame
from obligations.words.errors import BadInput
from obligations.words.occurrence import Period
from obligations.words.publication import Snapshot
from obligations.words.times import SHANGHAI

NAME = "permits-and-penalties"
WEEK = Period("2026-W37", date(2026, 9, 7), date(2026, 9, 13))
EVENT = Period("decision-1", date(2026, 9, 12), date(2026, 9, 12))
IDENTITY = "110101190001010006"
FINE, FORFEIT = "罚款金额（万元）", "没收违法所得、没收非法财物的金额（万元）"
COLUMNS = [column.name for column in CONTRACT.columns]
SORTS = ("法人及非法人组织", "自然人", "个体工商户")


def row(sort, number, /, party="演示甲公司", kind="法人及非法人组织", **more):
    cells = dict.fromkeys([*COLUMNS, "证件号码"], "")
    cells |= {"决定种类": sort, "行政相对人名称": party, "行政相对人类别": kind}
    cells |= {"统一社会信用代码": "" if kind == "自然人" else "91000000MA00DEMO1A"}
    if sort == "行政许可":
        cells |= {"行政许可决定文书号": number, "许可类别": "普通", "许可内容": "食品经营许可"}
        cells |= {"许可决定日期": "2026-09-08", "有效期至": "2031-09-07", "许可机关": "演示局"}
    else:
        cells |= {"行政处罚决定书文号": number, "违法行为类型": "无证经营", "违法事实": "未取得许可从事食品经营"}
        cells |= {"处罚依据": "有关规定", "处罚类别": "罚款", "处罚内容": "罚款", FINE: "0.5"}
        cells |= {"处罚决定日期": "2026-09-08", "处罚机关": "演示局"}
    return {**cells, **{name: str(value) for name, value in more.items()}}


def permit(number="许1", /, **more):
    return row("行政许可", number, **more)


def penalty(number="罚1", /, **more):
    return row("行政处罚", number, **more)


def everything(analysis):
    """Return all that may be printed or kept beside the draft as one text."""
    measures = {name: asdict(measure) for name, measure in analysis.measures.items()}
    tables = {name: asdict(table) for name, table in analysis.tables.items()}
    return json.dumps([measures, tables, dict(analysis.words), analysis.warnings], ensure_ascii=False, default=str)


def test_a_natural_persons_name_and_numbers_are_printed_nowhere(analysed):
    text = f"演示戊（身份证号{IDENTITY}，电话13800000000）未取得许可从事食品经营"
    rows = [penalty(party="演示戊", kind="自然人", 违法事实=text, 证件号码=IDENTITY, 统一社会信用代码="")]
    analysis = analysed(NAME, rows, WEEK)
    said = everything(analysis)
    for secret in (IDENTITY, "13800000000", "演示戊"):
        assert secret not in said
    (printed,) = analysis.tables["penalties"].rows
    assert printed[1:3] == ("演某某", "—")
    (grounds,) = analysis.tables["penalties_grounds"].rows
    assert "演某某（身份证号［已隐去］，电话［已隐去］）未取得许可从事食品经营" in grounds
    assert any("第 2 行行政处罚决定“罚1”的“违法事实”含有自然人姓名" in warning for warning in analysis.warnings)


@pytest.mark.parametrize("party", ["演　戊", "演戊（经营者）", "演戊"])
@pytest.mark.parametrize("told", ["演戊", "演　戊", "演 戊"])
def test_a_name_is_hidden_however_it_is_spaced_and_whatever_is_remarked_on_it(party, told, analysed):
    rows = [penalty(party=party, kind="自然人", 违法事实=f"{told}未取得许可从事食品经营", 统一社会信用代码="")]
    analysis = analysed(NAME, rows, WEEK)
    assert "演某未取得许可从事食品经营" in everything(analysis)
    assert not any(name in everything(analysis) for name in ("演戊", "演　戊", "演 戊"))


def test_numbers_of_persons_are_hidden_in_a_companys_row_too(analysed):
    rows = [penalty(违法事实=f"负责人（{IDENTITY}）在场")]
    assert IDENTITY not in everything(analysed(NAME, rows, WEEK))


def test_an_identity_number_in_the_column_of_codes_is_refused_without_repeating_it(analysed):
    with pytest.raises(BadInput) as refused:
        analysed(NAME, [permit(kind="个体工商户", 统一社会信用代码=IDENTITY)], WEEK)
    (problem,) = refused.value.problems
    assert problem.startswith("rows.csv 第 2 行“统一社会信用代码”列填的是身份证号（已隐去）")
    assert IDENTITY not in problem


@pytest.mark.parametrize("column", ["行政处罚决定书文号", "处罚机关", "处罚类别"])
def test_a_number_of_a_person_where_none_belongs_is_refused_without_repeating_it(column, analysed):
    with pytest.raises(BadInput) as refused:
        analysed(NAME, [penalty(**{column: f"甲{IDENTITY}"})], WEEK)
    assert refused.value.problems == (f"rows.csv 第 2 行“{column}”列含有证件号码或电话（已隐去），请删去。",)


def test_late_decisions_are_told_to_the_author_and_not_printed():
    rows = pd.DataFrame([permit(), penalty(处罚决定日期="2026-08-28")]).astype(object)
    rows.index = pd.Index([2, 3])
    rows["许可决定日期"], rows["处罚决定日期"] = [date(2026, 9, 8), None], [None, date(2026, 8, 28)]
    as_of = datetime(
        2026, 9, 12, 15, 30, tzinfo=SHANGHAI
    )  # Saturday: seven working days from 28 August ended on the 8th
    frame = with_limits(rows, CONTRACT, load_calendar(), as_of).replace("", None)
    analysis = KIND.analyse(frame, Snapshot("rows.csv", "rows.csv", "0" * 64), EVENT)
    assert analysis.warnings == (
        "未超过期限的行政许可决定中，最早的应在2026年9月17日前公开（7个工作日）。",
        "第 3 行行政处罚决定“罚1”于2026年8月28日作出，应在7个工作日内（2026年9月8日前）公开，起草时已超过，请核对并另附情况说明。",
    )
    assert "超过" not in json.dumps(
        [asdict(table) for table in analysis.tables.values()], ensure_ascii=False, default=str
    )


def test_a_decision_of_another_week_is_warned_of_and_one_of_an_event_is_not(analysed):
    rows = [permit(许可决定日期="2026-09-14")]
    assert analysed(NAME, rows, WEEK).warnings == ("第 2 行行政许可决定“许1”的日期2026年9月14日不在本期，请核对。",)
    assert analysed(NAME, rows, EVENT).warnings == ()


def test_the_lists_are_in_order_of_day_and_name_the_body_only_where_there_are_several(analysed):
    rows = [permit("许2", 许可决定日期="2026-09-09"), permit("许1"), penalty("罚1"), penalty("罚2", 处罚机关="另一局")]
    tables = analysed(NAME, rows, WEEK).tables
    assert [line[0] for line in tables["permits"].rows] == ["许1", "许2"]
    assert [column.header for column in tables["permits"].columns][-1] == "有效期至"
    assert [column.header for column in tables["penalties"].columns][-1] == "处罚机关"


def test_nothing_decided_is_told_as_such():
    frame = read_frame(",".join(COLUMNS).encode(), CONTRACT, Delivery("rows.csv"))
    analysis = KIND.analyse(frame, Snapshot("rows.csv", "rows.csv", "0" * 64), WEEK)
    assert (analysis.words["permits"]["any"], analysis.words["penalties"]["any"], analysis.tables) == (False, False, {})


def test_a_delivery_of_permits_alone_needs_no_column_of_penalties(analysed):
    own = {name: cell for name, cell in permit().items() if cell}
    assert analysed(NAME, [own], WEEK).measures["penalties.count"].value == 0


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (permit("", 许可内容="甲"), "“行政许可决定文书号”列是空的，行政许可决定应写明行政许可决定文书号，请补填。"),
        (permit("许9", 许可决定日期=""), "“许可决定日期”列是空的，行政许可决定应写明许可决定日期，请补填。"),
        (permit("许9", 许可类别=""), "“许可类别”列是空的，行政许可决定应写明许可类别，请补填。"),
        (penalty("罚9", 处罚依据=""), "“处罚依据”列是空的，行政处罚决定应写明处罚依据，请补填。"),
        (penalty("罚9", 处罚机关=""), "“处罚机关”列是空的，行政处罚决定应写明处罚机关，请补填。"),
        (penalty("罚9", 统一社会信用代码=""), "“统一社会信用代码”列是空的，法人及非法人组织应填18位代码，请补填。"),
        (penalty("罚9", **{FINE: "-1"}), f"“{FINE}”列的值是“-1”，应不小于0，请改正。"),
        (
            permit("许9", 许可类别="备案"),
            "“许可类别”列的值是“备案”，应为普通、特许、认可、核准、登记、其他之一，其他的可注明，请改正。",
        ),
        (
            permit("许9", 许可机关统一社会信用代码=IDENTITY),
            "“许可机关统一社会信用代码”列填的是身份证号（已隐去），应为机关的统一社会信用代码，请改正。",
        ),
        (
            permit("许9", 有效期自="2026-09-08", 有效期至="2026-09-07"),
            "“有效期至”列的值是“2026-09-07”，应不早于“有效期自”的“2026-09-08”，请改正。",
        ),
    ],
)
def test_a_row_that_lacks_what_its_sort_needs_is_refused_in_one_sentence(bad, problem, analysed):
    with pytest.raises(BadInput) as refused:
        analysed(NAME, [permit("许1"), bad], WEEK)
    assert refused.value.problems == (f"rows.csv 第 3 行{problem}",)


def test_a_number_given_twice_is_refused(analysed):
    with pytest.raises(BadInput, match="第 3 行与第 2 行的“行政许可决定文书号”都是“许1”，应只有一行"):
        analysed(NAME, [permit("许1"), permit("许1")], WEEK)


def test_the_code_stands_in_either_of_the_columns_that_the_standard_is_exported_with(analysed):
    code = "行政相对人代码_1（统一社会信用代码）"
    analysis = analysed(NAME, [permit(统一社会信用代码="", **{code: "91000000MA00DEMO1A"})], WEEK)
    assert analysis.tables["permits"].rows[0][2] == "91000000MA00DEMO1A"


def test_what_else_the_standard_has_is_a_table_of_the_columns_that_a_row_fills(analysed):
    rows = [
        permit("许1", 许可证书名称="食品经营许可证", 当前状态="有效"),
        permit("许2"),
        penalty("罚1", 暂扣或吊销证照名称及编号="证1"),
    ]
    tables = analysed(NAME, rows, WEEK).tables
    further = tables["permits_further"]
    assert [column.header for column in further.columns] == ["行政许可决定文书号", "许可证书名称", "当前状态"]
    assert further.rows == (("许1", "食品经营许可证", "有效"), ("许2", "—", "—"))
    headers = [column.header for column in tables["penalties_further"].columns]
    assert headers == ["行政处罚决定书文号", "处罚类别", FINE, "暂扣或吊销证照名称及编号"]


def test_what_was_done_and_by_which_rule_is_a_table_of_its_own(analysed):
    grounds = analysed(NAME, [penalty("罚1"), penalty("罚2")], WEEK).tables["penalties_grounds"]
    headers = [column.header for column in grounds.columns]
    assert headers == ["行政处罚决定书文号", "违法行为类型", "违法事实", "处罚依据"]
    assert [row[0] for row in grounds.rows] == ["罚1", "罚2"]


def test_permits_alone_in_the_least_columns_have_no_second_table(analysed):
    assert list(analysed(NAME, [permit()], WEEK).tables) == ["permits"]


def test_bodies_are_named_once_with_their_code(analysed):
    rows = [permit("许1"), permit("许2", 许可机关统一社会信用代码="11000000MB00DEMO4D"), penalty(数据来源单位="演示市")]
    words = analysed(NAME, rows, WEEK).words
    assert words["permits"]["bodies"] == ["演示局（统一社会信用代码：11000000MB00DEMO4D）"]
    assert words["origins"] == ["演示市"]


def test_a_sort_of_permit_that_is_none_of_the_standards_may_be_remarked_on(analysed):
    assert analysed(NAME, [permit(许可类别="其他-备案")], WEEK).measures["permits.group.其他-备案"].value == 1


def test_a_persons_name_and_numbers_are_hidden_in_the_second_table_too(analysed):
    rows = [permit(party="演示丙", kind="自然人", 许可证书名称=f"演示丙（{IDENTITY}）作业证")]
    analysis = analysed(NAME, rows, WEEK)
    assert analysis.tables["permits_further"].rows == (("许1", "演某某（［已隐去］）作业证"),)
    assert any("的“许可证书名称”含有自然人姓名" in warning for warning in analysis.warnings)


AMOUNTS = st.decimals(0, 10_000, places=2).map(str) | st.just("")


@st.composite
def deliveries(draw):
    rows = []
    for number in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(SORTS))
        if draw(st.booleans()):
            rows.append(permit(f"许{number}", kind=kind, 许可类别=draw(st.sampled_from(["普通", "特许", "登记"]))))
        else:
            fines = {FINE: draw(AMOUNTS), FORFEIT: draw(AMOUNTS)}
            rows.append(penalty(f"罚{number}", kind=kind, 处罚类别=draw(st.sampled_from(["罚款", "警告"])), **fines))
    return rows


def recomputed(rows):
    expected = {}
    for key, sort, by in (("permits", "行政许可", "许可类别"), ("penalties", "行政处罚", "处罚类别")):
        own = [each for each in rows if each["决定种类"] == sort]
        expected[f"{key}.count"] = len(own)
        expected |= {
            f"{key}.party.{name}": many for name, many in Counter(each["行政相对人类别"] for each in own).items()
        }
        expected |= {f"{key}.group.{name}": many for name, many in Counter(each[by] for each in own).items()}
        for column in (FINE, FORFEIT):
            amounts = {
                row: Fraction(each[column]) for row, each in enumerate(rows, start=2) if each in own and each[column]
            }
            if amounts:
                expected[f"{key}.{column}"] = sum(amounts.values())
            expected |= {f"{key}.{row}.{column}": amount for row, amount in amounts.items()}
    return {name: Fraction(value) for name, value in expected.items()}


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deliveries())
def test_every_number_is_its_recomputation_by_hand(analysed, rows):
    measures = analysed(NAME, rows, WEEK).measures
    assert {name: Fraction(measure.value) for name, measure in measures.items()} == recomputed(rows)
    assert all(len(measure.inputs) == measure.value for measure in measures.values() if measure.unit == "件")
