"""Reads what a department delivers for publication as it is: a document, a list, or a nil report. Pure.

A file is read whole or refused: whatever would be lost (a picture, a footnote, a tracked change) is named. Which words
may be published is for people to judge; how the document is printed is ``publications.submission``.
"""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Iterator

from obligations.rules.delimited import PROSE_SAVED_AS, decode
from obligations.rules.delivery import Delivery, require_size, shown
from obligations.rules.packages import UNREADABLE
from obligations.words.material import GivenPart, GivenTable, Manuscript

NIL_REPORTS = (".零报告.txt", ".零报告.md")
"""Endings of a nil report's file name: ``2026-09.零报告.txt`` holds the reason why there is nothing this period."""
LIMIT_ROWS = 2000
"""Most rows of all tables together: more is a data set, not a document that people review and read."""
FORMS = ".docx、.xlsx、.csv、.md 或 .txt"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OPEN_MARK = "【待填写"
_LOST = {"Co": "造字或私用字符", "Cn": "不能识别的字符", "Cs": "损坏的字符"}


def read_manuscript(data: bytes, delivery: Delivery) -> Manuscript:
    """Read a delivered document; raises BadInput naming everything that cannot be read, and what to do.

    DOCX: paragraphs, headings of three levels, lists, tables. XLSX and CSV: a table a sheet. Markdown and plain text:
    headings, paragraphs, lists, tables. A file named ``….零报告.txt`` (or ``.md``) is a nil report.
    """
    require_size(len(data), delivery)
    name = delivery.file.lower()
    if name.endswith(NIL_REPORTS):
        return _nil_report(data, delivery)
    manuscript = _read(data, name, delivery)
    if not manuscript.parts:
        advice = f"写上内容；本期没有可公开的，改交零报告（文件名以 {NIL_REPORTS[0]} 结尾，写明理由）"
        raise delivery.refuse("没有正文", advice)
    rows = sum(len(part.rows) for part in manuscript.parts if isinstance(part, GivenTable))
    if rows > LIMIT_ROWS:
        fact = f"的表格共有 {rows} 行，超过 {LIMIT_ROWS} 行的上限，应只含本期内容"
        raise delivery.refuse(fact, "删去历史数据，或分成几份")
    for text in _texts(manuscript):
        _require_printable(text, delivery)
    return manuscript


def _read(data: bytes, name: str, delivery: Delivery) -> Manuscript:
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise delivery.refuse("设有打开密码，无法读取", "取消密码并另存")
        raise delivery.refuse(f"是旧格式的文件（.doc、.xls 或 .wps），应为 {FORMS}", "另存为 .docx 或 .xlsx")
    if data.startswith(b"PK"):
        if _is_word(data):
            from obligations.rules.manuscripts.word import read_word  # loads python-docx, which most files do not need

            return Manuscript(*read_word(data, delivery))
        return Manuscript(None, _read_tables(data, delivery))
    if name.endswith(".csv"):
        return Manuscript(None, _read_tables(data, delivery))
    if name.endswith((".md", ".txt")):
        from obligations.rules.manuscripts.markdown_text import read_markdown

        return Manuscript(*read_markdown(data, delivery))
    raise delivery.refuse(f"的格式不能读取，应为 {FORMS}", f"另存为 {FORMS}")


def _read_tables(data: bytes, delivery: Delivery) -> tuple[GivenPart, ...]:
    from obligations.rules.manuscripts.sheets import read_sheets_as_tables  # loads pandas

    return read_sheets_as_tables(data, delivery)


def _is_word(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return "word/document.xml" in package.namelist()
    except UNREADABLE:
        return False  # who reads workbooks says what is wrong with it


def _nil_report(data: bytes, delivery: Delivery) -> Manuscript:
    reason = " ".join(decode(data, delivery, PROSE_SAVED_AS).split())
    if not any(character.isalnum() for character in reason):
        raise delivery.refuse("是零报告，但没有写明理由", "写明本期没有可公开内容的理由")
    _require_printable(reason, delivery)
    return Manuscript(None, (), reason)


def _texts(manuscript: Manuscript) -> Iterator[str]:
    if manuscript.title:
        yield manuscript.title
    for part in manuscript.parts:
        if isinstance(part, GivenTable):
            yield part.caption
            yield from part.headers
            for row in part.rows:
                yield from row
        else:
            yield part.text


def _require_printable(text: str, delivery: Delivery) -> None:
    """Refuse characters that a document cannot carry, and words that still ask to be filled in."""
    if _OPEN_MARK in text:
        raise delivery.refuse(f"“{shown(text)}”还有“{_OPEN_MARK}”字样", "写上实际内容")
    for character in text:
        if (what := _LOST.get(unicodedata.category(character))) is not None:
            raise delivery.refuse(f"“{shown(text.replace(character, '□'))}”中有{what}（□处），不能读取", "改用通用字符")
