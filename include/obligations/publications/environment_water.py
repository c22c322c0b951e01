"""The classes of a month's water sections: how many, their shares, and the change of each share on the year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obligations.publications.analysis import share_shift, total
from obligations.publications.environment_indicators import CLASSES, GOOD_CLASSES
from obligations.publications.environment_lines import NOW, YEAR, Observation
from obligations.publications.measuring import Measures, Reading, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable

GOOD = "优良（Ⅰ～Ⅲ类）"
Told = dict[str, Any]


def water_classes(measures: Measures, whole: dict[str, Observation]) -> Told | None:
    """Add number and share of each class and of the good ones together; None where the source has no classes."""
    if not set(CLASSES) <= whole.keys():
        return None
    every = [whole[name] for name in CLASSES]
    if not total(each.now for each in every):
        return None  # no section was assessed
    kinds = {name: (name.removesuffix("断面"), [whole[name]]) for name in CLASSES}
    classes = {key: _class(measures, key, name, found, every) for key, (name, found) in kinds.items()}
    good = _class(measures, "good", GOOD, [whole[name] for name in GOOD_CLASSES], every)
    assessed = total(each.now for each in every)
    how, cells = Reading("total", "", f"各类断面{NOW}之和", ()), _cells(every, NOW)
    return {
        "total": measures.add("water.total", "参评断面个数", assessed, how, cells, Unit("个", places=0)),
        "good": good,
        "classes": list(classes.values()),
        "others": [each for key, each in classes.items() if key not in GOOD_CLASSES],
    }


def _class(measures: Measures, key: str, name: str, found: list[Observation], every: list[Observation]) -> Told:
    """Return the measures of one class, or of several together."""
    now, all_now = (total(each.now for each in group) for group in (found, every))
    year, all_year = (total(each.year for each in group) for group in (found, every))
    ids: Told = {"name": name}
    for column, label, value, formula, columns, unit in (
        ("now", "断面个数", now, "来源列“本期”" if len(found) == 1 else f"{name}断面{NOW}之和", (NOW,), "个"),
        ("share", "断面比例", now / all_now * 100, "该类断面数 ÷ 参评断面数 × 100", (NOW,), "%"),
        ("year_share", "断面上年同期比例", year / all_year * 100, "该类断面数 ÷ 参评断面数 × 100", (YEAR,), "%"),
        (
            "shift",
            "断面比例同比",
            share_shift(now, all_now, year, all_year),
            "本期比例 - 上年同期比例",
            (NOW, YEAR),
            "百分点",
        ),
    ):
        cells = _cells(found if column == "now" else every, *columns)
        how = Reading(column, "", formula, ())
        places = 0 if column == "now" else 1
        ids[column] = measures.add(
            f"water.{key}.{column}", f"{name}{label}", value, how, cells, Unit(unit, places=places)
        )
    return ids


def _cells(found: Iterable[Observation], *columns: str) -> list[tuple[Any, str]]:
    return [cell for each in found for cell in each.cells(*columns)]
