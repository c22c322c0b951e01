"""Draws a chart as one SVG, the same bytes for the same chart, for web page, PDF and Word alike. Layout of text is ours.

No value axis: every number that is printed is a measure's, as its ``data-measure`` says. Colors are those of Okabe and
Ito, which color-blind readers tell apart; markers and hatching tell them apart on a black and white print.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pylopdf_fonts_zh_cn as noto

from obligations.steps.rendering.chart_data import Series, items_of, series_of
from obligations.steps.rendering.chart_sheet import Area, Sheet
from obligations.steps.rendering.chart_svg import MEASURE, standing_alone
from obligations.steps.rendering.docx_layout import text_width
from obligations.steps.rendering.fonts import SANS, glyphs, told_missing
from obligations.words.draft import Chart, ChartShape, NumberRun
from obligations.words.errors import FontFault

if TYPE_CHECKING:
    from matplotlib.artist import Artist

WIDTH, HEIGHT = 442, 215
"""Points; the width of the text area."""
COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
MARKERS = "osD^vPX"
HATCHES = ("", "///", "\\\\\\", "---", "xxx", "|||", "+++")
INK = "#1a1a1a"
_SIZE = 9
_LABELED_LINES = 2
_LEGEND_LINE, _PAD = 14, 3.5
"""Points: a line of the legend, and between the drawing and what is written around it."""
_WIDEST_BAR = 72
"""Points."""
_LINE_OF_LABEL = 12
"""Points that a number written behind a line needs."""
_LEAST_SHARE = 5
"""A part below this share is too narrow for its number; the table beside the chart has it."""


@lru_cache(maxsize=32)
def draw(chart: Chart) -> str:
    """Return the chart as a self-contained ``<svg>`` element with title and description.

    Raises FontFault if its text has a character that cannot be drawn.
    """
    text = set("".join([chart.data.caption, *(column.header for column in chart.data.columns), *items_of(chart)]))
    have = glyphs(noto.sans_path(), 0)
    if missing := sorted(character for character in text if ord(character) not in have):
        raise FontFault(told_missing(missing))
    return standing_alone(_drawn(chart), chart)


def _drawn(chart: Chart) -> bytes:
    items, found = items_of(chart), series_of(chart)
    with library().rc_context({**_SETTINGS, "svg.hashsalt": chart.id}):
        sheet = Sheet(WIDTH, HEIGHT, _area(chart.shape, items, [series.name for series in found]))
        {"line": _lines, "bar": _bars, "share": _shares}[chart.shape](sheet, items, found)
        return sheet.as_svg()


_SETTINGS: dict[str, Any] = {
    "font.family": [SANS],
    "font.size": _SIZE,
    "text.color": INK,
    "text.parse_math": False,  # a $ in a name is a $
    "svg.fonttype": "none",
    "axes.unicode_minus": False,
    "figure.facecolor": "none",
    "hatch.linewidth": 0.6,
}


@lru_cache(maxsize=1)
def library() -> Any:
    """Return matplotlib, with our font made known to it once."""
    import matplotlib as library
    from matplotlib import font_manager

    font_manager.fontManager.addfont(noto.sans_path())
    return library


def _area(shape: ChartShape, items: list[str], names: list[str]) -> Area:
    """Return where the drawing stands, with room around it for what is written there, by the width of its characters."""
    longest = max(map(text_width, items)) * _SIZE
    left, bottom, top = 6.0, 18.0, 6.0
    if shape == "share":
        left, bottom = longest + 8, 6.0
    elif _is_slanted(items):
        half = (WIDTH - 12) / len(items) / 2 if shape == "bar" else 0.0  # of the first item's slot
        left, bottom = max(left, (longest + 2) * 0.87 - half + _PAD), min(longest / 2 + 16, HEIGHT / 2)
    if len(names) > 1:
        top += _LEGEND_LINE * -(-len(names) // _legend_columns(names))
    right = 34 if shape != "share" and len(names) > _LABELED_LINES else 6
    return Area(left, bottom, WIDTH - left - right, HEIGHT - bottom - top)


def _legend_columns(names: list[str]) -> int:
    return max(1, min(len(names), int(WIDTH / (max(map(text_width, names)) * _SIZE + 40))))


def _name_series(sheet: Sheet, found: list[Series], drawn: list[Artist]) -> None:
    """Name the series above the drawing; a single one is named by the caption."""
    if len(found) > 1:
        names = [series.name for series in found]
        sheet.legend(drawn, names, _legend_columns(names))


def _lines(sheet: Sheet, items: list[str], found: list[Series]) -> None:
    values = [float(value) for series in found for value in series.values() if value is not None]
    spread = max(values) - min(values)
    sheet.set_scale(min(values) - 0.22 * spread, max(values) + 0.22 * spread)
    places = [sheet.place(place, len(items), 0.06) for place in range(len(items))]
    drawn = []
    for position, series in enumerate(found):
        heights = [float("nan") if value is None else sheet.height(float(value)) for value in series.values()]
        drawn.append(sheet.line(places, heights, COLORS[position], marker=MARKERS[position]))
    if len(found) <= _LABELED_LINES:
        _label_points(sheet, places, found)
    else:
        _label_ends(sheet, places, found)
    _name_items(sheet, items, places)
    _name_series(sheet, found, drawn)


def _label_points(sheet: Sheet, places: list[float], found: list[Series]) -> None:
    """Write every number, the greater of two above its line and the lesser below."""
    for position, place in enumerate(places):
        here = [number for series in found if (number := series.numbers[position])]
        for rank, number in enumerate(sorted(here, key=lambda number: Decimal(number.value), reverse=True)):
            _label(sheet, number, (place, sheet.height(float(number.value))), (0, -5 if rank else 5))


def _label_ends(sheet: Sheet, places: list[float], found: list[Series]) -> None:
    """Write the last number of each line behind it, far enough from one another to be read."""
    ends = [max((place, number) for place, number in zip(places, series.numbers, strict=True) if number) for series in found
            if any(series.numbers)]  # fmt: skip
    least = 0.0
    for place, number in sorted(ends, key=lambda end: Decimal(end[1].value)):
        height = max(sheet.height(float(number.value)), least)
        least = height + _LINE_OF_LABEL
        _label(sheet, number, (place, height), (6, 0), side="left")


def _bars(sheet: Sheet, items: list[str], found: list[Series]) -> None:
    values = [float(value) for series in found for value in series.values() if value is not None]
    low, high = min(0.0, *values), max(0.0, *values)
    spread = 0.12 * (high - low)
    sheet.set_scale(low - spread if low else 0.0, high + spread if high else 0.0)
    slot = sheet.area.width / len(items)
    width = min(0.8 * slot / len(found), _WIDEST_BAR)
    size = 8 if len(items) * len(found) <= 14 else 6.5  # as many as fit side by side
    places = [sheet.area.left + (place + 0.5) * slot for place in range(len(items))]
    drawn = []
    for position, series in enumerate(found):
        off = (position - (len(found) - 1) / 2) * width
        for place, number in zip(places, series.numbers, strict=True):
            height = sheet.height(float(number.value) if number else 0.0)
            corner = (place + off - 0.46 * width, sheet.height(0))
            box = sheet.box(corner, 0.92 * width, height - corner[1], COLORS[position], HATCHES[position])
            if number is not None:
                rise = 2 if float(number.value) >= 0 else -2
                _label(sheet, number, (place + off, height), (0, rise), size)
        drawn.append(box)
    sheet.line([sheet.area.left, sheet.area.left + sheet.area.width], [sheet.height(0)] * 2, "#666666", width=0.8)
    _name_items(sheet, items, places)
    _name_series(sheet, found, drawn)


def _shares(sheet: Sheet, items: list[str], found: list[Series]) -> None:
    values = [[float(value or 0) for value in series.values()] for series in found]
    sums = [sum(parts) for parts in zip(*values, strict=True)]
    scale = sheet.area.width / max(100.0, *sums)
    slot = sheet.area.height / len(items)
    middles = [sheet.area.bottom + sheet.area.height - (place + 0.5) * slot for place in range(len(items))]
    starts = [sheet.area.left] * len(items)
    drawn = []
    for position, series in enumerate(found):
        for place, (number, share) in enumerate(zip(series.numbers, values[position], strict=True)):
            corner = (starts[place], middles[place] - 0.3 * slot)
            box = sheet.box(corner, share * scale, 0.6 * slot, COLORS[position], HATCHES[position])
            if number is not None and share >= _LEAST_SHARE:
                _label(sheet, number, (starts[place] + share * scale / 2, middles[place]), (0, 0), boxed=True)
            starts[place] += share * scale
        drawn.append(box)
    for item, middle in zip(items, middles, strict=True):
        sheet.text(item, (sheet.area.left - _PAD, middle), side="right", rise="center_baseline")
    _name_series(sheet, found, drawn)


def _name_items(sheet: Sheet, items: list[str], places: list[float]) -> None:
    slanted = _is_slanted(items)
    for item, place in zip(items, places, strict=True):
        spot = (place, sheet.area.bottom - _PAD)
        sheet.text(item, spot, side="right" if slanted else "center", rise="top", turned=30 if slanted else 0)


def _is_slanted(items: list[str]) -> bool:
    return max(map(text_width, items)) * _SIZE > (WIDTH - 12) / len(items) - 4


def _label(
    sheet: Sheet,
    number: NumberRun,
    spot: tuple[float, float],
    offset: tuple[int, int],
    size: float = 8,
    *,
    side: str = "center",
    boxed: bool = False,
) -> None:
    """Write a number at a spot, some points off it; ``boxed`` on white, where it stands on color."""
    rise = "center" if not offset[1] else "bottom" if offset[1] > 0 else "top"
    off = (spot[0] + offset[0], spot[1] + offset[1])
    sheet.text(number.printed, off, side=side, rise=rise, size=size, boxed=boxed, name=f"{MEASURE}{number.measure}")
