"""The measures of a quarter's drinking water: 达标率 by point and by segment, and what did not meet its limit."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

from obligations.publications.analysis import largest_first, rate_places, share_shift, slip_of_unit, total
from obligations.publications.doubting import say_power
from obligations.publications.drinking_water_lines import (
    ITEMS,
    OK,
    SAMPLES,
    SOURCE,
    VOLUME,
    VOLUME_OK,
    Point,
    Quarter,
    quarters,
)
from obligations.publications.drinking_water_quarterly import SEGMENTS
from obligations.publications.measuring import NAN, QUIET, Measures, Reading, Unit, only_value
from obligations.publications.periods import quarters_before, say_quarter
from obligations.publications.wording import NO_VALUE, say_number
from obligations.words.draft import TableColumn, TablePlan
from obligations.words.errors import BadInput
from obligations.words.publication import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

KEYS = dict(zip(SEGMENTS, ("source", "plant", "tap"), strict=True))
Told = dict[str, Any]
"""What the template tells of a segment or a point: names and measure ids by meaning, None for no number."""


def drinking_water_analysis(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures, a table a segment, the words and the warnings of one quarter.

    Args:
        frame: validated rows of this quarter and, for comparison, of the one before and the same of last year.
        snapshot: the source file.
        period: the quarter.

    Raises BadInput if the quarter has no row or a row contradicts itself.
    """
    quarter, short_quarter = say_quarter(period)
    with localcontext(QUIET):
        now, last, year = quarters(frame, snapshot, (period.key, *quarters_before(period)))
        if not now:
            raise BadInput(snapshot.file, (f"{snapshot.file} 没有期间为“{period.key}”的行，应至少有一个点位",))
        measures = Measures(snapshot, frame, Unit("份", places=0))
        words: Told = {
            "region": only_value(frame, snapshot, "地区"),
            "quarter": quarter,
            "short_quarter": short_quarter,
        }
        tables = {}
        for segment, key in KEYS.items():
            words[key] = None
            if points := now.get(segment):
                words[key] = _segment(measures, key, segment, points, last.get(segment, []), year.get(segment, []))
                caption = f"{quarter}{segment}水质状况"
                tables[key] = _table(measures, points, words[key], caption, is_source=segment == SOURCE)
        words["any_failed"] = any(words[key] and words[key]["failed"] for key in KEYS.values())
        return Analysis(measures.by_id, tables, words, tuple(_warnings(now, last)))


def _segment(
    measures: Measures, key: str, segment: str, points: list[Point], last: list[Point], year: list[Point]
) -> Told:
    """Return what is told of one segment: its sums, its rate and the change of it, its points, and those that failed."""
    add = _adder(measures, key, segment)
    sums, last_sums, year_sums = ((_sum(each, "ok"), _sum(each, "samples")) for each in (points, last, year))
    found = {point.name: _point(measures, key, point) for point in points}
    short = {point.name: point.short for point in points if point.short}
    drawn, within = _sum(points, "volume"), _sum(points, "volume_ok")
    rows, both = _cells(points), (OK, SAMPLES)
    items = sorted(point.items for point in points if point.items.is_finite())
    known = [point for point in points if point.items.is_finite()] if len(items) == len(points) else []
    sorts = {sort: [point for point in points if point.sort == sort] for sort in ("地表水", "地下水")}
    return {
        "name": segment,
        "count": add("count", "点位数", Decimal(len(points)), "点位个数", rows(SAMPLES), "个"),
        "sorts": [
            {"name": sort, "count": add(f"count.{sort}", f"{sort}点位数", Decimal(len(each)), f"{sort}点位个数",
                                        _cells(each)(SAMPLES), "个")}
            for sort, each in sorts.items()
            if each
        ],
        "samples": add("samples", SAMPLES, _sum(points, "samples"), f"各点位{SAMPLES}之和", rows(SAMPLES), "份"),
        "ok": add("ok", OK, _sum(points, "ok"), f"各点位{OK}之和", rows(OK), "份"),
        "items_low": add("items_low", f"最少{ITEMS}", items[0] if known else NAN, f"各点位{ITEMS}的最小值", rows(ITEMS), "项"),
        "items_high": add("items_high", f"最多{ITEMS}", items[-1], f"各点位{ITEMS}的最大值", rows(ITEMS), "项")
        if known and items[0] != items[-1]
        else None,
        "rate": add("rate", "达标率", _rate(*sums), f"{OK} ÷ {SAMPLES} × 100", rows(*both), "%"),
        "quarter_shift": add("quarter_shift", "达标率环比", share_shift(*sums, *last_sums), "本季度达标率 - 上季度达标率",
                             [*rows(*both), *_cells(last)(*both)], "百分点"),
        "year_shift": add("year_shift", "达标率同比", share_shift(*sums, *year_sums), "本季度达标率 - 上年同期达标率",
                          [*rows(*both), *_cells(year)(*both)], "百分点"),
        "volume": add("volume", VOLUME, drawn, f"各点位{VOLUME}之和", rows(VOLUME), "万吨"),
        "volume_ok": add("volume_ok", VOLUME_OK, within, f"各点位{VOLUME_OK}之和", rows(VOLUME_OK), "万吨"),
        "volume_rate": add("volume_rate", "取水量达标率", _rate(within, drawn), f"{VOLUME_OK} ÷ {VOLUME} × 100",
                           rows(VOLUME_OK, VOLUME), "%"),
        "short": add("short", "不达标样品数", _sum(points, "samples") - _sum(points, "ok"), f"{SAMPLES} - {OK}",
                     rows(*both), "份") if short else None,
        "failed": [found[name] for name in largest_first(short)],
        "points": list(found.values()),
        "standards": list(dict.fromkeys(point.standard for point in points)),
    }  # fmt: skip


def _point(measures: Measures, key: str, point: Point) -> Told:
    add = _adder(measures, f"{key}.point.{point.name}", point.name)
    both, row = f"{OK} ÷ {SAMPLES} × 100", _cells([point])
    short = point.short or NAN
    return {
        "name": point.name,
        "sort": point.sort,
        "failed": point.failed,
        "samples": add("samples", SAMPLES, point.samples, f"来源列“{SAMPLES}”", row(SAMPLES), "份"),
        "ok": add("ok", OK, point.ok, f"来源列“{OK}”", row(OK), "份"),
        "items": add("items", ITEMS, point.items, f"来源列“{ITEMS}”", row(ITEMS), "项"),
        "rate": add("rate", "达标率", _rate(point.ok, point.samples), both, row(OK, SAMPLES), "%"),
        "short": add("short", "不达标样品数", short, f"{SAMPLES} - {OK}", row(OK, SAMPLES), "份"),
    }


def _adder(measures: Measures, key: str, label: str) -> Any:
    """Return what adds one measure of ``key``: (column, name, value, formula, cells, unit) → its id, or None."""

    def add(
        column: str, name: str, value: Decimal, formula: str, cells: Iterable[tuple[Any, str]], unit: str
    ) -> str | None:
        how = Reading(column, "", formula, ())
        places = rate_places(value) if unit == "%" else 1 if unit == "百分点" else None
        return measures.add(f"{key}.{column}", f"{label}{name}", value, how, cells, Unit(unit, places=places))

    return add


def _sum(points: list[Point], name: str) -> Decimal:
    """Return a sum over the points; NaN if one has no number, or there is none."""
    return total(getattr(point, name) for point in points) if points else NAN


def _rate(part: Decimal, whole: Decimal) -> Decimal:
    return part / whole * 100 if whole > 0 else NAN


def _cells(points: list[Point]) -> Any:
    def cells(*columns: str) -> list[tuple[Any, str]]:
        return [(point.row, column) for column in columns for point in points]

    return cells


def _table(measures: Measures, points: list[Point], told: Told, caption: str, *, is_source: bool) -> TablePlan:
    header = [TableColumn("点位", "left")] + ([TableColumn("类型", "center")] if is_source else [])
    header += [TableColumn(name) for name in (f"{SAMPLES}（份）", f"{OK}（份）", f"{ITEMS}（项）", "达标率（%）")]
    header.append(TableColumn("不达标项目", "left"))
    rows = [
        (
            each["name"],
            *((each["sort"],) if is_source else ()),
            *(measures.shown(each[name]) for name in ("samples", "ok", "items", "rate")),
            each["failed"] or "无",
        )
        for each in told["points"]
    ]
    if len(points) > 1:
        sums = [measures.shown(told[name]) for name in ("samples", "ok")]
        rate = measures.shown(told["rate"])
        rows.append(("合计", *((NO_VALUE,) if is_source else ()), *sums, NO_VALUE, rate, NO_VALUE))
    return TablePlan(caption, "", tuple(header), tuple(rows))


def _warnings(now: Quarter, last: Quarter) -> list[str]:
    found = []
    for segment in SEGMENTS:
        points, before = now.get(segment, []), {point.name: point for point in last.get(segment, [])}
        if not points:
            found.append(f"没有{segment}的行，正文留有待填写栏。")
            continue
        if gone := [name for name in before if name not in {point.name for point in points}]:
            found.append(f"{segment}上季度有、本季度没有的点位：{'、'.join(gone)}，请核对是否漏报或停用。")
        for point in points:
            past = before.get(point.name)
            if past is None:
                continue
            slip = (
                slip_of_unit(point.volume, past.volume)
                if point.volume.is_finite() and past.volume.is_finite()
                else None
            )
            if slip is not None:
                found.append(f"{segment}{point.name}取水量约为上季度的{say_power(slip)}，请核对单位和小数点。")
            if point.samples * 2 < past.samples:
                found.append(
                    f"{segment}{point.name}监测样品由上季度{past.samples}份减为{point.samples}份，请核对并说明。"
                )
            shift = share_shift(point.ok, point.samples, past.ok, past.samples)
            if shift < 0:
                found.append(
                    f"{segment}{point.name}达标率比上季度下降{say_number(-shift, 1)}个百分点，请说明原因和处置。"
                )
        if not before:
            found.append(f"没有上季度{segment}的行，不列环比。")
    return found
