"""Runs a department's draft template in a sandbox: no loops without end, no attributes, no files, no printed numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from jinja2 import (
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    Undefined,
    UndefinedError,
    nodes,
    pass_context,
)
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from obligations.steps.rendering.cleaning import clean
from obligations.steps.rendering.vocabulary import PARAGRAPH_BREAK, Given, Vocabulary
from obligations.words.draft import DateWords
from obligations.words.errors import TemplateFault

_VOCABULARY = "_vocabulary"
_TAG = re.compile(r"({%.*?%}|{{.*?}}|{#.*?#})", re.DOTALL)
_EMPTY_LINE = re.compile(r"(?<=\n)[ \t]*(?=\n)")
_FILTERS = ("first", "last", "length")


class DraftEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox in which a template can call our functions and its own macros only, and calculates nothing."""

    intercepted_binops = frozenset(ImmutableSandboxedEnvironment.default_binop_table)

    def __init__(self) -> None:
        super().__init__(
            autoescape=True, undefined=StrictUndefined, finalize=_finalize, trim_blocks=True, lstrip_blocks=True
        )
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS}

    def is_safe_callable(self, obj: Any) -> bool:
        """Allow macros and the vocabulary's functions; methods of text and lists stay shut."""
        owner = getattr(obj, "__self__", None)
        if isinstance(obj, Undefined):
            return True  # calling it raises UndefinedError, which names what is missing
        return isinstance(obj, Macro) or (isinstance(owner, Vocabulary) and obj in owner.functions().values())

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002 - jinja2 passes them
        """Refuse: a figure that a template calculated would have no measure."""
        raise SecurityError(f"模板里不做运算（{operator}），数字应由 n('指标') 给出")

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Keep the vocabulary itself out of reach."""
        return not isinstance(obj, Vocabulary) and super().is_safe_attribute(obj, attr, value)


@pass_context
def _finalize(context: Context, value: object) -> Markup:
    """Turn whatever an expression yields into tokens; macros and our functions already did."""
    return cast(Vocabulary, context.resolve(_VOCABULARY)).text(value)


def run_template(name: str, source: str, vocabulary: Vocabulary, words: Mapping[str, Any]) -> str:
    """Return the lines a template yields, with tokens for everything that is not its own words.

    Args:
        name: of the template, for messages.
        source: its text.
        vocabulary: its functions; collects the runs.
        words: what it may use, by name: text, dates, lists and mappings of these.

    Raises TemplateFault naming the template, the line where known, and what is wrong.
    """
    try:
        template = _compiled(name, source)
        return template.render({**_wrapped(words), **vocabulary.functions(), _VOCABULARY: vocabulary})
    except TemplateSyntaxError as error:
        raise TemplateFault(f"模板 {name} 第 {error.lineno} 行：写法有误（{error.message}）") from error
    except TemplateFault as error:
        raise TemplateFault(f"模板 {name}{_line_of(error, name)}：{error}") from error
    except UndefinedError as error:
        raise TemplateFault(f"模板 {name}{_line_of(error, name)}：用到了没有的名称（{error}）") from error
    except SecurityError as error:
        raise TemplateFault(f"模板 {name}{_line_of(error, name)}：不允许这样写（{error}）") from error
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise TemplateFault(f"模板 {name}{_line_of(error, name)}：{error}") from error


@lru_cache(maxsize=64)
def _compiled(name: str, source: str) -> Template:
    if any(unicodedata.category(character) in {"Cc", "Co"} and character not in "\r\n\t" for character in source):
        raise TemplateSyntaxError("含有控制字符或专用区字符，请删去", 1, name)
    environment = _environment()
    tree = environment.parse(_with_breaks(source), name)
    if joined := tree.find(nodes.Concat):
        raise TemplateSyntaxError("不使用 ~ 拼接文字，请写在花括号外面", joined.lineno, name)
    code = environment.compile(tree, name, f"<{name}>")
    return Template.from_code(environment, code, dict(environment.globals))


def _with_breaks(source: str) -> str:
    """Put a break into every empty line of the template's own text: a new paragraph begins there and nowhere else.

    What tags leave behind could not tell: a line whose words were left out by an ``if`` is empty, too.
    """
    parts = _TAG.split(source)
    return "".join(part if _TAG.fullmatch(part) else _EMPTY_LINE.sub(PARAGRAPH_BREAK, part) for part in parts)


@lru_cache(maxsize=1)
def _environment() -> DraftEnvironment:
    return DraftEnvironment()


def _wrapped(value: Any) -> Any:
    """Mark every text of the data as given, so that it prints as text whatever it says."""
    if isinstance(value, Mapping):
        return {key: _wrapped(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_wrapped(item) for item in value)
    if isinstance(value, DateWords) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return Given(clean(value))
    if isinstance(value, int | Decimal | date | datetime):
        raise TypeError(f"数字和日期须先写成文字或指标：{value}")
    raise TypeError(f"模板不能使用 {type(value).__name__}")


def _line_of(error: BaseException, name: str) -> str:
    """Return where in the template an error arose, as the traceback tells."""
    trace, line = error.__traceback__, 0
    while trace:
        if trace.tb_frame.f_code.co_filename == f"<{name}>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return f" 第 {line} 行" if line else ""
