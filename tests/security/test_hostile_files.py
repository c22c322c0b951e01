"""Files made to hurt whoever opens them: every reader of ours refuses each in words, or reads what it says and nothing beside."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import docx
import openpyxl
import pytest
from case_counts import tried
from effort import IN_CI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.rules.delivery import Delivery
from obligations.rules.edited_word.reading import read_edited
from obligations.rules.manuscripts import read_manuscript
from obligations.rules.plans.sources import read_source
from obligations.rules.tabular import read_table
from obligations.rules.workbooks.contacts_reading import read_contacts_workbook
from obligations.rules.workbooks.holidays import read_holidays_workbook
from obligations.rules.workbooks.register import read_register
from obligations.steps.verify.page_text import word_text
from obligations.words.errors import BadInput, ObligationsError

SECRET = "canary-of-another-file"  # noqa: S105 - what must not be read
Read = Callable[[bytes], object]
READERS: dict[str, tuple[str, Read]] = {
    "a delivery of rows": ("xlsx", lambda data: read_table(data, Delivery("2026-09.xlsx"))),
    "a register": ("xlsx", lambda data: read_register(data, Delivery("台账.xlsx"))),
    "contacts": ("xlsx", lambda data: read_contacts_workbook(data, Delivery("通讯录.xlsx"), ())),
    "holidays": ("xlsx", lambda data: read_holidays_workbook(data, Delivery("放假.xlsx"))),
    "a manuscript in Word": ("docx", lambda data: read_manuscript(data, Delivery("2026-09.docx"))),
    "a manuscript in Excel": ("xlsx", lambda data: read_manuscript(data, Delivery("2026-09.xlsx"))),
    "an edited draft": ("docx", lambda data: read_edited(data, Delivery("修改稿.docx"))),
    "a plan": ("docx", lambda data: read_source(data, "要点.docx")),
    "a public page": ("docx", word_text),
}
MAIN = {"docx": "word/document.xml", "xlsx": "xl/worksheets/sheet1.xml"}
DOCTYPES = {
    "a billion laughs": '<!DOCTYPE x [<!ENTITY a "哈哈哈哈哈哈哈哈哈哈">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>",
    "an entity that is a file": '<!DOCTYPE x [<!ENTITY i SYSTEM "file://{secret}">]>',
    "an entity that is an address": '<!DOCTYPE x [<!ENTITY i SYSTEM "http://127.0.0.1:9/x">]>',
    "a definition that is a file": '<!DOCTYPE x SYSTEM "file://{secret}">',
    "parameters": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file://{secret}"> %p;]>',
}


def harmless(form: str) -> dict[str, bytes]:
    """Return the parts of a plain file."""
    stream = io.BytesIO()
    if form == "docx":
        document = docx.Document()
        document.add_paragraph("一切正常。")
        document.save(stream)
    else:
        book = openpyxl.Workbook()
        for row in (["期间", "项目"], ["2026-09", "正常"]):
            book.active.append(row)
        book.save(stream)
    with zipfile.ZipFile(stream) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return stream.getvalue()


def outcome(read: Read, data: bytes) -> str:
    """Return all that a reader says of a file, its refusal included; whatever else it raises is a failure."""
    try:
        return str(read(data))
    except ObligationsError as refused:
        said = str(refused)
        assert any("\u4e00" <= character <= "\u9fff" for character in said)
        return said


@pytest.mark.parametrize("attack", DOCTYPES)
@pytest.mark.parametrize("reader", READERS)
def test_no_entity_is_resolved(reader, attack, tmp_path):
    (tmp_path / "secret").write_text(SECRET, "utf-8")
    form, read = READERS[reader]
    parts = harmless(form)
    head, _, body = (
        parts[MAIN[form]].decode().rpartition("?>")
        if b"?>" in parts[MAIN[form]]
        else ("", "", parts[MAIN[form]].decode())
    )
    doctype = DOCTYPES[attack].replace("{secret}", str(tmp_path / "secret"))
    body = body.replace("一切正常。", "&i;") if form == "docx" else body.replace("<v>0</v>", "<v>&i;</v>", 1)
    tried("hostile files: entities")
    parts[MAIN[form]] = (f"{head}?>" if head else "").encode() + f"{doctype}{body}".encode()
    said = outcome(read, packed(parts))
    assert SECRET not in said
    assert "哈哈" not in said
    assert len(said) < 20_000


@pytest.mark.parametrize("reader", READERS)
def test_a_bomb_stays_small(reader):
    form, read = READERS[reader]
    parts = harmless(form)
    tried("hostile files: bombs", 3)
    large = packed({**parts, MAIN[form]: b" " * 60_000_000})
    assert len(large) < 200_000
    many = packed({**parts, **{f"x/{number}": b"" for number in range(2500)}})
    lying = bytearray(packed({**parts, MAIN[form]: b"<a>" + b" " * 5_000_000}))
    # The directory says that a part is small, and the part is not.
    place = lying.rindex(MAIN[form].encode()) - 46
    lying[place + 24 : place + 28] = struct.pack("<I", 1000)
    for data in (large, many, bytes(lying)):
        said = outcome(read, data)
        assert "一切正常" not in said
        assert len(said) < 2000


RUN = "<w:r><w:t>1 </w:t></w:r>"
FIELD = '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>HYPERLINK "http://a"</w:instrText></w:r>'
MARKS = "".join(f'<w:bookmarkStart w:id="{number}" w:name="n_{number}"/>' for number in range(501))
CROWDED = {
    "runs": ("处分开设置格式的文字", f"<w:p>{RUN * 60}</w:p>" * 1001),
    "breaks": ("处手动换行", f"<w:p><w:r>{'<w:br/>' * 20_001}</w:r></w:p>"),
    "paragraphs": ("段，超过 40000 的上限", "<w:p/>" * 40_001),
    "cells": ("个单元格", f"<w:tbl><w:tr>{'<w:tc><w:p/></w:tc>' * 20_001}</w:tr></w:tbl>"),
    "bookmarks of a paragraph": ("书签超过 500 个", f"<w:p>{MARKS}{RUN}</w:p>"),
    "characters of a paragraph": ("有一段超过 20000 字", f"<w:p><w:r><w:t>{'字' * 20_001}</w:t></w:r></w:p>"),
    "characters": ("字的上限，应只含本期内容", f"<w:p><w:r><w:t>{'字' * 19_999}</w:t></w:r></w:p>" * 26),
    "fields within fields": ("结构不合规范", f"<w:p>{FIELD * 51}</w:p>"),
}


@pytest.mark.parametrize("crowd", CROWDED)
def test_an_edited_draft_that_holds_more_than_anybody_reads_is_refused(crowd):
    said, body = CROWDED[crowd]
    tried("hostile files: crowds")
    with pytest.raises(BadInput, match=said):
        read_edited(word_of(body), Delivery("修改稿.docx"))


def test_a_paragraph_of_thousands_of_runs_keeps_each_in_its_place():
    """Each run is measured once; a raised digit is one character as before, so that what follows does not move."""
    raised = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>2</w:t><w:t>3</w:t></w:r>'
    marked = '<w:bookmarkStart w:id="7" w:name="n_7"/><w:r><w:t>99</w:t></w:r><w:bookmarkEnd w:id="7"/>'
    (line, *_) = read_edited(word_of(f"<w:p>{RUN * 3000}{raised}{marked}</w:p>"), Delivery("修改稿.docx")).pieces
    assert line.text == "1 " * 3000 + "²³99"
    assert [(mark.name, line.text[mark.start : mark.end]) for mark in line.marks] == [("n_7", "99")]
    assert [line.text[each.start : each.end] for each in line.formats] == ["1 "] * 3000 + ["²³", "99"]


def word_of(body: str) -> bytes:
    """Return a plain Word file whose body begins with this markup."""
    parts = harmless("docx")
    parts[MAIN["docx"]] = parts[MAIN["docx"]].replace(b"<w:body>", f"<w:body>{body}".encode(), 1)
    return packed(parts)


@pytest.mark.parametrize("name", ["../../../tmp/x", "/etc/x", "..\\x", "word/../../x", "C:/x", "a\x00b"])
@pytest.mark.parametrize("reader", READERS)
def test_no_part_is_written_anywhere(reader, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    form, read = READERS[reader]
    tried("hostile files: paths within packages")
    outcome(read, packed({**harmless(form), name: b"x"}))
    assert list(tmp_path.rglob("*")) == []


SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@pytest.mark.parametrize("reader", READERS)
def test_any_damage_is_refused_in_words_or_read(reader):
    form, read = READERS[reader]
    whole = packed(harmless(form))
    parts = harmless(form)

    @settings(max_examples=120 if IN_CI else 25, deadline=None, suppress_health_check=SLOW)
    @given(st.data())
    def damage(data: st.DataObject) -> None:
        tried("fuzz: packages and their parts")
        if data.draw(st.booleans()):
            broken = bytearray(whole)
            for _ in range(data.draw(st.integers(1, 5))):
                broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
            outcome(read, bytes(broken[: data.draw(st.integers(10, len(broken)))]))
        else:
            name = data.draw(st.sampled_from(sorted(parts)))
            text = bytearray(parts[name])
            at = data.draw(st.integers(0, len(text)))
            text[at : at + data.draw(st.integers(0, 30))] = data.draw(
                st.binary(max_size=20) | st.sampled_from([b"<", b"</", b"&x;", b"\x00", b"]]>"])
            )
            outcome(read, packed({**parts, name: bytes(text)}))

    damage()


@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_such_file_is_refused(reader):
    _, read = READERS[reader]
    kinds = (
        b"",
        b"PK",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0" * 200,
        b"%PDF-1.7",
        b"MZ" * 100,
        b"<html>",
        b"\x00" * 5000,
        b"{\\rtf1",
        b"\xff\xfe" * 50,
    )
    for data in kinds:
        tried("hostile files: other kinds")
        outcome(read, data)
