"""Walks the XML of a Word file: elements in order, whatever wraps them, and the properties that a style hands down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn

NOTHING = {qn(f"w:{name}") for name in ("sectPr", "bookmarkStart", "bookmarkEnd", "proofErr", "permStart", "permEnd")}
"""Elements that carry no content."""
_WRAPPERS = {qn(f"w:{name}") for name in ("sdt", "sdtContent", "customXml", "smartTag")}
_WRAPPED = {qn(f"w:{name}") for name in ("sdtPr", "sdtEndPr", "customXmlPr", "smartTagPr")}


def elements_of(parent: Any) -> Iterator[Any]:
    """Yield the elements of a body or cell in order, those within content controls too."""
    for element in parent:
        if not isinstance(element.tag, str):
            continue  # an XML comment
        if element.tag in _WRAPPERS:
            yield from elements_of(element)
        elif element.tag not in _WRAPPED:
            yield element


def cells_of(row: Any) -> Iterator[Any]:
    """Yield the cells of a table's row."""
    return (element for element in elements_of(row) if element.tag == qn("w:tc"))


def style_name_of(document: Document, paragraph: Any) -> str:
    """Return the paragraph style's name as stored, in lower case: ``heading 1``; empty for the default style."""
    properties = paragraph.find(qn("w:pPr"))
    reference = None if properties is None else properties.find(qn("w:pStyle"))
    if reference is None:
        return ""
    style = _style(document, reference.get(qn("w:val")))
    name = None if style is None else style.find(qn("w:name"))
    return "" if name is None else str(name.get(qn("w:val"), "")).lower()


def _style(document: Document, style_id: str) -> Any | None:
    found = document.styles.element.findall(qn("w:style"))
    return next((style for style in found if style.get(qn("w:styleId")) == style_id), None)


def properties_of(document: Document, paragraph: Any) -> Iterator[Any]:
    """Yield the paragraph's own properties, then those of its style and of the styles that is based on."""
    own = paragraph.find(qn("w:pPr"))
    if own is None:
        return
    yield own
    reference = own.find(qn("w:pStyle"))
    seen: set[str] = set()
    while reference is not None and (style_id := reference.get(qn("w:val"))) not in seen:
        seen.add(style_id)
        style = _style(document, style_id)
        if style is None:
            return
        properties = style.find(qn("w:pPr"))
        if properties is not None:
            yield properties
        reference = style.find(qn("w:basedOn"))
