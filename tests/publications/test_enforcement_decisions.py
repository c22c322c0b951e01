"""Enforcement decisions: what is listed and counted; permits and penalties do not belong there."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from effort import DATA_SETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.publications.enforcement_decisions import SORTS
from obligations.words.errors import BadInput
from obligations.words.occurrence import Period

NAME = "enforcement-decisions"
WEEK = Period("2026-W37", date(2026, 9, 7), date(2026, 9, 13))
KINDS = ("法人及非法人组织", "自然人", "个体工商户")


def row(number, sort="行政检查", kind="法人及非法人组织", **more):
    cells = {
        "执法机关": "演示局", "执法对象": "演示甲", "执法对象类别": kind,
        "统一社会信用代码": "" if kind == "自然人" else "91000000MA00DEMO1A", "执法类别": sort,
        "决定文书号": number, "执法结论": "责令限期整改", "决定日期": "2026-09-08",
    }  # fmt: skip
    return {**cells, **more}


def test_a_person_is_listed_by_the_first_character_alone(analysed):
    rows = [row("检1", kind="自然人", 执法结论="对演示甲（电话13800000000）责令限期整改")]
    (printed,) = analysed(NAME, rows, WEEK).tables["decisions"].rows
    assert printed == (
        "检1", "演某某", "—", "行政检查", "对演某某（电话［已隐去］）责令限期整改", "2026年9月8日", "演示局",
    )  # fmt: skip


def test_a_list_of_persons_needs_no_column_of_codes(analysed):
    own = {name: cell for name, cell in row("检1", kind="自然人").items() if name != "统一社会信用代码"}
    assert analysed(NAME, [own], WEEK).measures["decisions.count"].value == 1


@pytest.mark.parametrize("sort", ["行政许可", "行政处罚"])
def test_permits_and_penalties_are_refused_with_where_they_belong(sort, analysed):
    with pytest.raises(BadInput) as refused:
        analysed(NAME, [row("检1", sort)], WEEK)
    (problem,) = refused.value.problems
    assert f"第 2 行“执法类别”列的值是“{sort}”" in problem
    assert "行政许可、行政处罚按7个工作日另行公示，不列入本表" in problem


def test_a_number_given_twice_is_refused(analysed):
    with pytest.raises(BadInput, match="第 3 行与第 2 行的“决定文书号”都是“检1”，应只有一行"):
        analysed(NAME, [row("检1"), row("检1")], WEEK)


@settings(max_examples=DATA_SETS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(SORTS), st.sampled_from(KINDS)), min_size=1, max_size=9))
def test_every_number_is_its_recomputation_by_hand(analysed, decided):
    measures = analysed(NAME, [row(f"决{n}", *each) for n, each in enumerate(decided)], WEEK).measures
    expected = {"decisions.count": len(decided)}
    expected |= {f"decisions.group.{name}": many for name, many in Counter(sort for sort, _ in decided).items()}
    expected |= {f"decisions.party.{name}": many for name, many in Counter(kind for _, kind in decided).items()}
    assert {name: measure.value for name, measure in measures.items()} == expected
