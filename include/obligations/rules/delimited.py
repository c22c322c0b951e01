"""Reads CSV bytes into rows of text: UTF-8 with or without BOM, GBK or GB18030, comma or tab. Nothing is guessed twice.

What the cells must hold is ``rules.contract``; where the header stands is ``rules.tabular``.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from itertools import dropwhile

from obligations.rules.delivery import LIMIT_FILLED, LIMIT_ROWS, Delivery, too_many

Rows = list[list[str]]
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ue000-\uf8ff\ufffd]")
_SAVE_AS = "另存为“CSV UTF-8（逗号分隔）”或 .xlsx"
PROSE_SAVED_AS = "用记事本打开，另存为 UTF-8 编码的文本，或改用 .docx"
"""What to do with a text, not a table, whose characters cannot be read."""


def read_delimited(data: bytes, delivery: Delivery) -> Rows:
    """Read every row, blank ones included, so that row numbers are those a spreadsheet program shows.

    Raises BadInput for an unknown encoding, an unknown delimiter, unbalanced quotes or too many rows.
    """
    text = decode(data, delivery)
    delimiter = _delimiter(text, delivery)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: Rows = []
    line, cells = 1, 0
    try:
        for row in reader:
            rows.append(row)
            cells += len(row)
            if len(rows) > LIMIT_ROWS or cells > LIMIT_FILLED:
                raise too_many(delivery)
            line = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            raise delivery.refuse(f"第 {line} 行起有一个单元格过长，可能是引号不成对") from None
        raise delivery.refuse(f"第 {line} 行起引号不成对，应每个引号都有配对") from None
    return rows


def decode(data: bytes, delivery: Delivery, save_as: str = _SAVE_AS) -> str:
    """Decode UTF-8 (with or without BOM) or GB18030 (which contains GBK and GB 2312); raises BadInput otherwise.

    ``save_as``: what the sender is told to do with a file in another encoding.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise delivery.refuse("的编码是 UTF-16，应为 UTF-8 或 GBK", save_as)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        if data.startswith(codecs.BOM_UTF8) or _is_broken_utf8(data):
            raise delivery.refuse(f"第 {line} 行有损坏的字符（不是完整的 UTF-8）", "从原系统重新导出") from None
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError as other:
            line = data.count(b"\n", 0, other.start) + 1
            raise delivery.refuse(f"第 {line} 行的编码无法识别，应为 UTF-8 或 GBK", save_as) from None
    if found := _NOT_TEXT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise delivery.refuse(f"第 {line} 行有不是文字的字符，编码应为 UTF-8 或 GBK", save_as)
    return text


def _is_broken_utf8(data: bytes) -> bool:
    """Tell damaged UTF-8 from GBK: most GBK characters are not valid UTF-8, so damage must be the exception.

    Without this a truncated UTF-8 file would be read as GBK, quietly, into other characters.
    """
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    return sum(character > "\x7f" for character in text) - damaged > damaged


def _delimiter(text: str, delivery: Delivery) -> str:
    unquoted = re.sub(r'"[^"]*"', "", _header(text))
    commas, tabs = unquoted.count(","), unquoted.count("\t")
    if commas and tabs:
        raise delivery.refuse("第 1 行既有逗号又有制表符，应只用一种分隔列")
    if not commas and not tabs and (other := re.search(r"[;；，、|]", unquoted)):
        raise delivery.refuse(f"第 1 行用“{other.group()}”分隔，应以半角逗号或制表符分隔列", _SAVE_AS)
    return "\t" if tabs else ","


def _header(text: str) -> str:
    """Return the first row that is not blank: several lines where a quoted name goes over them."""
    lines = list(dropwhile(lambda line: not line.strip(), text.splitlines()))
    quotes = 0
    for number, line in enumerate(lines, start=1):
        quotes += line.count('"')
        if quotes % 2 == 0:
            return "\n".join(lines[:number])
    return lines[0] if lines else ""
