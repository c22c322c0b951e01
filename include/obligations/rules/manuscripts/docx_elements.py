"""Walks the XML of a Word file: elements in order, whatever wraps them, and the properties that a style hands down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from docx.document import Document
from docx.oxml.ns import qn

NOTHING = {qn(f"w:{name}") for name in ("sectPr", "bookmarkStart", "bookmarkEnd", "proofErr", "permStart", "permEnd")}
"""Elements that carry no content."""
_STYLES: WeakKeyDictionary[Any, dict[str | None, Any]] = WeakKeyDictionary()
"""Of each document that is being read, its styles by id, the first of two: a paragraph asks several times."""
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
    found = _STYLES.get(document.part)
    if found is None:
        every = document.styles.element.findall(qn("w:style"))
        found = _STYLES[document.part] = {style.get(qn("w:styleId")): style for style in reversed(every)}
    return found.get(style_id)


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


def outline_level_of(document: Document, paragraph: Any) -> int | None:
    """Return the heading level, 1 the highest, that the paragraph or its style says; None for body text."""
    for properties in properties_of(document, paragraph):
        found = properties.find(qn("w:outlineLvl"))
        if found is not None and (value := found.get(qn("w:val"), "9")).isdigit():
            return int(value) + 1 if int(value) < 9 else None
    return None


def list_place_of(document: Document, paragraph: Any) -> tuple[str, int] | None:
    """Return the list that the paragraph or its style says it belongs to, and its level from 0; None for no list.

    Raises ValueError for a level that is no number.
    """
    for properties in properties_of(document, paragraph):
        number = properties.find(qn("w:numPr"))
        if number is not None and (named := number.find(qn("w:numId"))) is not None:
            level = number.find(qn("w:ilvl"))
            return named.get(qn("w:val"), "0"), 0 if level is None else int(level.get(qn("w:val"), "0"))
    return None
