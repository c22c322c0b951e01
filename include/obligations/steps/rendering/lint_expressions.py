"""What the expressions of a template are, by the shapes of the names they use, and what is wrong with them. Runs nothing.

``linting`` reads the statements around them.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import reduce, singledispatchmethod

from jinja2 import Environment, nodes

from obligations.publications.wording import contradiction
from obligations.steps.rendering.names import FLAG, TEXT, Names, Shape, fixed_ids, is_measure, join

FUNCTION = "function"
Scope = dict[str, Shape]
_SHOWN = 12
_CALCULATIONS = (
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow, nodes.Neg, nodes.Pos, nodes.Concat,
)  # fmt: skip
_CHECKED_BY_NAME = {"blank": "待填写栏", "table_number": "表格", "chart_number": "图"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: line (1 is the first), what is written there and what is expected, both in Chinese."""

    line: int
    written: str
    expected: str


class Expressions:
    """Follows the shapes of names through the expressions of one template.

    Args:
        environment: whose filters and tests there are.
        names: what the template may use; functions: and what it may call.
        strict: a draft's template, which calculates nothing and prints no number of its own.
    """

    def __init__(
        self, environment: Environment, names: Names, functions: Mapping[str, object], *, strict: bool
    ) -> None:
        self.environment = environment
        self.names = names
        self.functions = functions
        self.strict = strict
        self.macros: dict[str, nodes.Macro] = {}
        self.found: list[Finding] = []
        self._measures = sorted({*names.measures, *fixed_ids(names.words)})

    def say(self, node: nodes.Node, written: str, expected: str) -> None:
        """Keep a fault."""
        self.found.append(Finding(node.lineno, written, expected))

    def require(self, node: nodes.Node, name: str, known: Iterable[str], sort: str) -> None:
        """Report a name that is not among those known, the likeliest first."""
        known = list(dict.fromkeys(known))
        if name in known:
            return
        near = get_close_matches(name, known, n=3, cutoff=0.6)
        shown = [*near, *(other for other in known if other not in near)]
        more = f"等{len(shown)}个" if len(shown) > _SHOWN else ""
        self.say(node, f"没有名为“{name}”的{sort}", f"{'、'.join(shown[:_SHOWN]) or '（本类没有）'}{more}")

    def unknown(self, node: nodes.Getattr, scope: Scope) -> bool:
        """Say whether the specimen has such a name and nothing in it."""
        shape = self.shape(node.node, scope)
        return isinstance(shape, Mapping) and node.attr in shape and shape[node.attr] is None

    def follow(self, node: nodes.Call, macro: nodes.Macro, given: list[Shape], named: Scope) -> None:
        """Read a macro as it is called here."""
        raise NotImplementedError

    @singledispatchmethod
    def shape(self, node: nodes.Node | None, scope: Scope) -> Shape:
        """Return the shape of an expression, None where it is not known."""
        if self.strict and isinstance(node, _CALCULATIONS):
            self.say(node, "在模板里运算或拼接", "数字由 n('指标') 给出，文字写在花括号外面")
        for child in node.iter_child_nodes() if node else ():
            self.shape(child, scope)
        return FLAG if isinstance(node, nodes.Not | nodes.Compare) else None

    @shape.register
    def _name(self, node: nodes.Name, scope: Scope) -> Shape:
        if node.name in scope:
            return scope[node.name]
        self.require(node, node.name, [*scope, *self.functions, *self.macros], "名称")
        return FUNCTION if node.name in self.functions or node.name in self.macros else None

    @shape.register
    def _attribute(self, node: nodes.Getattr, scope: Scope) -> Shape:
        return self._field(node, self.shape(node.node, scope), node.attr)

    @shape.register
    def _element(self, node: nodes.Getitem, scope: Scope) -> Shape:
        shape = self.shape(node.node, scope)
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return self._field(node, shape, node.arg.value)
        self.shape(node.arg, scope)
        return shape if isinstance(node.arg, nodes.Slice) else item(shape)

    @shape.register
    def _either(self, node: nodes.Or, scope: Scope) -> Shape:
        return either(self.shape(node.left, scope), self.shape(node.right, scope))

    @shape.register
    def _both(self, node: nodes.And, scope: Scope) -> Shape:
        self.shape(node.left, scope)
        return self.shape(node.right, scope)

    @shape.register
    def _choice(self, node: nodes.CondExpr, scope: Scope) -> Shape:
        self.shape(node.test, scope)
        return either(self.shape(node.expr1, scope), self.shape(node.expr2, scope))

    @shape.register(nodes.List)
    @shape.register(nodes.Tuple)
    def _list(self, node: nodes.List | nodes.Tuple, scope: Scope) -> Shape:
        shapes = [self.shape(each, scope) for each in node.items]
        return [None if None in shapes else reduce(join, shapes)] if shapes else []

    @shape.register
    def _constant(self, node: nodes.Const, scope: Scope) -> Shape:  # noqa: ARG002 - as the others
        return TEXT if isinstance(node.value, str) else None

    @shape.register
    def _filtered(self, node: nodes.Filter, scope: Scope) -> Shape:
        self.require(node, node.name, self.environment.filters, "过滤器")
        shape = self.shape(node.node, scope)
        for argument in (*node.args, *(keyword.value for keyword in node.kwargs)):
            self.shape(argument, scope)
        return item(shape) if node.name in {"first", "last"} else None

    @shape.register
    def _tested(self, node: nodes.Test, scope: Scope) -> Shape:
        self.require(node, node.name, self.environment.tests, "判断")
        if node.name not in {"defined", "undefined"}:
            self.shape(node.node, scope)
        return FLAG

    @shape.register
    def _called(self, node: nodes.Call, scope: Scope) -> Shape:
        given = [self.shape(argument, scope) for argument in node.args]
        named = {keyword.key: self.shape(keyword.value, scope) for keyword in node.kwargs}
        self.shape(node.node, scope)
        name = node.node.name if isinstance(node.node, nodes.Name) and node.node.name not in scope else ""
        if name in self.macros:
            self.follow(node, self.macros[name], given, named)
        elif name in self.functions:
            self._function(node, name, given)
        return None

    def _field(self, node: nodes.Expr, shape: Shape, name: str) -> Shape:
        if isinstance(shape, Mapping):
            if name in shape:
                return shape[name]
            self.require(node, name, list(shape), "名称")
        elif self.strict and (isinstance(shape, str | list)):
            self.say(node, f"“.{name}”前面的不是一组名称", "一组名称；清单先用 for 逐项列出")
        return None

    def _function(self, node: nodes.Call, name: str, given: list[Shape]) -> None:
        """Check what one of our own functions is called with."""
        function = self.functions[name]
        if not callable(function):
            return
        try:
            bound = inspect.signature(function).bind(*node.args, **{each.key: each.value for each in node.kwargs})
        except TypeError:
            self.say(node, f"{name} 的参数不对", (inspect.getdoc(function) or "").partition("\n")[0])
            return
        first = node.args[0] if node.args else None
        literal = first.value if isinstance(first, nodes.Const) and isinstance(first.value, str) else None
        if name in {"n", "change"}:
            if literal is not None:
                self.require(node, literal, self._measures, "指标")
            elif given and given[0] is not None and not is_measure(given[0]):
                self.say(node, f"{name} 的第一项不是指标", "指标的编号")
        elif name in _CHECKED_BY_NAME and literal is not None:
            known = {"blank": self.names.blanks, "table_number": self.names.tables, "chart_number": self.names.charts}
            self.require(node, literal, known[name], _CHECKED_BY_NAME[name])
        if name == "change":
            rising, falling = (_constant_of(bound.arguments.get(each)) for each in ("rising", "falling"))
            if fault := contradiction(rising or "增长", falling or "下降"):
                self.say(node, f"change 的用词“{rising or '增长'}”“{falling or '下降'}”", fault)


def _constant_of(node: object) -> str | None:
    return str(node.value) if isinstance(node, nodes.Const) else None


def item(shape: Shape) -> Shape:
    """Return the shape of what a list holds."""
    return shape[0] if isinstance(shape, list) and shape else None


def either(one: Shape, other: Shape) -> Shape:
    """Return the shape of one of two, None where one is not known."""
    return None if one is None or other is None else join(one, other)
