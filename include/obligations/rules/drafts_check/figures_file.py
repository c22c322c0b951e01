"""Reads figures.json: which measures a draft prints, what each says about itself, and which item it belongs to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from obligations.words.errors import UnusableInput

_ROLE_WORDS = re.compile(r"(?:当月|累计|本期|本月|本周|本季)?(?:数|额|同比|环比|占|比|完成).*$")
_YEAR_BEFORE = re.compile(r"同比|上年|去年")
_PERIOD_BEFORE = re.compile(r"环比|上月|上周|上旬|上季|上期")
_CHANGES = re.compile(r"同比|环比|增减|增幅|变动|变化|涨跌|拉动|同口径|比上|比序时|较上|差")
YEAR, PERIOD = "同比", "环比"


@dataclass(frozen=True, slots=True)
class Known:
    """A measure as figures.json has it.

    Attributes:
        item: name of what it measures (地方级税收收入), empty where nothing tells; role: last part of its id.
        printed: every form it was printed in, the first in a sentence if there is one.
        is_change: it says how something changed, so that its sign needs a word.
        basis: what it compares with, 同比 or 环比; empty for neither or both.
        is_rounded: it was computed, so that its last digit may differ by rounding.
        is_written: it stands in a sentence or table, not only in a chart's picture.
    """

    id: str
    label: str
    value: Decimal
    unit: str
    places: int
    formula: str
    item: str
    role: str
    printed: tuple[str, ...]
    is_change: bool
    basis: str
    is_rounded: bool
    is_written: bool

    @property
    def shown(self) -> str:
        """The first printed form, with the sign that a sentence leaves to its words."""
        first = self.printed[0]
        return f"-{first}" if self.is_change and self.value < 0 and not first.startswith("-") else first


@dataclass(frozen=True, slots=True)
class Figures:
    """A figures file.

    Attributes:
        numbers: measure and printed form of every number by its count in the document.
        offered: what was offered inside a blank, by the blank's name.
    """

    title: str
    period: str
    watermark: str | None
    measures: tuple[Known, ...]
    numbers: Mapping[int, tuple[Known, str]]
    offered: Mapping[str, tuple[Known, ...]] = field(default_factory=dict)


def read_figures(data: bytes, name: str) -> Figures:
    """Read figures.json; raises UnusableInput if it is not one."""
    try:
        found = json.loads(data)
        items = _items(found["measures"])
        measures = {each["id"]: _measure(each, items) for each in found["measures"] if each["value"] is not None}
        numbers = {
            place["number"]: (measures[each["id"]], str(place["printed"]))
            for each in found["measures"]
            if each["id"] in measures
            for place in each["printed"]
        }
        offered = _offered(found.get("offered", []))  # files of drafts made before there was such a list have none
        title, period, watermark = found["title"], found["period"], found.get("watermark")
        return Figures(title, period, watermark, tuple(measures.values()), numbers, offered)
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise UnusableInput(f"{name} 不是本系统起草时生成的 figures.json，应为草稿文件夹里的那一份") from error


def _measure(entry: dict[str, Any], items: dict[str, str]) -> Known:
    is_written = any(not str(place["block"]).startswith("c-") for place in entry["printed"])
    return _known(entry, items, [str(place["printed"]) for place in entry["printed"]], is_written=is_written)


def _offered(entries: list[dict[str, Any]]) -> dict[str, tuple[Known, ...]]:
    items, found = _items(entries), dict[str, list[Known]]()
    for entry in entries:
        known = _known(entry, items, [str(form) for form in entry["printed"]], is_written=False)
        found.setdefault(str(entry["blank"]), []).append(known)
    return {blank: tuple(each) for blank, each in found.items()}


def _known(entry: dict[str, Any], items: dict[str, str], forms: list[str], *, is_written: bool) -> Known:
    group, _, role = entry["id"].rpartition(".")
    label, formula = str(entry["label"]), str(entry["formula"])
    printed = sorted(forms, key=lambda form: form[-1:].isdigit())
    year, before = _YEAR_BEFORE.search(label), _PERIOD_BEFORE.search(label)
    return Known(
        entry["id"],
        label,
        Decimal(entry["value"]),
        str(entry["unit"]),
        int(entry["places"]),
        formula,
        items.get(group, ""),
        role,
        tuple(dict.fromkeys(printed)),
        bool(_CHANGES.search(label)),
        "" if bool(year) == bool(before) else YEAR if year else PERIOD,
        "÷" in formula or " - " in formula,
        is_written,
    )


def _items(measures: list[dict[str, Any]]) -> dict[str, str]:
    """Return the item's name by group of ids (``tax`` of ``tax.progress``): what the labels of a group begin with."""
    labels: dict[str, list[str]] = {}
    for each in measures:
        labels.setdefault(each["id"].rpartition(".")[0], []).append(each["label"])
    names = {}
    for group, found in labels.items():
        name = _ROLE_WORDS.sub("", _common_start(found))
        if group and len(name) > 1:
            names[group] = name
    return names


def _common_start(texts: list[str]) -> str:
    """Return what all texts begin with."""
    first, last = min(texts), max(texts)
    alike = (place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other)
    return first[: next(alike, min(len(first), len(last)))]
