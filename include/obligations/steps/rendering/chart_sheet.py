"""A sheet that charts are drawn on, in points from its lower left corner: boxes, lines, text, a legend.

matplotlib's axes would do the same at several times the cost: they measure ticks, grids and labels that no chart of ours
has. What a chart shows is ``chart_data``, where it shows it ``charts``.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.artist import Artist


@dataclass(frozen=True, slots=True)
class Area:
    """The part of a sheet that is drawn on, without what is written around it; points."""

    left: float
    bottom: float
    width: float
    height: float


class Sheet:
    """One chart in the making.

    Args:
        width, height: of the sheet in points.
        area: that values and items are placed in.
    """

    def __init__(self, width: float, height: float, area: Area) -> None:
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        self.area = area
        self._figure = Figure(figsize=(width / 72, height / 72))
        self._points = Affine2D().scale(1 / 72) + self._figure.dpi_scale_trans
        self._low, self._high = 0.0, 1.0

    def set_scale(self, low: float, high: float) -> None:
        """Let the area's height be the values from ``low`` to ``high``; of a single one it is the middle."""
        self._low, self._high = (low, high) if high > low else (low - 0.5, low + 0.5)

    def height(self, value: float) -> float:
        """Return how high a value stands."""
        return self.area.bottom + (value - self._low) / (self._high - self._low) * self.area.height

    def place(self, position: int, count: int, margin: float) -> float:
        """Return where one of ``count`` points stands from left to right, with a margin in parts of their distance."""
        if count == 1:
            return self.area.left + self.area.width / 2
        return self.area.left + self.area.width * (position / (count - 1) + margin) / (1 + 2 * margin)

    def box(self, corner: tuple[float, float], width: float, height: float, color: str, hatch: str) -> Artist:
        """Draw a box from its corner; a negative height goes down."""
        from matplotlib.patches import Rectangle

        drawn = Rectangle(corner, width, height, facecolor=color, hatch=hatch, edgecolor="white", linewidth=0.4,
                          transform=self._points)  # fmt: skip
        return self._figure.add_artist(drawn)

    def line(
        self, places: Sequence[float], heights: Sequence[float], color: str, *, marker: str = "", width: float = 1.5
    ) -> Artist:
        """Draw a line through points; it has a gap where a height is NaN."""
        from matplotlib.lines import Line2D

        drawn = Line2D(places, heights, color=color, marker=marker, markersize=4, linewidth=width,
                       transform=self._points)  # fmt: skip
        return self._figure.add_artist(drawn)

    def text(
        self,
        text: str,
        spot: tuple[float, float],
        *,
        side: str,
        rise: str,
        size: float | None = None,
        turned: float = 0,
        boxed: bool = False,
        name: str | None = None,
    ) -> None:
        """Write text at a spot, which is its ``side`` (left, center, right) and its ``rise`` (top, center, bottom)."""
        box = {"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none"} if boxed else None
        how: dict[str, Any] = {"ha": side, "va": rise, "rotation": turned, "bbox": box, "transform": self._points}
        if size is not None:
            how["fontsize"] = size
        self._figure.text(*spot, text, **how).set_gid(name)

    def legend(self, drawn: Sequence[Artist], names: Sequence[str], columns: int) -> None:
        """Name what was drawn, above everything."""
        self._figure.legend(drawn, names, loc="upper center", ncols=columns, frameon=False, borderaxespad=0.2)

    def as_svg(self) -> bytes:
        """Return the sheet as SVG."""
        stream = io.BytesIO()
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        self._figure.savefig(stream, format="svg", metadata=nothing)
        return stream.getvalue()
