"""How runs look: font, size, weight and whether a reader can see them, from the run up through its styles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docx.oxml.ns import qn

from obligations.rules.edited_word.pieces import Format

_OFF = {"0", "false", "off", "none"}
_HIDING = ("vanish", "specVanish", "webHidden")
_WHITE = {"FFFFFF", "FEFEFE", "FDFDFD"}
_LEAST_HALF_POINTS = 8
"""Below four points nobody reads a character."""


class StyleBook:
    """The styles of one document.

    Args:
        root: the ``w:styles`` element.
    """

    def __init__(self, root: Any) -> None:
        self._root = root
        self._styles = {style.get(qn("w:styleId")): style for style in reversed(root.findall(qn("w:style")))}

    def format_of(self, run: Any | None, paragraph_style: str | None, start: int, end: int) -> Format:
        """Return how the text from ``start`` to ``end`` looks in a run of a paragraph with this style id."""
        layers = list(self._layers(run, paragraph_style))
        size = _first(layers, "sz")
        fonts = next((found.get(qn("w:eastAsia")) for found in _all(layers, "rFonts") if _names_chinese(found)), None)
        return Format(
            start,
            end,
            fonts,
            None if size is None else _points(size),
            _is_on(layers, "b"),
            (found := _first(layers, "highlight")) is not None and found != "none",
            _hidden(layers),
        )

    def name_of(self, style_id: str | None) -> str:
        """Return a style's name in lower case, empty for the default or an unknown one."""
        style = self._style(style_id)
        name = None if style is None else style.find(qn("w:name"))
        return "" if name is None else str(name.get(qn("w:val"), "")).lower()

    def _layers(self, run: Any | None, paragraph_style: str | None) -> Iterator[Any]:
        """Yield the run properties that apply, the nearest first."""
        own = None if run is None else run.find(qn("w:rPr"))
        if own is not None:
            yield own
            reference = own.find(qn("w:rStyle"))
            if reference is not None:
                yield from self._chain(reference.get(qn("w:val")))
        yield from self._chain(paragraph_style or self._default())
        defaults = self._root.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
        if defaults is not None:
            yield defaults

    def _chain(self, style_id: str | None) -> Iterator[Any]:
        seen: set[str | None] = set()
        while style_id is not None and style_id not in seen:
            seen.add(style_id)
            style = self._style(style_id)
            if style is None:
                return
            properties = style.find(qn("w:rPr"))
            if properties is not None:
                yield properties
            based = style.find(qn("w:basedOn"))
            style_id = None if based is None else based.get(qn("w:val"))

    def _style(self, style_id: str | None) -> Any | None:
        return self._styles.get(style_id)

    def _default(self) -> str | None:
        for style in self._styles.values():
            if style.get(qn("w:type")) == "paragraph" and style.get(qn("w:default")) in {"1", "true"}:
                return str(style.get(qn("w:styleId")))
        return None


def _all(layers: list[Any], name: str) -> Iterator[Any]:
    return (found for layer in layers if (found := layer.find(qn(f"w:{name}"))) is not None)


def _first(layers: list[Any], name: str) -> str | None:
    found = next(_all(layers, name), None)
    return None if found is None else str(found.get(qn("w:val"), ""))


def _is_on(layers: list[Any], name: str) -> bool:
    found = next(_all(layers, name), None)
    return found is not None and found.get(qn("w:val"), "true") not in _OFF


def _names_chinese(fonts: Any) -> bool:
    return fonts.get(qn("w:eastAsia")) is not None or fonts.get(qn("w:eastAsiaTheme")) is not None


def _points(half_points: str) -> float | None:
    try:
        return float(half_points) / 2
    except ValueError:
        return None


def _hidden(layers: list[Any]) -> str:
    if any(_is_on(layers, name) for name in _HIDING):
        return "隐藏文字"
    if (_first(layers, "color") or "").upper() in _WHITE:
        return "白色文字"
    size = _first(layers, "sz")
    points = None if size is None else _points(size)
    return "极小的文字" if points is not None and points * 2 < _LEAST_HALF_POINTS else ""
