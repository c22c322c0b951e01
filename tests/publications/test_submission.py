"""A department's own document under the general headings: what is renumbered, what is refused, what is warned of."""

from __future__ import annotations

import pytest

from obligations.publications.submission import KIND, arrange
from obligations.words.draft import TableColumn
from obligations.words.errors import BadInput
from obligations.words.material import GivenHeading, GivenParagraph, GivenPart, GivenTable, Manuscript
from obligations.words.publication import Analysis, Snapshot

SNAPSHOT = Snapshot("2026-09.docx", "2026-09.docx", "0" * 64)
WATER = GivenParagraph("全部合格。")


def arranged(*parts: GivenPart, title: str | None = None) -> Analysis:
    return arrange(Manuscript(title, parts), SNAPSHOT)


def problems(*parts: GivenPart) -> tuple[str, ...]:
    with pytest.raises(BadInput) as refused:
        arranged(*parts)
    return refused.value.problems


def printed(analysis: Analysis) -> list[tuple[str, str]]:
    return [(form, text) for part in analysis.words["parts"] for form, text in part.items() if text is not None]


def test_ordinals_of_headings_are_left_to_the_printer():
    found = arranged(
        GivenHeading(1, "一、水质"),
        GivenHeading(2, "（一）出厂水"),
        GivenHeading(3, "1. 浊度"),
        WATER,
        GivenHeading(2, "(二)管网水"),
        WATER,
        GivenHeading(1, "水量"),
        WATER,
    )
    assert [text for form, text in printed(found) if form.startswith("heading")] == [
        "水质",
        "出厂水",
        "浊度",
        "管网水",
        "水量",
    ]


def test_an_ordinal_out_of_order_is_refused_with_the_one_it_would_get():
    said = problems(GivenHeading(1, "一、水质"), WATER, GivenHeading(1, "三、水量"), WATER)
    assert said == ("文件 2026-09.docx 标题“三、水量”的序号按先后应为“二、”；请改正序号后重新放入收件夹。",)


def test_a_heading_that_is_only_an_ordinal_is_refused():
    assert problems(GivenHeading(1, "一、"), WATER) == (
        "文件 2026-09.docx 标题“一、”只有序号；请补上标题的文字后重新放入收件夹。",
    )


def test_a_heading_without_content_is_refused_because_the_final_version_would_drop_it():
    said = problems(GivenHeading(1, "水质"), GivenHeading(2, "出厂水"), GivenHeading(1, "水量"), WATER)
    assert said == (
        "文件 2026-09.docx 标题“水质”下面没有内容；请补上内容或删去标题后重新放入收件夹。",
        "文件 2026-09.docx 标题“出厂水”下面没有内容；请补上内容或删去标题后重新放入收件夹。",
    )


def test_a_number_that_begins_a_heading_is_no_ordinal():
    assert printed(arranged(GivenHeading(3, "1.5吨以下车辆"), WATER))[0] == ("heading_3", "1.5吨以下车辆")


LINES = GivenTable("", ("线路", "客运量", "备注"), (("1路", "1,512.5", ""), ("2路", "—", "停运")))


def test_columns_of_numbers_stand_right_and_others_left():
    plan = arranged(LINES).tables["t1"]
    assert plan.columns == (TableColumn("线路", "left"), TableColumn("客运量", "right"), TableColumn("备注", "left"))
    assert (plan.caption, plan.rows) == ("明细表", LINES.rows)


def test_the_paragraph_before_a_table_that_is_its_caption_becomes_it():
    found = arranged(GivenParagraph("表1 各线路客运量"), LINES)
    assert found.tables["t1"].caption == "表1 各线路客运量"
    assert printed(found) == [("table", "t1")]


def test_of_several_tables_the_numbers_are_left_to_the_printer():
    found = arranged(GivenParagraph("表1 线路"), LINES, GivenTable("表2：站点", ("站点",), ()))
    assert [plan.caption for plan in found.tables.values()] == ["线路", "站点"]


def test_a_caption_numbered_out_of_order_is_refused():
    said = problems(GivenParagraph("表2 线路"), LINES, GivenTable("表1 站点", ("站点",), ()))
    assert said == (
        "文件 2026-09.docx 第 1 个表格的题注“表2 线路”按先后应为“表1”；请改正题注后重新放入收件夹。",
        "文件 2026-09.docx 第 2 个表格的题注“表1 站点”按先后应为“表2”；请改正题注后重新放入收件夹。",
    )


def test_a_signature_of_its_own_is_warned_of():
    found = arranged(WATER, GivenParagraph("2026年9月30日"))
    assert found.warnings == ("文末“2026年9月30日”似为来文自带的落款或附注，稿件另有落款，请核对是否重复。",)
    assert arranged(WATER).warnings == ()


def test_a_nil_report_is_its_reason_and_nothing_else():
    found = arrange(Manuscript(None, (), "本月没有新增线路。"), SNAPSHOT)
    assert found.words == {"nil_reason": "本月没有新增线路。", "own_title": None, "parts": []}


def test_no_number_of_it_is_a_measure_because_the_department_gave_it():
    assert arranged(LINES).measures == {}
    assert KIND.blanks == ()
