"""Markdown and plain text: headings, paragraphs, lists and tables; nothing is dropped, nothing is run as markup."""

from __future__ import annotations

import pytest

from obligations.rules.delivery import Delivery
from obligations.rules.manuscripts import read_manuscript
from obligations.words.errors import BadInput
from obligations.words.material import GivenHeading, GivenParagraph, GivenTable, Manuscript


def read(text: str, file: str = "2026-09.md") -> Manuscript:
    return read_manuscript(text.encode(), Delivery(file))


def texts(text: str, file: str = "2026-09.md") -> list[str]:
    return [part.text for part in read(text, file).parts]


def test_a_single_leading_heading_is_the_title_and_the_others_move_up():
    found = read("# 供水情况\n\n## 一、水质\n\n### （一）出厂水\n\n#### 1. 浊度\n\n合格。\n")
    assert found == Manuscript(
        "供水情况",
        (
            GivenHeading(1, "一、水质"),
            GivenHeading(2, "（一）出厂水"),
            GivenHeading(3, "1. 浊度"),
            GivenParagraph("合格。"),
        ),
    )


def test_several_top_headings_are_headings_of_the_first_level():
    found = read("# 水质\n\n合格。\n\n# 水量\n\n充足。\n")
    assert found.title is None
    assert found.parts[0] == GivenHeading(1, "水质")


def test_the_highest_heading_there_is_is_of_the_first_level():
    assert read("### 水质\n\n合格。\n").parts[0] == GivenHeading(1, "水质")


def test_a_heading_without_words_is_none():
    assert read("#\n\n## 水质\n\n合格。\n") == Manuscript(None, (GivenHeading(1, "水质"), GivenParagraph("合格。")))


def test_a_table_is_read_cell_by_cell():
    table = "| 线路 | 客运量 |\n| --- | ---: |\n| 1路 | 512.5 |\n| 2路 |  |\n"
    assert read(table).parts == (GivenTable("", ("线路", "客运量"), (("1路", "512.5"), ("2路", ""))),)


def test_list_items_keep_their_own_numbers_and_their_level_shows_in_order():
    assert texts("3. 甲\n4. 乙\n   - 子\n\n     续\n- 丙\n") == ["3. 甲", "4. 乙", "• 子", "续", "• 丙"]


def test_lines_of_a_paragraph_join_without_a_space_between_chinese_characters():
    assert texts("本月供水\n充足，Grade A\nwater。\n") == ["本月供水充足，Grade A water。"]


def test_an_indented_chinese_paragraph_is_no_code():
    assert texts("　　本月供水充足。\n\n    水质合格。\n") == ["本月供水充足。", "水质合格。"]


def test_what_looks_like_an_unused_reference_is_not_lost():
    assert texts("[注]: 数据为初步统计\n") == ["[注]: 数据为初步统计"]


def test_emphasis_leaves_its_marks_behind_and_a_link_keeps_its_address():
    text = "**水质**见[公告](https://example.gov.cn/1)和 <https://example.gov.cn/2>。\n"
    assert texts(text) == ["水质见公告（https://example.gov.cn/1）和 https://example.gov.cn/2。"]


def test_in_plain_text_every_line_is_a_paragraph_and_characters_stand_for_themselves():
    lines = ["面积3*4*5米。", "下降<5%。", "a_b_c \\ &amp;", "> 100", "[公告](x)"]
    assert texts("\n".join(lines), "2026-09.txt") == lines


def test_plain_text_has_headings_lists_and_tables_too():
    found = read("# 水质\n合格。\n# 水量\n1. 充足。\n\n| 项目 |\n|---|\n| 浊度 |\n", "2026-09.txt")
    assert [type(part) for part in found.parts] == [
        GivenHeading,
        GivenParagraph,
        GivenHeading,
        GivenParagraph,
        GivenTable,
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("合格。\n\n<b>水质</b>\n", "第 3 行有HTML 标记，不能读取；请删去标记，只留文字"),
        ("<script>x</script>\n", "第 1 行有HTML 标记，不能读取；请删去标记，只留文字"),
        ("<!-- 待定 -->\n", "第 1 行有HTML 标记，不能读取；请删去标记，只留文字"),
        ("水质![图](a.png)\n", "第 1 行有图片，不能读取；请删去，内容改为文字或表格"),
        ("```\nx = 1\n```\n", "第 1 行有代码块，不能读取；请改为普通段落"),
        ("~~停水~~恢复\n", "第 1 行有加了删除线的文字，不能读取；请删去这些文字，或取消删除线"),
        ("| 项目 |\n| --- |\n| 浊度 | 0.3 |\n", "第 3 行有 2 格，应与表头一样是 1 格；请补齐表头，或删去多余的格"),
        (
            "# 题\n\n## 一、水质\n\n##### 细目\n\n合格。\n",
            "标题“细目”是第 4 级，标题最多三级；请改为正文或较高一级的标题",
        ),
    ],
)
def test_what_cannot_be_printed_is_refused_by_line(text, said):
    with pytest.raises(BadInput) as refused:
        read(text)
    assert refused.value.problems == (f"文件 2026-09.md {said}后重新放入收件夹。",)
