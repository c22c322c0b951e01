"""The text of Word paragraphs, run by run. What would be lost on the way is a finding, never a silence.

Formats (fonts, bold, colors) are layout and are left behind; whatever carries meaning and is not text is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

from obligations.rules.delivery import shown

_LEFT_BEHIND = {
    qn(f"w:{name}")
    for name in (
        *("pPr", "rPr", "bookmarkStart", "bookmarkEnd", "proofErr", "permStart", "permEnd", "softHyphen"),
        *("lastRenderedPageBreak", "fldChar", "instrText", "sdtPr", "sdtEndPr", "smartTagPr", "customXmlPr"),
        *("sectPr", "annotationRef", "tblPr", "tblGrid"),
    )
}
_WRAPPERS = {
    qn(f"w:{name}")
    for name in ("r", "hyperlink", "smartTag", "sdt", "sdtContent", "fldSimple", "customXml", "dir", "bdo")
}
_CHARACTERS: dict[str, Callable[[Any], str]] = {
    qn("w:t"): lambda element: element.text or "",
    # a break of page or column is layout
    qn("w:br"): lambda element: "\n" if element.get(qn("w:type"), "textWrapping") == "textWrapping" else "",
    qn("w:cr"): lambda _: "\n",
    qn("w:tab"): lambda _: "\t",
    qn("w:ptab"): lambda _: "\t",
    qn("w:noBreakHyphen"): lambda _: "-",
}
_REFUSED = {
    "w:footnoteReference": ("脚注", "把脚注写进正文或表后的说明"),
    "w:endnoteReference": ("尾注", "把尾注写进正文或文末的说明"),
    **dict.fromkeys(("w:commentReference", "w:commentRangeStart", "w:commentRangeEnd"), ("批注", "处理后删去批注")),
    **dict.fromkeys(
        (
            *("w:ins", "w:del", "w:moveFrom", "w:moveTo", "w:moveFromRangeStart", "w:moveToRangeStart"),
            *("w:moveFromRangeEnd", "w:moveToRangeEnd", "w:delText"),
        ),
        ("修订痕迹", "接受或拒绝全部修订"),
    ),
    "w:object": ("嵌入对象", "删去，内容改为文字或表格"),
    "w:sym": ("特殊符号", "改用输入法能打出的字符"),
    "w:ruby": ("拼音标注", "删去标注"),
    "w:altChunk": ("嵌入的文件", "把内容直接写进正文"),
    "w:subDoc": ("子文档", "把内容直接写进正文"),
    "w:checkBox": ("窗体控件", "改为文字"),
    "m:oMath": ("公式", "改用文字写明"),
    "m:oMathPara": ("公式", "改用文字写明"),
}
_MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_CONTENTS = re.compile(r"\s*TOC\b")
_LINK = re.compile(r'\s*HYPERLINK\s+"([^"]+)"')
_SUPERSCRIPTS = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_RAISED = re.compile(r"[0-9+\-=()n]+")
_OFF = {"0", "false", "off", "none"}
_DEEPEST = 50
"""Fields within one another; each end looks at all text since its beginning."""


def _tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_MATH}}}{local}" if prefix == "m" else qn(name)


_FINDINGS = {_tag(name): finding for name, finding in _REFUSED.items()}
_DRAWN = {
    qn("w:drawing"),
    qn("w:pict"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent",
}


@dataclass
class TextReader:
    """Reads the text of one paragraph.

    Attributes:
        link: relationship id → address of an external link, None for anything else.
        findings: (what cannot be read, what to do), each once.
    """

    link: Callable[[str], str | None]
    findings: dict[str, str] = field(default_factory=dict)
    _text: list[str] = field(default_factory=list)
    _fields: list[tuple[int, list[str]]] = field(default_factory=list)

    def read(self, paragraph: Any) -> str:
        """Return the paragraph's text, one line for each line break; what is not text goes to ``findings``.

        Raises ValueError for fields within one another beyond measure.
        """
        self._children(paragraph)
        return "".join(self._text)

    def _children(self, element: Any) -> None:
        for child in element:
            if isinstance(child.tag, str):  # not an XML comment
                self._element(child)

    def _element(self, element: Any) -> None:
        tag = element.tag
        if tag in _DRAWN:
            self._find(drawn(element), "删去，内容改为文字或表格")
        elif tag in _FINDINGS:
            self._find(*_FINDINGS[tag])
        elif tag == qn("w:r"):
            self._run(element)
        elif tag == qn("w:hyperlink"):
            start = len(self._text)
            self._children(element)
            self._add_address(start, self.link(element.get(qn("r:id"), "")))
        elif tag == qn("w:fldSimple"):
            self._instruction(element.get(qn("w:instr"), ""))
            self._children(element)
        elif tag in _WRAPPERS:
            self._children(element)
        elif tag in _CHARACTERS:
            self._text.append(_CHARACTERS[tag](element))
        elif tag in _LEFT_BEHIND:
            self._field(element)
        else:
            self._find(f"不能识别的内容（{tag.rpartition('}')[2]}）", "删去，内容改为文字或表格")

    def _run(self, run: Any) -> None:
        start = len(self._text)
        self._children(run)
        text = "".join(self._text[start:])
        properties = run.find(qn("w:rPr"))
        if properties is None or not text.strip():
            return
        for name, what, fix in (
            ("strike", "加了删除线的文字", "删去这些文字，或取消删除线"),
            ("dstrike", "加了删除线的文字", "删去这些文字，或取消删除线"),
            ("vanish", "隐藏的文字", "取消隐藏，或删去"),
        ):
            found = properties.find(qn(f"w:{name}"))
            if found is not None and found.get(qn("w:val"), "true") not in _OFF:
                self._find(f"{what}“{shown(text)}”", fix)
        raised = properties.find(qn("w:vertAlign"))
        if raised is not None and raised.get(qn("w:val")) == "superscript":
            if not _RAISED.fullmatch(text):
                self._find(f"上标“{shown(text)}”", "改用文字写明")
            self._text[start:] = [piece.translate(_SUPERSCRIPTS) for piece in self._text[start:]]

    def _field(self, element: Any) -> None:
        """Follow a complex field: its instruction is no text, its result is; a link's address is kept."""
        if element.tag == qn("w:instrText") and self._fields:
            self._fields[-1][1].append(element.text or "")
        if element.tag != qn("w:fldChar"):
            return
        if element.find(qn("w:ffData")) is not None and element.find(f".//{qn('w:checkBox')}") is not None:
            self._find(*_REFUSED["w:checkBox"])
        kind = element.get(qn("w:fldCharType"))
        if kind == "begin":
            if len(self._fields) >= _DEEPEST:
                raise ValueError("fields within fields within fields")
            self._fields.append((len(self._text), []))
        elif kind == "end" and self._fields:
            start, said = self._fields.pop()
            instruction = "".join(said)
            self._instruction(instruction)
            if match := _LINK.match(instruction):
                self._add_address(start, match[1])

    def _instruction(self, instruction: str) -> None:
        if _CONTENTS.match(instruction):
            self._find("自动生成的目录", "删去目录")

    def _add_address(self, start: int, address: str | None) -> None:
        """Write a link's address after its words, unless they are the address."""
        words = "".join(self._text[start:])
        if address and address.removeprefix("mailto:").rstrip("/") not in words:
            self._text.append(f"（{address}）")

    def _find(self, what: str, fix: str) -> None:
        self.findings.setdefault(what, fix)


def drawn(element: Any) -> str:
    """Say what a drawing is: text box, chart, picture or another shape."""
    tags = {str(inner.tag).rpartition("}")[2] for inner in element.iter()}
    if "txbxContent" in tags:
        return "文本框"
    if "chart" in tags:
        return "图表"
    return "图片" if tags & {"pic", "blip", "imagedata"} else "图形"
