"""The bytes of a plan into its text: TXT, DOCX, HTML or PDF with text, told apart by content and not by suffix. Pure.

A row of a table becomes one line (``row_text``), whatever file it stood in. What cannot be read is refused
in Chinese, with what to do about it; nothing outside the file is opened.
"""

from __future__ import annotations

import re

from obligations.rules.delimited import PROSE_SAVED_AS, decode
from obligations.rules.delivery import LIMIT_BYTES, Delivery
from obligations.words.plans import SourceText

LIMIT_TEXT = 4_000_000
"""Characters of one plan: a hundred times the longest there is."""
AGAIN = "重新运行 obligations extract"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(
    rb"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body|div|table|p|meta|\?xml)\b",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*(utf-?8|gbk|gb2312|gb18030|big5)""", re.IGNORECASE)
_HAN = re.compile("[一-龥]")


def read_source(data: bytes, name: str) -> SourceText:
    """Read a plan; ``name`` is its file's for messages. Raises BadInput."""
    delivery = Delivery(name, again=AGAIN)
    if not data:
        raise delivery.refuse("是空文件，没有内容", "换成有内容的文件")
    if len(data) > LIMIT_BYTES:
        raise delivery.refuse(f"有 {len(data) / 1024 / 1024:.1f} MB，超过 20 MB 的上限", "只留文件正文，删去图片和附件")
    source = _read(data, delivery)
    if len(source.text) > LIMIT_TEXT:
        raise delivery.refuse(f"有 {len(source.text)} 个字符，超过 {LIMIT_TEXT} 个的上限", "只留文件正文")
    if not _HAN.search(source.text):
        raise delivery.refuse("没有读到中文文字", "检查文件；扫描件先做文字识别，另存为 .docx 或 .txt")
    return source


def _read(data: bytes, delivery: Delivery) -> SourceText:
    # here, because each of the readers loads a library that the others do not need
    if data.startswith(b"PK"):
        from obligations.rules.plans.source_docx import docx_text

        return SourceText(delivery.file, *docx_text(data, delivery))
    if data.lstrip()[:5].startswith(b"%PDF"):
        from obligations.rules.plans.source_pdf import pdf_text

        return SourceText(delivery.file, *pdf_text(data, delivery))
    if data.startswith(_OLE):
        raise delivery.refuse("是旧格式（.doc、.wps）或加密的文件", "取消密码，在 Word 或 WPS 中另存为 .docx")
    if data.startswith(b"{\\rtf"):
        raise delivery.refuse("是 RTF 文件", "在 Word 或 WPS 中另存为 .docx")
    if _MARKUP.match(data[:4096]):
        from obligations.rules.plans.source_html import html_text

        return SourceText(delivery.file, html_text(_decoded(data, delivery)))
    return SourceText(delivery.file, decode(data, delivery, PROSE_SAVED_AS))


def _decoded(data: bytes, delivery: Delivery) -> str:
    """Decode a page as it says it is encoded, else as text files are."""
    said = _CHARSET.search(data[:4096])
    if said and said[1].lower() == b"big5":
        return data.decode("big5hkscs", "replace")
    return decode(data, delivery, PROSE_SAVED_AS)
