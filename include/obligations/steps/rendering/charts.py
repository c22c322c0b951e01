"""Draws a chart as one SVG, the same bytes for the same chart, for web page, PDF and Word alike. Layout of text is ours.

No value axis: every number that is printed is a measure's, as its ``data-measure`` says. Colors are those of Okabe and
Ito, which color-blind readers tell apart; markers and hatching tell them apart on a black and white print.
"""

from __future__ import annotations

import io
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pylopdf_fonts_zh_cn as noto

from obligations.steps.rendering.chart_data import Series, items_of, series_of
from obligations.steps.rendering.chart_svg import MEASURE, standing_alone
from obligations.steps.rendering.docx_layout import text_width
from obligations.steps.rendering.fonts import SANS, glyphs, told_missing
from obligations.words.draft import Chart, NumberRun
from obligations.words.errors import FontFault

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 442, 215
"""Points; the width of the text area."""
COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
MARKERS = "osD^vPX"
HATCHES = ("", "///", "\\\\\\", "---", "xxx", "|||", "+++")
INK = "#1a1a1a"
_SHOWN = "series"
"""Marks what the legend names; matplotlib would leave out a series whose own name begins with an underscore."""
_SIZE = 9
_LABELED_LINES = 2
_LINE_OF_LABEL = 0.07
"""Height of a number written behind a line, in parts of the chart's."""
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
    library = _library()
    with library.rc_context({**_SETTINGS, "svg.hashsalt": chart.id}):
        from matplotlib.figure import Figure

        figure: Figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
        axes = figure.add_subplot()
        items, found = items_of(chart), series_of(chart)
        {"line": _lines, "bar": _bars, "share": _shares}[chart.shape](axes, items, found)
        _arrange(figure, axes, items, [series.name for series in found], is_share=chart.shape == "share")
        stream = io.BytesIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return stream.getvalue()


_SETTINGS: dict[str, Any] = {
    "font.family": [SANS],
    "font.size": _SIZE,
    "text.color": INK,
    "text.parse_math": False,  # a $ in a name is a $
    "svg.fonttype": "none",
    "axes.unicode_minus": False,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.spines.bottom": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "hatch.linewidth": 0.6,
}


@lru_cache(maxsize=1)
def _library() -> Any:
    """Return matplotlib, with our font made known to it once."""
    import matplotlib as library
    from matplotlib import font_manager

    font_manager.fontManager.addfont(noto.sans_path())
    return library


def _arrange(figure: Figure, axes: Axes, items: list[str], names: list[str], *, is_share: bool) -> None:
    """Leave room around the drawing for what is written there, by the width of its characters, and name the series.

    matplotlib's own layout would draw every chart twice to find out.
    """
    longest = max(map(text_width, items)) * _SIZE
    left, bottom, top = 6.0, 18.0, 6.0
    if is_share:
        left, bottom = longest + 8, 6.0
    elif _is_slanted(items):
        left, bottom = max(left, longest * 0.87 - WIDTH / len(items) / 2), min(longest / 2 + 16, HEIGHT / 2)
    if len(names) > 1:  # a single series is named by the caption
        columns = max(1, min(len(names), int(WIDTH / (max(map(text_width, names)) * _SIZE + 40))))
        handles, _ = axes.get_legend_handles_labels()
        figure.legend(handles, names, loc="upper center", ncols=columns, frameon=False, borderaxespad=0.2)
        top += 14 * -(-len(names) // columns)
    right = 34 if len(names) > _LABELED_LINES and not is_share else 6
    figure.subplots_adjust(left / WIDTH, bottom / HEIGHT, 1 - right / WIDTH, 1 - top / HEIGHT)


def _lines(axes: Axes, items: list[str], found: list[Series]) -> None:
    places = range(len(items))
    for position, series in enumerate(found):
        values = [float("nan") if value is None else float(value) for value in series.values()]
        axes.plot(places, values, color=COLORS[position], marker=MARKERS[position], markersize=4, label=_SHOWN)
    if len(found) <= _LABELED_LINES:
        _label_points(axes, found)
    else:
        _label_ends(axes, found)
    axes.margins(x=0.06, y=0.22)
    _name_items(axes, items)


def _label_points(axes: Axes, found: list[Series]) -> None:
    """Write every number, the greater of two above its line and the lesser below."""
    for place in range(len(found[0].numbers)):
        here = [number for series in found if (number := series.numbers[place])]
        for rank, number in enumerate(sorted(here, key=lambda number: Decimal(number.value), reverse=True)):
            _label(axes, number, (place, float(number.value)), (0, -5 if rank else 5))


def _label_ends(axes: Axes, found: list[Series]) -> None:
    """Write the last number of each line behind it, far enough from one another to be read."""
    ends = [max((place, number) for place, number in enumerate(series.numbers) if number) for series in found
            if any(series.numbers)]  # fmt: skip
    low, high = axes.get_ylim()
    least = low
    for place, number in sorted(ends, key=lambda end: Decimal(end[1].value)):
        value = max(float(number.value), least)
        least = value + (high - low) * _LINE_OF_LABEL
        _label(axes, number, (place, value), (6, 0), side="left")


def _bars(axes: Axes, items: list[str], found: list[Series]) -> None:
    width = 0.8 / len(found)
    size = 8 if len(items) * len(found) <= 14 else 6.5  # as many as fit side by side
    for position, series in enumerate(found):
        left = (position - (len(found) - 1) / 2) * width
        places = [place + left for place in range(len(items))]
        heights = [float(value or 0) for value in series.values()]
        axes.bar(places, heights, width * 0.92, label=_SHOWN, color=COLORS[position], hatch=HATCHES[position],
                 edgecolor="white", linewidth=0.4)  # fmt: skip
        for place, number in zip(places, series.numbers, strict=True):
            if number is not None:
                value = float(number.value)
                _label(axes, number, (place, value), (0, 2 if value >= 0 else -2), size)
    axes.axhline(0, color="#666666", linewidth=0.8)
    axes.margins(x=0.02, y=0.12)
    _name_items(axes, items)


def _shares(axes: Axes, items: list[str], found: list[Series]) -> None:
    starts = [0.0] * len(items)
    for position, series in enumerate(found):
        widths = [float(value or 0) for value in series.values()]
        axes.barh(range(len(items)), widths, 0.6, left=starts, label=_SHOWN, color=COLORS[position],
                  hatch=HATCHES[position], edgecolor="white", linewidth=0.4)  # fmt: skip
        for place, number in enumerate(series.numbers):
            if number is not None and widths[place] >= _LEAST_SHARE:
                middle = (starts[place] + widths[place] / 2, place)
                _label(axes, number, middle, (0, 0), boxed=True)
        starts = [start + width for start, width in zip(starts, widths, strict=True)]
    axes.set_xlim(0, max(100.0, *starts))
    axes.set_xticks([])
    axes.set_yticks(range(len(items)), items)
    axes.invert_yaxis()
    axes.tick_params(length=0)


def _name_items(axes: Axes, items: list[str]) -> None:
    slanted = _is_slanted(items)
    axes.set_xticks(range(len(items)), items, rotation=30 if slanted else 0, ha="right" if slanted else "center")
    axes.set_yticks([])
    axes.tick_params(length=0)


def _is_slanted(items: list[str]) -> bool:
    return max(map(text_width, items)) * _SIZE > (WIDTH - 12) / len(items) - 4


def _label(
    axes: Axes,
    number: NumberRun,
    place: tuple[float, float],
    offset: tuple[int, int],
    size: float = 8,
    *,
    side: str = "center",
    boxed: bool = False,
) -> None:
    """Write a number at a place, some points off it; ``boxed`` on white, where it stands on color."""
    box = {"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none"} if boxed else None
    rise = "center" if not offset[1] else "bottom" if offset[1] > 0 else "top"
    text = axes.annotate(number.printed, place, offset, textcoords="offset points", ha=side, va=rise, fontsize=size,
                         bbox=box)  # fmt: skip
    text.set_gid(f"{MEASURE}{number.measure}")
