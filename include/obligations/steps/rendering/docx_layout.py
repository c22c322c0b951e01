"""The layout of GB/T 9704-2012 as Word styles and page settings. No content; no red header, seal or document number.

A page holds 22 lines of 28 characters: 3号 (16 pt) at 28.98 pt leading and -0.21 pt tracking. Word stores whole twentieths
of a point, so it is 579 and -5 here: at 580 the 22nd line would not fit, at -4 the 28th character. Fonts carry their official names; a machine without them substitutes.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

from docx import Document
from docx.document import Document as DocxDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm

from obligations.steps.rendering.table_widths import LINE_HEIGHT, SIZES

FANGSONG, KAITI, HEITI, SONGTI, BIAOSONG = "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体", "方正小标宋简体"
LEADING, TRACKING = 579, -5
CHARACTER = 320 + TRACKING
"""Width of one character of body text, in twips."""
_LINE = 28
"""Characters of a line."""
_KEPT_PARTS = ("styles", "settings")

_COMPATIBILITY = (
    '<w:compat {}><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word"'
    ' w:val="15"/></w:compat>'
)
_NORMAL_RUN = (
    f'<w:rPr><w:rFonts w:ascii="{FANGSONG}" w:hAnsi="{FANGSONG}" w:eastAsia="{FANGSONG}" w:cs="{FANGSONG}"/>'
    f'<w:color w:val="000000"/><w:spacing w:val="{TRACKING}"/><w:kern w:val="2"/><w:sz w:val="32"/><w:szCs w:val="32"/>'
    '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr>'
)


@lru_cache(maxsize=1)
def _base() -> bytes:
    """Return an empty document that has our styles and nothing of python-docx's own template."""
    document = Document()
    for owner in (document.part, document.part.package):
        for key, relation in list(owner.rels.items()):
            kind = relation.reltype.rsplit("/", 1)[1]
            if kind not in {*_KEPT_PARTS, "officeDocument", "core-properties"}:
                del owner.rels[key]
    _set_styles(document)
    _set_settings(document)
    _set_page(document)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def empty_document() -> DocxDocument:
    """Return a new empty document in the official layout."""
    return Document(io.BytesIO(_base()))


def _set_page(document: DocxDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    # The page number stands 7 mm below the text area; its own line is 14 pt, about 5 mm.
    section.header_distance, section.footer_distance = Mm(20), Mm(23)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is not None:
        section._sectPr.remove(grid)
    section._sectPr.append(parse_xml(f'<w:docGrid {nsdecls("w")} w:type="lines" w:linePitch="{LEADING}"/>'))


def _set_settings(document: DocxDocument) -> None:
    settings: Any = document.settings.element
    for child in list(settings):
        settings.remove(child)
    for xml in (
        '<w:zoom {} w:percent="100"/>',
        '<w:defaultTabStop {} w:val="420"/>',
        '<w:characterSpacingControl {} w:val="compressPunctuation"/>',
        _COMPATIBILITY,
        '<w:themeFontLang {} w:val="zh-CN" w:eastAsia="zh-CN"/>',
        '<w:decimalSymbol {} w:val="."/>',
        '<w:listSeparator {} w:val=","/>',
    ):
        settings.append(parse_xml(xml.format(nsdecls("w"))))


def _set_styles(document: DocxDocument) -> None:
    styles: Any = document.styles.element
    for child in list(styles):
        styles.remove(child)
    defaults = (
        f"<w:docDefaults {nsdecls('w')}><w:rPrDefault>{_NORMAL_RUN}</w:rPrDefault><w:pPrDefault/></w:docDefaults>"
    )
    styles.append(parse_xml(defaults))
    # As in the PDF, no space is set between characters and digits: it would break the 28 a line and dates in cells.
    unspaced = '<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>'
    exact = f'<w:spacing w:before="0" w:after="0" w:line="{LEADING}" w:lineRule="exact"/>'
    off_grid = '<w:snapToGrid w:val="0"/>'  # LibreOffice would stretch such lines to the page's grid
    close = f'{off_grid}<w:spacing w:before="0" w:after="0" w:line="400" w:lineRule="exact"/>'
    single = '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
    indent = f'<w:ind w:firstLineChars="200" w:firstLine="{2 * CHARACTER}"/>'
    keep = "<w:keepNext/><w:keepLines/>"
    body = f"{exact}{indent}"
    note = f'<w:keepLines/>{close}<w:ind w:firstLineChars="200" w:firstLine="480"/><w:jc w:val="left"/>'
    for style in (
        _style("Normal", "Normal", f'{unspaced}{exact}<w:jc w:val="both"/>', default=True),
        _style("Title", "Title", f'{keep}{off_grid}{exact}<w:jc w:val="center"/>', BIAOSONG, 44),
        _style("Subtitle", "Subtitle", f'{keep}{exact}<w:jc w:val="center"/>', KAITI),
        _style("BodyText", "Body Text", body),
        _style("Heading1", "heading 1", f'{keep}{body}<w:outlineLvl w:val="0"/>', HEITI),
        _style("Heading2", "heading 2", f'{keep}{body}<w:outlineLvl w:val="1"/>', KAITI),
        _style("Heading3", "heading 3", f'{keep}{body}<w:outlineLvl w:val="2"/>', FANGSONG),
        _style("Caption", "caption", f'{keep}{_before(exact, 120)}<w:jc w:val="center"/>', HEITI, 28),
        _style("Picture", "图", f'<w:keepNext/>{off_grid}{_before(single, 120)}<w:jc w:val="center"/>'),
        _style("PictureCaption", "图题", f'<w:keepLines/>{exact}<w:jc w:val="center"/>', HEITI, 28),
        _style("TableUnit", "表格单位", f'{keep}{close}<w:jc w:val="right"/>', FANGSONG, 24),
        *_table_styles(off_grid),
        _style("NoteText", "表注", note, FANGSONG, 24),
        _style("Signature", "Signature", f'<w:keepNext/>{exact}<w:jc w:val="right"/>'),
        _style("Header", "header", f'{single}<w:jc w:val="right"/>', SONGTI, 21),
        _style("Footer", "footer", f'{single}<w:jc w:val="center"/>', SONGTI, 28),
    ):
        styles.append(style)


def table_style(name: str, size: float) -> str:
    """Return the id of the style of a table's ``Head`` or ``Text`` in a size of type."""
    return f"Table{name}{'' if size == SIZES[0] else f'{2 * size:g}'}"


def _table_styles(off_grid: str) -> list[Any]:
    """Return the styles of table heads and cells, a pair a size of type."""
    styles = []
    for size in SIZES:
        points = "" if size == SIZES[0] else f"（{size:g}磅）"
        line = round(size * LINE_HEIGHT * 20)
        spacing = f'{off_grid}<w:spacing w:before="0" w:after="0" w:line="{line}" w:lineRule="exact"/>'
        head = f'{spacing}<w:jc w:val="center"/>'
        styles.append(_style(table_style("Head", size), f"表格表头{points}", head, HEITI, int(2 * size)))
        styles.append(_style(table_style("Text", size), f"表格文字{points}", spacing, SONGTI, int(2 * size)))
    return styles


def _before(spacing: str, twips: int) -> str:
    return spacing.replace('w:before="0"', f'w:before="{twips}"')


def _style(
    style_id: str, name: str, paragraph: str, font: str | None = None, half_points: int = 32, *, default: bool = False
) -> Any:
    """Return a paragraph style; tracking belongs to body size only, so other sizes reset it."""
    run = ""
    if font:
        run = f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}" w:cs="{font}"/>'
        run += (
            ""
            if half_points == 32
            else f'<w:spacing w:val="0"/><w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'
        )
    based = "" if default else '<w:basedOn w:val="Normal"/>'
    flag = ' w:default="1"' if default else ""
    return parse_xml(
        f'<w:style {nsdecls("w")} w:type="paragraph"{flag} w:styleId="{style_id}"><w:name w:val="{name}"/>{based}'
        f"<w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


def right_indents(department: str, date: str) -> tuple[int, int]:
    """Return how far the department's name and the date stand from the right, in twips.

    Without a seal the name ends two characters from the right and the date begins two characters right of where the
    name begins; where the date is too long for that, it ends there and the name moves left (GB/T 9704-2012, 7.3.5.2).
    A name of more than a line begins at the left.
    """
    name, day = min(text_width(department), _LINE - 2), text_width(date)
    if name - day < 2:
        return max(0, int((day + 4 - name) * CHARACTER)), 2 * CHARACTER
    return 2 * CHARACTER, int((name - day) * CHARACTER)


def text_width(text: str) -> float:
    """Return the width of ``text`` in full-width characters."""
    return sum(0.5 if character.isascii() else 1.0 for character in text)
