"""Where titles and table heads break: at words, never inside a number, a date or brackets, in a good shape."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obligations.steps.rendering.breaking import TITLE_CHARACTERS, head_lines, title_lines, width_of, words_of


@pytest.mark.parametrize(
    "lines",
    [
        ("2026年1—8月演示区", "区属国有及国有控股企业主要经济指标情况"),
        ("演示单位行政执法决定信息公示", "（2026年第37周）"),
        ("演示单位行政许可和行政处罚信息公示", "（2026年第37周）"),
        ("2026年5月演示区", "空气和水环境质量状况及排名"),
        ("关于演示单位2026年8月", "政务公开事项按期办理情况的通报"),
        ("演示单位政务公开办公室2025年", "政府信息公开工作年度报告"),
        ("菏泽市定陶区2017年1—6月", "一般公共预算收支执行情况分析"),
        ("2020年第14周全国农产品", "批发市场价格监测情况"),
    ],
    ids=lambda lines: lines[0],
)
def test_a_title_breaks_at_a_word_or_clause(lines):
    assert title_lines("".join(lines)) == lines


def test_a_title_that_fits_is_one_line():
    assert title_lines("2026年前三季度演示县国民经济运行情况") == ("2026年前三季度演示县国民经济运行情况",)


UNBROKEN = re.compile(r"\d{4}年(?:\d+(?:—\d+)?月)?|第\d+周|[\d,.]+|（[^（）]*）|《[^《》]*》")
PARTS = st.sampled_from(
    ["2026年1—8月", "2026年", "第37周", "演示省", "演示市", "关于", "行政许可", "和", "行政处罚", "信息公示", "的", "情况", "通报",
     "《条例》", "（一）", "（2026年9月）", "甲乙丙丁戊", "1,204.5", "ABC项目", "政务公开", "及", "排名", "“三公”经费", "、"]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(PARTS, min_size=1, max_size=14).map("".join))
def test_no_line_of_a_title_ends_where_it_must_not(title):
    lines = title_lines(title)
    assert "".join(lines) == title
    if len(lines) == 1:
        return
    assert max(map(width_of, lines)) <= TITLE_CHARACTERS
    places, position = set(), 0
    for line in lines[:-1]:
        position += len(line)
        places.add(position)
        assert not line.endswith(("（", "《", "“", "关于"))
    assert not [line for line in lines[1:] if line.startswith(("）", "》", "”", "、", "的"))]
    for match in UNBROKEN.finditer(title):
        assert not places & set(range(match.start() + 1, match.end())), (title, lines)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=70))
def test_any_text_at_all_is_broken_without_loss(text):
    assert "".join(title_lines(text)) == text
    assert "".join(words_of(text)) == text


@pytest.mark.parametrize(
    ("head", "lines"),
    [
        ("完成年初预算（%）", ("完成年初", "预算（%）")),
        ("同比增减额", ("同比", "增减额")),
        ("行政许可决定文书号", ("行政许可", "决定文书号")),
        ("统一社会信用代码", ("统一社会", "信用代码")),
        ("地价水平（元/平方米）", ("地价水平", "（元/平方米）")),
        ("数", ("数",)),
    ],
)
def test_a_table_head_is_parted_between_words(head, lines):
    assert head_lines(head, 2) == lines
