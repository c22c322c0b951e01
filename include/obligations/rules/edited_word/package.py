"""Opens a Word package that anybody may have made: bounded, without macros, links to the outside or entities.

What the package says is ``reading``. Nothing is written anywhere, so that what must not be kept is not.
"""

from __future__ import annotations

import io
from typing import Any

import docx
from docx.document import Document
from docx.oxml.ns import qn
from lxml import etree

from obligations.rules.delivery import Delivery, require_size
from obligations.rules.manuscripts.word import require_package

LIMIT_XML_BYTES = 20 * 1024 * 1024
"""Of all text parts: parsed, they take many times as much."""
_DOCUMENT = "word/document.xml"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_XML = (".xml", ".rels")
_CLICKED = "/hyperlink"
"""The one kind of outside address that nothing follows until a person clicks on it."""


def open_word(data: bytes, delivery: Delivery) -> tuple[Document, dict[str, Any]]:
    """Return the document and the root element of every XML part by name; raises BadInput saying what is wrong.

    At most 20 MB as delivered and 50 MB expanded; no macros, no part that lies outside the file, no DTD.
    """
    require_size(len(data), delivery)
    if not data.startswith(b"PK"):
        raise delivery.refuse("不是 .docx 文件（可能是 .doc、.wps，或设有打开密码）", "取消密码并另存为 .docx")
    parts = require_package(data, delivery)
    if _DOCUMENT not in parts:
        raise delivery.refuse("不是完整的 Word 文件", "在 Word 或 WPS 中另存为 .docx")
    texts = {name: part for name, part in parts.items() if name.endswith(_XML)}
    if sum(map(len, texts.values())) > LIMIT_XML_BYTES:
        raise delivery.refuse("的文字展开后超过 20 MB 的上限，应只含本期内容", "删去多余的内容")
    roots = {name: _parsed(name, part, delivery) for name, part in texts.items()}
    _require_plain_word(roots, delivery)
    for name, root in roots.items():
        if name.endswith(".rels"):
            _require_inside(root, delivery)
    try:
        return docx.Document(io.BytesIO(data)), roots
    except Exception as error:  # python-docx raises anything on damaged parts; all of it means unreadable
        raise delivery.refuse("不完整或已损坏，无法打开", "在 Word 或 WPS 中重新保存为 .docx") from error


def _parsed(name: str, data: bytes, delivery: Delivery) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise delivery.refuse(f"的部件 {name} 已损坏，无法读取", "在 Word 或 WPS 中重新保存为 .docx") from error
    if root.getroottree().docinfo.doctype:
        raise delivery.refuse(
            f"的部件 {name} 含有实体声明（DTD），可能夹带外部内容，不予读取", "在 Word 中另存为 .docx"
        )
    return root


def _require_plain_word(roots: dict[str, Any], delivery: Delivery) -> None:
    types = roots.get("[Content_Types].xml")
    kinds = [] if types is None else [(each.get("PartName", ""), each.get("ContentType", "")) for each in types]
    if any("macroEnabled" in kind or "vbaProject" in kind or "activeX" in kind for _, kind in kinds):
        raise delivery.refuse("含有宏或控件，不予读取", "另存为不含宏的 .docx")
    if (f"/{_DOCUMENT}", _WORD) not in kinds or roots[_DOCUMENT].tag != qn("w:document"):
        raise delivery.refuse("不是 Word 文档（.docx）", "在 Word 或 WPS 中另存为 .docx")


def _require_inside(relationships: Any, delivery: Delivery) -> None:
    for each in relationships:
        if isinstance(each.tag, str) and each.get("TargetMode") == "External":
            kind = each.get("Type", "")
            if not kind.endswith(_CLICKED):
                what = kind.rpartition("/")[2] or "未知"
                raise delivery.refuse(
                    f"引用了文件以外的内容（{what}），打开时会自动读取，不予受理", "断开链接或改为嵌入"
                )
