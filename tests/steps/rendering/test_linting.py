"""What is found wrong with a template before it runs, and what is let pass."""

from __future__ import annotations

import pytest

from obligations.steps.rendering.linting import lint_draft, lint_page
from obligations.steps.rendering.names import Names

LINE = {"name": "text", "now": "measure", "yoy": "measure", "rare": None}
NAMES = Names(
    words={
        "months": "date", "region": "text", "total": {**LINE, "now": "=total.now", "yoy": "=total.yoy"}, "absent": None,
        "lines": [LINE], "list": ["text"], "any_due": "flag",
    },
    measures=("files",),
    tables=("main", "other"),
    charts=("trend",),
    blanks=("reason",),
)  # fmt: skip


def said(body, head="# 题目\n\n"):
    return [f"{found.line} {found.written}→{found.expected}" for found in lint_draft(head + body + "\n", NAMES)]


@pytest.mark.parametrize(
    "body",
    [
        "{{ months }}，{{ region }}{{ n(total.now) }}，{{ change(total.yoy, '增收', '减收') }}。",
        "{{ n('total.now') }}{{ n('files') }}",
        "{{ n(absent.anything) }}{% if total.rare %}{{ total.comes_with_it }}{% endif %}",
        "{% for line in lines if line.now %}{{ loop.index }}{{ line.name }}{% endfor %}",
        "{% for line in lines if line.now %}{{ counting(loop.index) }}{{ line.name }}{% endfor %}",
        "{% macro say(line) %}{{ line.name }}{{ n(line.now) }}{% endmacro %}{{ say(total) }}{{ say(lines|first) }}",
        "{% macro say(line) %}{{ line.never_called }}{% endmacro %}",
        "{% set one = total or absent %}{{ one.whatever }}",
        "{% set one = lines[0] %}{{ one.name }}",
        "[[表:main]]{{ table_number('other') }}[[图:trend]]{{ chart_number('trend') }}[[表:{{ region }}]]",
        "{{ blank('reason') }}{{ names(list) }}{{ name('国办发〔2016〕80号') }}",
        "{% if missing is defined %}甲{% endif %}",
        "{{ total['name'] }}{{ lines[0][region] }}",
    ],
)
def test_what_a_kind_offers_may_be_used(body):
    assert said(body) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("{{ mouths }}", "3 没有名为“mouths”的名称→months、"),
        ("甲\n\n{{ total.nowe }}", "5 没有名为“nowe”的名称→now、name、yoy、rare"),
        ("{{ n('total.mow') }}", "3 没有名为“total.mow”的指标→total.now、total.yoy、files"),
        ("{{ change('total.mow') }}", "没有名为“total.mow”的指标"),
        ("{{ n(region) }}", "n 的第一项不是指标"),
        ("{{ n() }}", "n 的参数不对→``n(id)``"),
        ("{{ n(total.now, naked=true) }}", "n 的参数不对"),
        ("{{ total.now }}", "直接印出了指标的编号→n(指标)"),
        ("{{ lines }}", "印出的不是文字→文字，清单用 names(清单)"),
        ("{{ any_due }}", "印出的不是文字"),
        ("{{ region.name }}", "“.name”前面的不是一组名称"),
        ("{{ lines.name }}", "“.name”前面的不是一组名称"),
        ("{% for line in total %}甲{% endfor %}", "for 所逐项列出的不是清单"),
        ("{% for line in lines %}\n{{ line.nane }}{% endfor %}", "4 没有名为“nane”的名称→name、"),
        ("{% macro say(line) %}\n{{ line.nane }}\n{% endmacro %}{{ say(total) }}", "4 没有名为“nane”的名称"),
        ("{% macro say(line) %}{{ mouths }}{% endmacro %}", "没有名为“mouths”的名称"),
        ("{% macro say(line) %}甲{% endmacro %}{{ say(total, total) }}", "say 的参数不对→say(line)"),
        ("{{ region|upper }}", "没有名为“upper”的过滤器→first、last、length"),
        ("{% if region is numeric %}甲{% endif %}", "没有名为“numeric”的判断"),
        ("{{ blank('cause') }}", "没有名为“cause”的待填写栏→reason"),
        ("[[表:mian]]", "没有名为“mian”的表格→main、other"),
        ("[[图:main]]", "没有名为“main”的图→trend"),
        ("{{ table_number('mian') }}", "没有名为“mian”的表格"),
        ("{{ chart_number('mian') }}", "没有名为“mian”的图"),
        ("{{ change(total.yoy, '下降', '增长') }}", "“下降”不是表示上升的词"),
        ("增长8%\n", "3 直接写了数字“增长8%”"),
        ("{{ '增长8%' }}", "直接写了数字“增长8%”"),
        ("{{ 8 }}", "直接写了数字“8”"),
        ("{{ n(total.now + total.yoy) }}", "在模板里运算或拼接"),
        ("{{ region ~ months }}", "在模板里运算或拼接"),
        ("【待填写：原因】", "直接写了“【待填写”→blank('名称')"),
        ("{% include 'x' %}", "引用了其他文件"),
        ("{% if %}", "3 写法有误→符合模板写法"),
    ],
)
def test_what_a_kind_does_not_offer_is_found_with_line_and_known_names(body, found):
    assert any(found in line for line in said(body)), said(body)


def test_a_template_without_a_title_is_found():
    assert said("正文", head="") == ["1 没有题目→有一行以“# ”开头的题目"]


def test_the_same_fault_of_a_macro_is_told_once():
    body = "{% macro say(line) %}{{ line.nane }}{% endmacro %}{{ say(total) }}{{ say(total) }}"
    assert len(said(body)) == 1


def test_a_page_prints_numbers_and_calculates_but_knows_its_names_and_filters():
    words = {"entries": [{"heading": None}], "subject": "text"}
    assert (
        lint_page("{{ entries|length - 3 }}{{ subject ~ 8 }}{% for e in entries %}{{ e.heading }}{% endfor %}", words)
        == ()
    )
    (unknown,) = lint_page("\n{% for e in entries %}{{ e.haeding }}{% endfor %}", words)
    assert (unknown.line, unknown.written, unknown.expected) == (2, "没有名为“haeding”的名称", "heading")
    (no_filter,) = lint_page("{{ subject|shout }}", words)
    assert no_filter.written == "没有名为“shout”的过滤器"
