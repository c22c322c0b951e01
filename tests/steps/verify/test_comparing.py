"""What counts as the same text, and what does not: every number and every passage."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obligations.steps.verify.comparing import find_missing
from obligations.words.sights import Approved

APPROVED = Approved(
    "2026年8月全市财政收支情况",
    (
        "1—8月，全市一般公共预算收入完成1,204.5亿元，同比增长3.5%。",
        "支出进度“快于序时”，民生支出占79%。",
        "项目\t本月\t累计",
        "税收收入\t12\t345.6",
        "非税收入\t-3\t4",
        "示例市财政局",
    ),
)
PAGE = """首页 > 信息公开
2026年8月全市财政收支情况
发布时间：2026-09-10 来源：示例市财政局
1—8月，全市一般公共预算收入完成1,204.5亿元，同比增长3.5%。
支出进度“快于序时”，民生支出占79%。
项目\t本月\t累计
税收收入\t12\t345.6
非税收入\t-3\t4
示例市财政局
网站地图"""


def test_a_page_with_everything_on_it_lacks_nothing():
    assert find_missing(APPROVED, PAGE) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1—8月，", "１－８月，"),
        ("3.5%", "３．５％"),
        ("“快于序时”", "『快于序时』"),
        ("，同比", "，\n  同比"),
        ("增长", "增\u200b长"),
        ("公共预算", "公共\u3000预算"),
        ("-3", "\u22123"),
        ("项目\t本月\t累计", "项目\n\n本月\n累计"),
        ("网站地图", "网站地图 扫一扫 2026"),
    ],
)
def test_what_a_site_may_change_makes_no_difference(before, after):
    assert before in PAGE
    assert find_missing(APPROVED, PAGE.replace(before, after)) == ()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("3.5%", "3.6%", r"“.*增长3\.5%。”在页面上是“.*增长3\.6%。”"),
        ("1,204.5亿", "1,204.6亿", r"1,204\.5.*1,204\.6"),
        ("1,204.5亿", "11,204.5亿", r"1,204\.5.*11,204\.5"),
        ("79%", "79.1%", r"79.*79\.1"),
        ("345.6", "345.67", r"税收收入"),
        ("345.6", "345", r"税收收入"),
        ("税收收入\t12\t345.6", "税收收入\t1\t2345.6", r"税收收入"),
        ("税收收入\t12\t345.6", "税收收入\t345.6\t12", r"税收收入"),
        ("-3\t4", "3\t4", r"非税收入"),
        ("-3\t4", "-3\t4%", r"非税收入"),
        ("支出进度“快于序时”，民生支出占79%。\n", "", r"没有“支出进度"),
        ("增长3.5%", "下降3.5%", r"没有“1-8月"),
        ("2026年8月全市财政收支情况\n", "2026年9月全市财政收支情况\n", r"8.*9"),
    ],
)
def test_a_changed_number_or_a_missing_passage_is_named(before, after, said):
    assert before in PAGE
    (found,) = find_missing(APPROVED, PAGE.replace(before, after, 1))
    assert re.search(said, found), found


def test_an_ordinal_before_a_number_is_no_part_of_it():
    approved = Approved(title="更正", passages=("2017年合计改为5元。",))
    assert find_missing(approved, "更正 注：1.甲。 2. 2017年合计改为5元。") == ()
    assert find_missing(approved, "更正 2.2017年合计改为5元。")
    assert find_missing(approved, "更正 2017年合计改为5.5元。")


def test_a_passage_that_stands_twice_must_be_there_twice():
    twice = Approved("题目", ("持平。", "持平。"))
    assert find_missing(twice, "题目 持平。 其他 持平。") == ()
    assert find_missing(twice, "题目 持平。 其他") == ("“持平。”应出现2次，页面上只有1次",)


def test_at_most_five_differences_are_named():
    many = Approved("题目", tuple(f"第{chr(0x4E00 + n)}段" for n in range(20)))
    assert len(find_missing(many, "题目")) == 5


def test_a_long_passage_is_shortened_in_the_sentence():
    (said,) = find_missing(Approved("题目", ("很" * 500,)), "题目")
    assert len(said) < 100


NUMBERS = st.integers(0, 10**6).map(str) | st.decimals(0, 10**4, places=2).map(str)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=6), st.data())
def test_any_change_of_any_number_in_a_table_is_found(rows, data):
    texts = [f"项目{chr(0x4E00 + n)}\t{one}\t{other}" for n, (one, other) in enumerate(rows)]
    approved = Approved("题目", tuple(texts))
    assert find_missing(approved, "题目\n" + "\n".join(texts)) == ()
    place = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, 1))
    changed = data.draw(NUMBERS.filter(lambda number: number != rows[place][column]))
    cells = list(rows[place])
    cells[column] = changed
    texts[place] = f"项目{chr(0x4E00 + place)}\t{cells[0]}\t{cells[1]}"
    assert find_missing(approved, "题目\n" + "\n".join(texts)) != ()


@given(st.text(max_size=200), st.lists(st.text(max_size=50), max_size=5))
def test_no_text_breaks_the_comparison(text, passages):
    find_missing(Approved(text[:10], tuple(passages)), text)
    assert find_missing(Approved("", tuple(passages)), "\n".join(passages)) == ()
