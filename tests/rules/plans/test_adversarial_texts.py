"""Texts that nobody writes: long ones without a clause, runs of marks, files that lie. Nothing hangs and nothing crashes.

A long text is read in a process of its own that is stopped after minutes: what is tested is that it ends, not how fast.
"""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import given, settings
from hypothesis import strategies as st

from obligations.rules.plans.extract import extract
from obligations.rules.plans.sentences import LONGEST, brackets, sentences
from obligations.rules.plans.sources import read_source
from obligations.rules.plans.stream import plain, stream_of
from obligations.words.errors import BadInput
from obligations.words.plans import SourceText

MINUTES = 10
PROGRAM = (
    "import sys; from obligations.rules.plans.extract import extract; from obligations.words.plans import SourceText;"
    "unit = sys.argv[1]; extract(SourceText('x', unit * (2_000_000 // len(unit)) + '\\n公开'))"
)
ALPHABET = "每月年度公开及时前后内、,。;:()（）“”|一二三1234567890.工作日小时不少于次%各省市局牵头责任单位\n 同步決後"


@pytest.mark.parametrize("unit", ["推进政务公开工作及时", "(", "|", "一、", "公布前", "每月公开第1号情况。", "1"])
def test_two_megabytes_come_to_an_end(unit):
    subprocess.run([sys.executable, "-c", PROGRAM, unit], check=True, timeout=MINUTES * 60)


@settings(max_examples=150, deadline=None)
@given(st.text(ALPHABET, max_size=400))
def test_any_text_is_read_and_every_quote_is_verbatim(text):
    squeezed = "".join(text.split())
    for candidate in extract(SourceText("x", text)).candidates:
        assert "".join(candidate.quote.split()) in squeezed
        assert 1 <= candidate.line <= text.count("\n") + 1


@given(st.text(ALPHABET + "國發說産𠀀", max_size=200))
def test_the_plain_form_has_the_same_length(text):
    assert len(plain(text)) == len(text)
    stream = stream_of(text)
    assert len(stream.plain) == len(stream.at)


@given(st.text(ALPHABET, max_size=3000))
def test_sentences_cover_the_text_once_and_are_short(text):
    found = list(sentences(text))
    assert "".join(text[each.start : each.end] for each in found) == text
    assert all(each.end - each.start <= LONGEST for each in found)


def test_brackets_look_at_each_character_once():
    assert list(brackets("(" * 100_000)) == []
    assert [(each.start, each.end) for each in brackets("甲(乙(丙))丁")] == [(1, 7)]


def word_file(*paragraphs):
    document, file = docx.Document(), io.BytesIO()
    for text in paragraphs:
        document.add_paragraph(text)
    table = document.add_table(rows=2, cols=4)
    for cell, text in zip(
        (*table.rows[0].cells, *table.rows[1].cells),
        ("序号", "工作任务", "责任单位", "完成时限", "1", "公布抽查结果", "市教育局", "6月底前"),
        strict=True,
    ):
        cell.text = text
    document.save(file)
    return file.getvalue()


def test_a_word_file_gives_paragraphs_and_rows():
    found = extract(read_source(word_file("2024年工作要点", "一、任务", "按月公开收支情况。(市财政局)"), "plan.docx"))
    assert [str(each.clock.canonical()) for each in found.candidates] == ["FREQ=MONTHLY", "2024-06-30"]


def changed(data, change):
    """Return a Word file whose body ``change`` was let loose on."""
    document, file = docx.Document(io.BytesIO(data)), io.BytesIO()
    change(document)
    document.save(file)
    return file.getvalue()


def test_a_cell_within_a_content_control_and_a_number_of_a_style_are_read():
    def change(document):
        cell = document.tables[0].rows[1].cells[1]._tc
        control = parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtPr/><w:sdtContent/></w:sdt>")
        cell.addprevious(control)
        control.find(qn("w:sdtContent")).append(cell)
        document.paragraphs[-1].style = document.styles["List Number"]

    source = read_source(changed(word_file("2024年工作要点", "按月公开收支情况。"), change), "plan.docx")
    assert "1. 按月公开收支情况。" in source.text
    assert "1 | 公布抽查结果 | 市教育局 | 6月底前 |" in source.text


def test_a_table_within_a_table_is_told_once():
    def change(document):
        document.tables[0].rows[1].cells[1].add_table(rows=1, cols=2).rows[0].cells[0].text = "每周公开价格"

    source = read_source(changed(word_file("2024年工作要点"), change), "plan.docx")
    assert source.text.count("每周公开价格") == 1


def test_a_list_that_breaks_the_standard_is_refused():
    def change(document):
        number = parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="x"/><w:numId w:val="1"/></w:numPr>')
        document.paragraphs[0]._p.get_or_add_pPr().append(number)

    with pytest.raises(BadInput, match="结构不合规范"):
        read_source(changed(word_file("2024年工作要点"), change), "plan.docx")


def test_a_cell_of_impossible_width_is_refused():
    def change(document):
        properties = document.tables[0].rows[1].cells[1]._tc.get_or_add_tcPr()
        properties.append(parse_xml(f"<w:gridSpan {nsdecls('w')} w:val='x'/>"))

    with pytest.raises(BadInput, match="结构不合规范"):
        read_source(changed(word_file("2024年工作要点"), change), "plan.docx")


def test_a_page_gives_paragraphs_and_rows_without_script():
    page = (
        "<html><body><script>每周公开</script><p>2024年工作要点</p><p>一、任务</p><p>按月公开收支情况。(市财政局)</p><table>"
        "<tr><th>工作任务</th><th>牵头单位</th><th>时限</th></tr><tr><td>公布结果</td><td rowspan=2>市教育局</td><td>6月底前</td></tr>"
        "<tr><td>公布名录</td><td>7月底前</td></tr></table></body></html>"
    )
    found = extract(read_source(page.encode(), "plan.html"))
    assert [(str(each.clock.canonical()), each.departments) for each in found.candidates] == [
        ("FREQ=MONTHLY", ("市财政局",)),
        ("2024-06-30", ("市教育局",)),
        ("2024-07-31", ("市教育局",)),
    ]


def test_entities_of_a_page_open_no_file(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("每周公开机密。", "utf-8")
    page = (
        f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}">]><html><p>工作要点 &x;</p></html>'
    )
    assert "机密" not in read_source(page.encode(), "plan.html").text


def zip_of(**parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name.replace("__", "/"), content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "空文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 100, "另存为 .docx"),
        (b"{\\rtf1 abc", "RTF"),
        (b"PK\x03\x04broken", "损坏"),
        (zip_of(word__document="0" * 60_000_000), "50 MB"),
        (b"%PDF-1.7 broken", "损坏"),
        (b"only latin letters", "没有读到中文"),
        ("工作要点".encode("utf-16"), "的编码是 UTF-16，应为 UTF-8 或 GBK；请用记事本打开，另存为 UTF-8 编码的文本"),
        (b"0" * (20 * 1024 * 1024 + 1), "20 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name_with_what_to_do(data, said):
    with pytest.raises(BadInput) as refused:
        read_source(data, "要点.txt")
    assert "要点.txt" in str(refused.value)
    assert said in str(refused.value)
    assert "请" in str(refused.value)
