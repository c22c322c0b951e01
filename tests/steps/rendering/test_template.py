"""What a department's template may do, what it may not, and how it is told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from obligations.steps.rendering.compose import compose
from obligations.steps.rendering.text import plain_text, say_runs
from obligations.words.draft import (
    BlankRun,
    DateWords,
    Figure,
    Heading,
    Note,
    NumberRun,
    Paragraph,
    Table,
    TableColumn,
    TablePlan,
    TextRun,
)
from obligations.words.errors import TemplateFault
from obligations.words.publication import Analysis, Blank, Measure

MEASURES = {
    name: Measure(name, name, Decimal(value), unit, places, "")
    for name, value, unit, places in (
        ("up", "19.04", "%", 1),
        ("down", "-8", "%", 1),
        ("zero", "0", "%", 1),
        ("nearly", "-0.04", "%", 1),
        ("amount", "258912.4", "万元", 0),
        ("points", "-7.35", "百分点", 1),
        ("tripled", "160", "%", 1),
        ("gone", "-100", "%", 1),
    )
}
PLAN = TablePlan("收支表", "单位：万元", (TableColumn("项目", "left"), TableColumn("数")), (("甲", Figure("amount")),))
BLANKS = (Blank("reason", "主要原因"), Blank("outlook", "走势", required=False))


def page(body, tables=("main",), **words):
    source = f"# 题目\n\n{body}\n"
    analysis = Analysis(MEASURES, dict.fromkeys(tables, PLAN), words)
    return compose("case.j2", source, analysis, BLANKS, {}, "演示单位财政局")


def said(body, **words):
    return "\n".join(say_runs(block.runs) for block in page(body, **words).blocks)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("n('amount')", "258,912万元"),
        ("n('down')", "-8.0%"),
        ("n('amount', bare=true)", "258,912"),
        ("n('points')", "-7.4个百分点"),
        ("change('up')", "增长19.0%"),
        ("change('down')", "下降8.0%"),
        ("change('zero')", "持平"),
        ("change('nearly')", "基本持平"),
        ("change('amount', '增收', '减收')", "增收258,912万元"),
        ("change('points', '回升', '回落', than=before)", "比1—5月回落7.4个百分点"),
        ("change('zero', '回升', '回落', than=before)", "与1—5月持平"),
        ("change('points', '超过', '低于', target='序时进度')", "低于序时进度7.4个百分点"),
        ("change('nearly', '超过', '低于', target='序时进度')", "与序时进度基本持平"),
        ("change('tripled', '增加', '减少', multiples=true)", "增加1.6倍"),
        ("change('up', '增加', '减少', multiples=true)", "增加19.0%"),
        ("change('gone', '增加', '减少', multiples=true)", "减少100.0%"),
        ("name('国办发〔2016〕80号')", "国办发〔2016〕80号"),
        ("names(list)", "甲、乙"),
        ("counting(loop_index)", "三"),
        ("blank('reason')", "【待填写：主要原因】"),
        ("blank('reason', '主要由于')", "【待填写：主要原因（参考：主要由于）】"),
        ("before", "1—5月"),
        ("table_number('main')", "下表"),
    ],
)
def test_what_expressions_say(expression, text):
    body = "{% for x in list %}{% if loop.last %}{{ counting(loop.index) }}{% endif %}{% endfor %}"
    words = {"before": DateWords("1—5月"), "list": ["甲", "乙"]}
    if "loop_index" in expression:
        assert said(body, list=["甲", "乙", "丙"]) == text
    else:
        assert said(f"{{{{ {expression} }}}}", **words) == text


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("增长8%", "直接写了数字“增长8%”"),
        ("增长８%", "直接写了数字"),
        ("{{ '增长8%' }}", "直接写了数字"),
        ("{{ change('up', '增长3倍', '下降') }}", "直接写了数字"),
        ("{{ 8 }}", "不能直接印出数字“8”"),
        ("{{ 4 + 4 }}", "模板里不做运算"),
        ("{{ '甲' * 1000000000 }}", "模板里不做运算"),
        ("{{ '甲' ~ '乙' }}", "第 3 行：写法有误（不使用 ~ 拼接文字"),
        ("{{ missing }}", "第 3 行：用到了没有的名称"),
        ("{{ line.missing }}", "用到了没有的名称"),
        ("{{ n('missing') }}", "第 3 行：本期数据没有指标“missing”"),
        ("{{ n(none) }}", "本期数据没有指标“None”"),
        ("{{ none }}", "不能印出空值"),
        ("{{ n }}", "只能印出文字"),
        ("{{ list }}", "只能印出文字"),
        ("{{ change('up', '下降', '增长') }}", "“下降”不是表示上升的词"),
        ("{{ blank('cause') }}", "没有名为“cause”的待填写栏，应为：reason、outlook"),
        ("【待填写：原因】", "应使用 blank"),
        ("[[表:other]]", "没有名为“other”的表格，应为：main"),
        ("{% if %}", "第 3 行：写法有误"),
        ("{% include '/etc/passwd' %}", "模板 case.j2"),
        ("{% import 'x' as y %}", "模板 case.j2"),
        ("{% for i in range(9) %}甲{% endfor %}", "用到了没有的名称（'range' is undefined）"),
        ("{{ ''.__class__ }}", "不允许这样写"),
        ("{{ n.__globals__ }}", "模板 case.j2"),
        ("{{ _vocabulary.runs }}", "模板 case.j2"),
        ("{{ '甲'.join(list) }}", "不允许这样写"),
        ("{{ '甲'|safe }}", "No filter named 'safe'"),
        ("{{ self._TemplateReference__context }}", "模板 case.j2"),
        ("{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}", "模板 case.j2"),
        ("甲\ue0000\ue001", "专用区字符"),
        ("甲\x01", "控制字符"),
        ("{% autoescape false %}{% set x %}{{ n('up') }}{% endset %}{{ x }}{% endautoescape %}", "直接写了数字"),
    ],
)
def test_what_a_template_may_not_do_is_said_with_its_name(body, message):
    with pytest.raises(TemplateFault) as fault:
        page(body, line={"name": "甲"}, list=["甲"])
    assert str(fault.value).startswith("模板 case.j2")
    assert message in str(fault.value)


def test_a_template_without_a_title_is_a_fault():
    with pytest.raises(TemplateFault, match="没有题目"):
        compose("case.j2", "正文\n", Analysis({}), (), {}, "单位")


def test_a_title_holds_no_number():
    with pytest.raises(TemplateFault, match="只能有文字和日期"):
        compose("case.j2", "# 完成{{ n('up') }}\n", Analysis(MEASURES), (), {}, "单位")


def test_an_empty_line_and_nothing_else_begins_a_paragraph():
    body = """
第一段，
{% if true %}
接着写{% if false %}不写{% endif %}
{% endif %}
写完。

{% for item in list %}
第二段{{ item }}。

{% endfor %}
第三段。"""
    assert said(body, list=["甲", "乙"]).split("\n") == ["第一段，接着写写完。", "第二段甲。", "第二段乙。", "第三段。"]


def test_macros_write_within_a_sentence():
    body = """
{% macro told(word) %}
{{ word }}
{% if word %}，{% endif %}
{% endmacro %}
先{{ told(list|first) }}
后{{ told(list|last) }}完。"""
    assert said(body, list=["甲", "乙"]) == "先甲，后乙，完。"


def test_headings_are_counted_by_level_and_blocks_named_by_section():
    blocks = page("## 一\n甲\n### 二\n乙\n#### 三\n## 四\n### 五\n丙\n注：丁").blocks
    assert [(block.id, getattr(block, "level", None)) for block in blocks] == [
        ("s1", 1),
        ("s1.p1", None),
        ("s1-1", 2),
        ("s1-1.p1", None),
        ("s1-1-1", 3),
        ("s2", 1),
        ("s2-1", 2),
        ("s2-1.p1", None),
        ("s2-1.n1", None),
    ]
    assert isinstance(blocks[0], Heading)
    assert isinstance(blocks[-1], Note)


def test_tables_are_numbered_in_order_of_first_mention_where_there_are_several():
    found = page(
        "见{{ table_number('second') }}。\n[[表:first]]\n[[表:{{ which }}]]", ("first", "second"), which="second"
    )
    tables = {block.name: block.number for block in found.blocks if isinstance(block, Table)}
    assert tables == {"first": 2, "second": 1}
    (text,) = (block for block in found.blocks if isinstance(block, Paragraph))
    assert say_runs(text.runs) == "见表1。"


def test_a_table_cell_prints_its_measure_signed_and_without_unit():
    (table,) = page("[[表:main]]").blocks
    assert table.rows[0][1] == (NumberRun("amount", "258,912", "258912.4"),)


def test_the_subtitle_signature_and_postscript_have_their_places():
    found = page("——副题\n\n正文\n\n【落款】\n（此件公开发布）")
    assert (found.title, found.subtitle) == ("题目", "——副题")
    assert [block.type for block in found.blocks] == ["paragraph", "signature", "paragraph"]
    assert found.blocks[-1].style == "postscript"


def test_runs_know_where_their_digits_come_from():
    (block,) = page(
        "据{{ source }}，{{ when }}{{ change('up') }}，见{{ name('A1') }}。", source="B2", when=DateWords("5月")
    ).blocks
    assert [(type(run), getattr(run, "origin", "")) for run in block.runs] == [
        (TextRun, "words"),
        (TextRun, "given"),
        (TextRun, "words"),
        (TextRun, "date"),
        (TextRun, "words"),
        (NumberRun, ""),
        (TextRun, "words"),
        (TextRun, "name"),
        (TextRun, "words"),
    ]


@pytest.mark.parametrize(
    "value", ["## 标题", "[[表:main]]", "【落款】", "注：x", "\n\n# x", "{{ n('up') }}", "\ue0000\ue001"]
)
def test_a_value_at_the_start_of_a_line_is_text(value):
    found = page("{{ value }}", value=value)
    assert found.title == "题目"
    assert [type(block) for block in found.blocks] == [Paragraph]


def test_a_blank_may_be_printed_twice_and_asked_once():
    found = page("{{ blank('reason') }}\n\n{{ blank('reason') }}")
    assert all(isinstance(block.runs[0], BlankRun) for block in found.blocks)


def test_numbers_handed_to_a_template_as_numbers_are_a_fault():
    with pytest.raises(TemplateFault, match="数字和日期须先写成文字或指标"):
        page("正文", count=3)


def test_the_text_of_a_document_has_every_block(made_model):
    text = plain_text(made_model)
    assert text.startswith("题目\n\n第一节\n\n")
    assert "表1　收支表（单位：万元）\n项目｜数\n甲｜258,912" in text
    assert "注：1.甲\n\n2.乙" in text
    assert text.endswith("演示单位财政局\n　　年　　月　　日\n")


@pytest.fixture
def made_model():
    from obligations.words.draft import DocumentModel

    body = "## 第一节\n[[表:first]]\n注：甲\n注：乙\n\n【落款】"
    found = page(body, ("first", "second"))
    return DocumentModel(
        kind="case", kind_title="甲", key="demo/case", period="2017-06", version=1, title=found.title, subtitle=None,
        region="演示单位", publisher="演示单位财政局", created_at="2026-01-01T00:00:00+08:00", dated=None, watermark=None,
        final=False, based_on=None, warnings=(), blocks=tuple(found.blocks),
    )  # fmt: skip
