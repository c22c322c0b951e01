"""A part of a package that expands to more than its directory declares is refused by every reader, and never expanded."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
import zlib

import docx
import pytest
from openpyxl import Workbook

from obligations.rules.delivery import Delivery
from obligations.rules.edited_word.package import open_word
from obligations.rules.manuscripts import read_manuscript
from obligations.rules.manuscripts.word import read_word
from obligations.rules.packages import LIMIT_PARTS
from obligations.rules.workbook import read_sheets, read_workbook
from obligations.words.errors import BadInput

MEGABYTE = 1024 * 1024
HIDDEN = 64 * MEGABYTE


def word() -> bytes:
    document = docx.Document()
    document.add_paragraph("公交客运量增长。")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def workbook() -> bytes:
    book = Workbook()
    book.active.append(["项目", "数量"])
    book.active.append(["客运量", 1])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rewritten(data: bytes, part: str, *, behind: int = 0, declared: int = 0) -> bytes:
    """Return the package with ``behind`` bytes after a part that the directory, size and checksum, knows nothing of.

    ``declared`` is added to the size that the directory tells.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for each in source.namelist():
            content = source.read(each)
            chosen = each == part
            info = zipfile.ZipInfo(each)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, content + bytes(behind if chosen else 0))
            if chosen:
                info.file_size, info.CRC = len(content) + declared, zlib.crc32(content)
    return stream.getvalue()


def as_manuscript(name: str):
    return lambda data: read_manuscript(data, Delivery(name))


READERS = {
    "delivered workbook": (workbook, lambda data: read_workbook(data, Delivery("表.xlsx")), "xl/worksheets/sheet1.xml"),
    "all sheets": (workbook, lambda data: read_sheets(data, Delivery("表.xlsx")), "xl/styles.xml"),
    "manuscript of sheets": (workbook, as_manuscript("表.xlsx"), "xl/workbook.xml"),
    "manuscript in Word": (word, lambda data: read_word(data, Delivery("稿.docx")), "word/document.xml"),
    "edited draft": (word, lambda data: open_word(data, Delivery("稿.docx")), "word/document.xml"),
    "picture of an edited draft": (word, lambda data: open_word(data, Delivery("稿.docx")), "docProps/thumbnail.jpeg"),
}


@pytest.mark.parametrize(("made", "read", "part"), READERS.values(), ids=READERS)
def test_a_part_of_the_size_declared_is_read(made, read, part):
    assert read(rewritten(made(), part))


@pytest.mark.parametrize(("made", "read", "part"), READERS.values(), ids=READERS)
def test_a_part_that_hides_more_behind_the_size_declared_is_refused_before_it_is_expanded(made, read, part):
    data = rewritten(made(), part, behind=HIDDEN)
    read(made())  # libraries are loaded before memory is watched
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="不完整或已损坏") as refused:
            read(data)
        assert len(refused.value.problems) == 1
        assert tracemalloc.get_traced_memory()[1] < HIDDEN / 8
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("declared", [-1, 1])
@pytest.mark.parametrize(("made", "read", "part"), READERS.values(), ids=READERS)
def test_a_part_one_byte_larger_or_smaller_than_declared_is_refused(made, read, part, declared):
    with pytest.raises(BadInput, match="不完整或已损坏"):
        read(rewritten(made(), part, declared=declared))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(("made", "read", "part"), READERS.values(), ids=READERS)
def test_two_parts_of_one_name_are_refused(made, read, part):
    stream = io.BytesIO(made())
    with zipfile.ZipFile(stream, "a") as package:
        package.writestr(part, b"another")
    with pytest.raises(BadInput, match="不完整或已损坏"):
        read(stream.getvalue())


@pytest.mark.parametrize(("made", "read", "part"), READERS.values(), ids=READERS)
def test_a_package_of_thousands_of_parts_is_refused_by_its_directory(made, read, part):
    stream = io.BytesIO(made())
    with zipfile.ZipFile(stream, "a") as package:
        for number in range(LIMIT_PARTS):
            package.writestr(f"part{number}", b"")
    with pytest.raises(BadInput, match="展开后超过 50 MB 的上限"):
        read(stream.getvalue())


@pytest.mark.parametrize(("made", "read", "part"), READERS.values(), ids=READERS)
def test_an_encrypted_part_is_refused(made, read, part):
    data = bytearray(made())
    place = 0
    while (place := data.find(b"PK\x01\x02", place)) >= 0:
        data[place + 8] |= 1  # the flag that says so, of every entry of the directory
        place += 4
    with pytest.raises(BadInput, match="不完整或已损坏"):
        read(bytes(data))
