"""The text layer of a PDF, page by page. Scans have none and are refused; nothing embedded is opened or run."""

from __future__ import annotations

import io
from collections.abc import Iterator

from pypdf import PdfReader

from obligations.rules.delivery import Delivery

LIMIT_PAGES = 400
LIMIT_CHARACTERS = 2_000_000
_AS_TEXT = "先做文字识别，另存为 .docx 或 .txt"


def pdf_text(data: bytes, delivery: Delivery) -> tuple[str, tuple[str, ...]]:
    """Return the text, and a note that tables lose their columns; raises BadInput."""
    try:
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
        count = 0 if locked else len(reader.pages)
        pages = list(_pages(reader)) if not locked and count <= LIMIT_PAGES else []
    except Exception as error:  # pypdf raises anything on damaged files; all of it means unreadable
        raise delivery.refuse("不完整或已损坏，无法打开", "重新导出，或另存为 .docx") from error
    if locked:
        raise delivery.refuse("设有打开密码，无法读取", "取消密码后另存")
    if count > LIMIT_PAGES or sum(map(len, pages)) > LIMIT_CHARACTERS:
        raise delivery.refuse(f"超过 {LIMIT_PAGES} 页或 {LIMIT_CHARACTERS} 个字符的上限", "只留文件正文")
    text = "\n".join(pages)
    if len("".join(text.split())) < 20:
        raise delivery.refuse("没有文字层（多为扫描件）", _AS_TEXT)
    return text, ("PDF 中表格的分栏已丢失，单位和时限请对照原文核对",)


def _pages(reader: PdfReader) -> Iterator[str]:
    """Yield the text of each page, one page beyond the limit at most."""
    total = 0
    for page in reader.pages:
        text = page.extract_text()
        total += len(text)
        yield text
        if total > LIMIT_CHARACTERS:
            return
