"""How tables are set: columns fill the text area, numbers and dates stay whole, the type shrinks before words do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obligations.steps.rendering.breaking import width_of
from obligations.steps.rendering.table_widths import SIZES, TEXT_WIDTH, table_layout
from obligations.words.draft import NumberRun, Table, TableColumn, TextRun


def table(columns, rows, room=0):
    def cell(text):
        if not text:
            return ()
        return (
            (NumberRun("a", text, "1"),)
            if text.replace(",", "").replace(".", "").isdigit()
            else (TextRun(text, "given"),)
        )

    cells = tuple(tuple(cell(text) for text in row) for row in rows)
    return Table("t", "t", None, "表", "", tuple(TableColumn(name) for name in columns), cells, room)


def inner(layout, column):
    """Return how many characters a column holds beside one another."""
    return (layout.widths[column] - 120) / (layout.size * 20)


def test_short_cells_stay_on_one_line_in_the_usual_type():
    layout = table_layout(table(("指标", "本期数", "上年同期数"), [("营业总收入（万元）", "11,375.7", "10,917.1")] * 3))
    assert layout.size == SIZES[0]
    assert all(height == 24 for height in layout.heights)


def test_type_shrinks_where_labels_and_numbers_would_not_stand_side_by_side():
    columns = ("项目", "累计数", "年初预算数", "完成年初预算（%）", "同比增减额", "同比增减（%）", "同口径增减（%）")
    layout = table_layout(
        table(columns, [("地方一般公共预算收入", "258,912", "435,010", "59.5", "41,310.5", "19.0", "19.3")])
    )
    assert layout.size == SIZES[1]
    assert inner(layout, 0) >= width_of("地方一般公共预算收入")


def test_dates_and_numbers_are_whole_in_a_table_of_many_columns():
    row = (
        "演食许〔2026〕第101号",
        "演示甲食品有限公司",
        "91000000MA00DEMO1A",
        "普通",
        "食品生产许可",
        "2026年9月10日",
        "2031年12月31日",
    )
    columns = (
        "行政许可决定文书号",
        "行政相对人名称",
        "统一社会信用代码",
        "许可类别",
        "许可内容",
        "许可决定日期",
        "有效期至",
    )
    layout = table_layout(table(columns, [row] * 3))
    assert inner(layout, 5) >= width_of("2026年9月10日")
    assert inner(layout, 6) >= width_of("2031年12月31日")
    assert layout.heads[0] == ("行政许可", "决定文书号")
    assert layout.heads[3] == ("许可类别",)


def test_the_longer_text_gets_the_more_room():
    layout = table_layout(table(("甲", "乙", "丙"), [("长" * 80, "短" * 20, "中" * 40)]))
    assert layout.widths[0] > layout.widths[2] >= layout.widths[1]


def test_only_a_low_table_stays_whole():
    assert table_layout(table(("项目", "数"), [("甲", "1")] * 5)).stays_whole
    assert not table_layout(table(("项目", "数"), [("甲", "1")] * 6)).stays_whole


def test_a_row_to_be_filled_in_by_hand_has_its_room():
    layout = table_layout(table(("审核人", "签名"), [("甲", "")], room=34))
    assert layout.heights == (34,)


WORDS = st.text(st.sampled_from("行政许可情况年月日0123456789ABM.,（）-—"), max_size=40)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_columns_fill_the_text_area_and_heads_lose_nothing(data):
    heads = data.draw(st.lists(WORDS, min_size=1, max_size=12))
    rows = data.draw(st.lists(st.lists(WORDS, min_size=len(heads), max_size=len(heads)), max_size=4))
    layout = table_layout(table(heads, rows))
    assert sum(layout.widths) == TEXT_WIDTH
    assert min(layout.widths) > 140
    assert layout.size in SIZES
    assert ["".join(lines) for lines in layout.heads] == heads
    assert len(layout.heights) == len(rows)


@pytest.mark.parametrize("columns", [1, 2, 30])
def test_any_number_of_columns_can_be_set(columns):
    assert sum(table_layout(table(("很长的表头内容",) * columns, [("很长很长的内容",) * columns])).widths) == TEXT_WIDTH
