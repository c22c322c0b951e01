"""Reads a template without running it: names, numbers, tables, blanks and filters that its kind does not define.

What the kind defines is ``names``; a page or a notice is read more leniently, for it prints what it is given. What is
not known is let pass: running the template has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import singledispatchmethod
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

from obligations.steps.rendering.cleaning import OPEN_MARK
from obligations.steps.rendering.lint_expressions import Expressions, Finding, Scope, item
from obligations.steps.rendering.names import FLAG, Names, Shape, is_measure
from obligations.steps.rendering.template import DraftEnvironment
from obligations.steps.rendering.vocabulary import DIGIT, Vocabulary

_LOOP = {"index": None, "index0": None, "first": FLAG, "last": FLAG, "length": None, "previtem": None, "nextitem": None}
_IN_MACROS = dict.fromkeys(("caller", "varargs", "kwargs"))
_PLACE = re.compile(r"\[\[(表|图)[:：](.+?)\]\]")
_TITLE = re.compile(r"^\s*# ", re.MULTILINE)


def lint_draft(source: str, names: Names) -> tuple[Finding, ...]:
    """Return the faults of a draft template, in the order of its lines."""
    functions = Vocabulary({}, (), (), ()).functions()
    found = _Reader(DraftEnvironment(), names, functions, strict=True).lint(source)
    if not _TITLE.search(source):
        found += [Finding(1, "没有题目", "有一行以“# ”开头的题目")]
    return tuple(sorted(set(found), key=lambda finding: finding.line))


def lint_page(source: str, words: Mapping[str, Shape], *, shared: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
    """Return the faults of a page or notice template that is given ``words`` and may build on the templates ``shared``."""
    environment = Environment(autoescape=True)
    found = _Reader(environment, Names(words), environment.globals, strict=False, shared=shared).lint(source)
    return tuple(sorted(set(found), key=lambda finding: finding.line))


class _Reader(Expressions):
    """Reads the statements of one template; a macro is read with what each call hands it."""

    def __init__(self, *about: Any, strict: bool, shared: frozenset[str] = frozenset()) -> None:
        super().__init__(*about, strict=strict)
        self.shared = shared

    def lint(self, source: str) -> list[Finding]:
        """Return what is wrong, in the order in which it was met."""
        try:
            tree = self.environment.parse(source)
        except TemplateSyntaxError as error:
            return [Finding(error.lineno, "写法有误", f"符合模板写法（{error.message}）")]
        self._followed: set[str] = set()
        self._open: list[str] = []
        self.macros = {macro.name: macro for macro in tree.find_all(nodes.Macro)}
        self._all(tree.body, dict(self.names.words))
        for macro in self.macros.values():
            if macro.name not in self._followed:
                self._all(macro.body, {**self.names.words, **_IN_MACROS, **{name.name: None for name in macro.args}})
        return self.found

    def follow(self, node: nodes.Call, macro: nodes.Macro, given: list[Shape], named: Scope) -> None:
        """Read a macro as it is called here."""
        parameters = [argument.name for argument in macro.args]
        if len(given) > len(parameters) or set(named) - set(parameters):
            self.say(node, f"{macro.name} 的参数不对", f"{macro.name}({', '.join(parameters)})")
        elif macro.name not in self._open:
            self._followed.add(macro.name)
            self._open.append(macro.name)
            bound = dict.fromkeys(parameters) | dict(zip(parameters, given, strict=False)) | named
            self._all(macro.body, {**self.names.words, **_IN_MACROS, **bound})
            self._open.pop()

    def _all(self, body: Iterable[nodes.Node], scope: Scope) -> None:
        for node in body:
            self._read(node, scope)

    @singledispatchmethod
    def _read(self, node: nodes.Node, scope: Scope) -> None:
        if isinstance(node, nodes.Expr):
            self.shape(node, scope)
            return
        self._all(node.iter_child_nodes(), scope)

    @_read.register
    def _macro(self, node: nodes.Macro, scope: Scope) -> None:
        """Pass over it: it is read where it is called."""

    @_read.register(nodes.Include)
    @_read.register(nodes.Import)
    @_read.register(nodes.FromImport)
    @_read.register(nodes.Extends)
    def _file(self, node: nodes.Include | nodes.Import | nodes.FromImport | nodes.Extends, scope: Scope) -> None:
        """Take what a shared template brings, whose shapes are not known here; any other file is a fault."""
        if not self.shared:
            self.say(node, "引用了其他文件", "写在同一个模板里")
        elif not isinstance(node.template, nodes.Const) or node.template.value not in self.shared:
            self.say(node, "引用了不能共用的文件", "、".join(sorted(self.shared)))
        if isinstance(node, nodes.Import):
            scope[node.target] = None
        elif isinstance(node, nodes.FromImport):
            scope.update(dict.fromkeys(each if isinstance(each, str) else each[1] for each in node.names))

    @_read.register
    def _set(self, node: nodes.Assign, scope: Scope) -> None:
        shape = self.shape(node.node, scope)
        for name in _names_in(node.target):
            scope[name] = shape if isinstance(node.target, nodes.Name) else None

    @_read.register
    def _set_block(self, node: nodes.AssignBlock, scope: Scope) -> None:
        self._all(node.body, scope)
        scope.update(dict.fromkeys(_names_in(node.target)))

    @_read.register
    def _if(self, node: nodes.If, scope: Scope) -> None:
        self.shape(node.test, scope)
        # what is asked for and not shown by the specimen may come with more names that it does not show
        asked = [each for each in (node.test, *node.test.find_all(nodes.Getattr)) if isinstance(each, nodes.Getattr)]
        open_ones = {
            each.node.name for each in asked if isinstance(each.node, nodes.Name) and self.unknown(each, scope)
        }
        inner = {**scope, **dict.fromkeys(open_ones)}
        self._all(node.body, inner)
        scope.update({name: shape for name, shape in inner.items() if name not in scope})
        for branch in (node.elif_, node.else_):
            self._all(branch, scope)

    @_read.register
    def _for(self, node: nodes.For, scope: Scope) -> None:
        shape = self.shape(node.iter, scope)
        if self.strict and isinstance(shape, str | Mapping):
            self.say(node, "for 所逐项列出的不是清单", "清单")
        inner = {**scope, "loop": _LOOP, **dict.fromkeys(_names_in(node.target))}
        if isinstance(node.target, nodes.Name):
            inner[node.target.name] = item(shape)
        if node.test:
            self.shape(node.test, inner)
        self._all(node.body, inner)
        self._all(node.else_, scope)

    @_read.register
    def _output(self, node: nodes.Output, scope: Scope) -> None:
        for child in node.nodes:
            if isinstance(child, nodes.TemplateData):
                self._words(child)
            else:
                self._printed(child, self.shape(child, scope))

    def _printed(self, node: nodes.Expr, shape: Shape) -> None:
        if not self.strict:
            return
        if isinstance(node, nodes.Const) and DIGIT.search(str(node.value)):
            self.say(node, f"直接写了数字“{node.value}”", "n('指标')；带数字的专有名称用 name('…')")
        elif is_measure(shape):
            self.say(node, "直接印出了指标的编号", "n(指标)")
        elif shape == FLAG or isinstance(shape, list | Mapping):
            self.say(node, "印出的不是文字", "文字，清单用 names(清单)")

    def _words(self, node: nodes.TemplateData) -> None:
        """Check the template's own words: tables that it places, digits, blanks written by hand."""
        if not self.strict:
            return
        for sort, name in _PLACE.findall(node.data):
            known = self.names.tables if sort == "表" else self.names.charts
            self.require(node, name.strip(), known, "表格" if sort == "表" else "图")
        for number, line in enumerate(_PLACE.sub("", node.data).split("\n")):
            at = nodes.TemplateData(lineno=node.lineno + number)
            if match := DIGIT.search(line):
                around = line[max(0, match.start() - 8) : match.end() + 8]
                self.say(at, f"直接写了数字“{around}”", "n('指标')；带数字的专有名称用 name('…')")
            if OPEN_MARK in line:
                self.say(at, f"直接写了“{OPEN_MARK}”", "blank('名称')")


def _names_in(target: nodes.Node) -> list[str]:
    found = [name.name for name in target.find_all(nodes.Name)]
    return [*found, target.name] if isinstance(target, nodes.Name) else found
