"""Small facts of WordprocessingML: styles, tracked changes, merged cells, lengths, and every text of a part."""

from __future__ import annotations

import re
from typing import Any

from docx.oxml.ns import qn

_TWIPS_A_MILLIMETER = 1440 / 25.4
_TEXT_TAGS = ("t", "delText", "instrText")
_PROPERTY_TAGS = ("title", "subject", "creator", "keywords", "description", "lpwstr", "category", "lastModifiedBy")


def style_id_of(paragraph: Any) -> str | None:
    """Return the style id of a paragraph, None for the default."""
    reference = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return None if reference is None else str(reference.get(qn("w:val")))


def is_tracked(properties: Any) -> bool:
    """Say whether these properties carry a tracked change."""
    return any(properties.find(qn(f"w:{name}")) is not None for name in ("ins", "del", "moveFrom", "moveTo"))


def is_merged(cell: Any) -> bool:
    """Say whether a cell spans several columns or rows."""
    properties = cell.find(qn("w:tcPr"))
    if properties is None:
        return False
    span = properties.find(qn("w:gridSpan"))
    return (span is not None and span.get(qn("w:val")) != "1") or any(
        properties.find(qn(f"w:{name}")) is not None for name in ("vMerge", "hMerge")
    )


def millimeters(element: Any | None, name: str) -> float | None:
    """Return a length of a page setting, None where there is none."""
    value = "" if element is None else element.get(qn(f"w:{name}"), "")
    return round(int(value) / _TWIPS_A_MILLIMETER, 1) if re.fullmatch(r"-?\d+", value) else None


def texts_of(root: Any) -> str:
    """Return every text of a part, a paragraph a line."""
    lines: list[str] = []
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2]
        if name == "p":
            lines.append("")
        elif name in _TEXT_TAGS and element.text:
            lines[-1:] = [(lines[-1] if lines else "") + element.text]
        elif name in _PROPERTY_TAGS and element.text:
            lines += [element.text, ""]
        elif name == "textpath" and element.get("string"):
            lines += [element.get("string"), ""]
    return "\n".join(line for line in lines if line.strip())
