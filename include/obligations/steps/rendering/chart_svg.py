"""Makes the drawing library's SVG an element of a page: named, described, with no id or style that another could meet.

Numbers carry their measure as ``data-measure``. What is drawn is ``charts``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from lxml import etree

from obligations.steps.rendering.chart_data import described
from obligations.steps.rendering.fonts import SANS
from obligations.words.draft import Chart

MEASURE = "measure:"
"""Begins the id that a drawn number is given, the measure's own id behind it."""
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_OTHER_FAMILIES = ("Source Han Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "SimHei", "sans-serif")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def standing_alone(data: bytes, chart: Chart) -> str:
    """Return matplotlib's file as an element fit to stand in a page: named, described, with no style or id of others."""
    root = etree.fromstring(data, etree.XMLParser(remove_comments=True, resolve_entities=False, no_network=True))
    for tag in ("metadata", f"{_SVG}metadata"):
        for found in list(root.iter(tag)):
            found.getparent().remove(found)
    for style in list(root.iter(f"{_SVG}style")):
        style.getparent().remove(style)
    used = {name.removeprefix("#") for name in root.xpath("//@*[local-name()='href']")}
    used |= {name for text in root.xpath("//@*") for name in _REFERENCE.findall(text)}
    for element in root.iter():
        _rename(element, chart.id, used)
    for group in list(root.iter(f"{_SVG}text")):
        group.set("style", group.get("style", "").replace(f"'{SANS}'", _families()))
    for name in ("width", "height"):
        root.attrib.pop(name)
    for name, value in {"role": "img", "aria-labelledby": f"{chart.id}-title {chart.id}-desc",
                        "stroke-linejoin": "round", "stroke-linecap": "butt"}.items():  # fmt: skip
        root.set(name, value)
    for position, (tag, text) in enumerate((("title", chart.data.caption), ("desc", described(chart)))):
        element = etree.Element(f"{_SVG}{tag}", id=f"{chart.id}-{tag}")
        element.text = text
        root.insert(position, element)
    etree.cleanup_namespaces(root)
    svg: str = etree.tostring(root, encoding="unicode")
    return svg


def _rename(element: Any, chart_id: str, used: set[str]) -> None:
    """Keep only ids that something refers to, and make them this chart's; what names a measure says so."""
    name = element.attrib.pop("id", None)
    if name and name.startswith(MEASURE):
        element.set("data-measure", name.removeprefix(MEASURE))
    elif name in used:
        element.set("id", f"{chart_id}-{name}")
    if _LINK in element.attrib:
        element.set(_LINK, f"#{chart_id}-{element.get(_LINK).removeprefix('#')}")
    for key, value in element.attrib.items():
        if "url(#" in value:
            element.set(key, _REFERENCE.sub(rf"url(#{chart_id}-\1)", value))


@lru_cache(maxsize=1)
def _families() -> str:
    return ", ".join(f"'{name}'" if " " in name else name for name in (SANS, *_OTHER_FAMILIES))
