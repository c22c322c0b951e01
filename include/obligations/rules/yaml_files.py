"""Reads one YAML file of the catalogue into its model, or says exactly what is wrong with it. No adoption here."""

from __future__ import annotations

import reprlib
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from obligations.words.errors import CatalogueFault, Fault

Model = TypeVar("Model", bound=BaseModel)
_MOST_ALIASES = 100
_EXPECTED = {
    "missing": "必填，请补上这个字段",
    "string_type": "文字",
    "string_pattern_mismatch": "小写字母、数字和连字符（{pattern}）",
    "literal_error": "{expected} 之一",
    "enum": "{expected} 之一",
    "union_tag_invalid": "kind 是 {expected_tags} 之一",
    "union_tag_not_found": "写明 kind",
    "date_from_datetime_parsing": "YYYY-MM-DD 形式的日期",
    "date_parsing": "YYYY-MM-DD 形式的日期",
    "date_type": "YYYY-MM-DD 形式的日期",
    "int_type": "整数",
    "int_parsing": "整数",
    "float_type": "数字",
    "float_parsing": "数字",
    "bool_type": "true 或 false",
    "bool_parsing": "true 或 false",
    "tuple_type": "列表",
    "dict_type": "“名称: 值”的映射",
    "model_type": "“字段: 值”的映射",
    "greater_than": "大于 {gt} 的数",
    "greater_than_equal": "不小于 {ge} 的数",
    "less_than_equal": "不大于 {le} 的数",
}


class _StrictLoader(yaml.CSafeLoader):
    """Plain YAML, except that a key written twice is an error instead of the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int | float | bool | None):
                raise yaml.constructor.ConstructorError(None, None, "字段名应是文字", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"字段 {key} 写了两次", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def read_model(root: Path, file: str, model: type[Model]) -> Model:
    """Read ``root/file`` as ``model``; raises CatalogueFault with every fault of the file."""
    return parse_model(_text(root, file), file, model)


def read_again(root: Path, file: str, model: type[Model]) -> Model:
    """Do as ``read_model``, but as long as the file says the same, return the same object instead of parsing it anew.

    For what is asked for again and again, as thousands of waiting runs ask for their obligations, and shared by many.
    """
    found: Model = _parsed(_text(root, file), file, model)
    return found


@lru_cache(maxsize=2048)  # keyed by what the file says now, so that nothing stale is returned
def _parsed(text: str, file: str, model: type[Model]) -> Model:
    return parse_model(text, file, model)


def _text(root: Path, file: str) -> str:
    try:
        return (root / file).read_text("utf-8")
    except FileNotFoundError:
        raise CatalogueFault((Fault(file, "", "（没有这个文件）", "目录中应有这个文件"),)) from None
    except UnicodeDecodeError as error:
        raise CatalogueFault((Fault(file, "", f"第 {error.start} 字节不是 UTF-8", "以 UTF-8 编码保存"),)) from None


def parse_model(text: str, file: str, model: type[Model]) -> Model:
    """Read YAML as ``model``; ``file`` is its name in messages. Raises CatalogueFault with every fault."""
    try:
        _require_bounded(text)
        data = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a subclass of the safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"第 {mark.line + 1} 行第 {mark.column + 1} 列：" if mark else ""
        value = f"{place}{getattr(error, 'problem', None) or error}"
        raise CatalogueFault((Fault(file, "", value, "合法的 YAML，每个字段只写一次"),)) from None
    except (ValueError, RecursionError) as error:  # an impossible date such as 2017-02-30, or absurd nesting
        raise CatalogueFault((Fault(file, "", str(error)[:200], "合法的 YAML 和存在的日期"),)) from None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise CatalogueFault(tuple(_fault(file, detail, model) for detail in error.errors())) from None


def _require_bounded(text: str) -> None:
    """Raise YAMLError for more aliases (``*name``) than people write, or one within what another stands for.

    A page of them, each standing for ten of the one before, unfolds into more than any memory holds.
    """
    if "&" not in text or "*" not in text:
        return
    anchored: list[bool] = []  # of each mapping or list that is open, whether it or one around it has a name
    aliases = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            anchored.append(event.anchor is not None or (bool(anchored) and anchored[-1]))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchored.pop()
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
            if aliases > _MOST_ALIASES or (anchored and anchored[-1]):
                place = f"第 {event.start_mark.line + 1} 行" if event.start_mark else ""
                raise yaml.YAMLError(f"{place}的别名（*）套在别名之中，或有{_MOST_ALIASES}处以上，请直接写出")


def _fault(file: str, detail: ErrorDetails, model: type[BaseModel]) -> Fault:
    field = ".".join(str(part) for part in detail["loc"])
    value = "（缺）" if detail["type"] == "missing" else _shown(detail["input"])
    if detail["type"] == "extra_forbidden":
        top = len(detail["loc"]) == 1
        known = (
            f"；这里可写：{'、'.join(info.alias or name for name, info in model.model_fields.items())}" if top else ""
        )
        expected = f"没有这个字段，请删去或改正拼写{known}"
    elif detail["type"] == "value_error":
        expected = str(detail["ctx"]["error"])
    else:
        form = _EXPECTED.get(detail["type"])
        expected = form.format_map(_Words(detail.get("ctx", {}))) if form else detail["msg"]
    return Fault(file, field, value, expected)


def _shown(value: object) -> str:
    """Return a value as a message shows it: its first 200 characters, and of deep nesting no more than its upper levels."""
    return (value if isinstance(value, str) else _BRIEF.repr(value))[:200]


_BRIEF = reprlib.Repr()
_BRIEF.maxlevel, _BRIEF.maxlist, _BRIEF.maxdict, _BRIEF.maxstring, _BRIEF.maxother = 4, 20, 20, 200, 200


class _Words(dict[str, Any]):
    """Fills a message; a placeholder that this error does not know prints as nothing."""

    def __missing__(self, key: str) -> str:
        return ""
