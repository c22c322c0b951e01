"""The PDF: the layout of GB/T 9704-2012, what it says, that hostile text stays text, and what readers by ear need."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obligations.publications.registry import NAMES
from obligations.steps.draft import draft, fill
from obligations.steps.rendering.fonts import font_set
from obligations.steps.rendering.numbering import numbered
from obligations.steps.rendering.pdf import render_pdf, render_png
from obligations.steps.rendering.text import NO_DATE, say_runs
from obligations.words.draft import (
    BlankRun,
    Chart,
    DocumentModel,
    Heading,
    Note,
    Paragraph,
    Signature,
    Table,
    TableColumn,
    TextRun,
)
from obligations.words.errors import FontFault, TemplateFault

REPOSITORY = Path(__file__).parents[3]
PAGES = REPOSITORY / "templates" / "pages"
GOLDEN = REPOSITORY / "tests" / "golden"
UPDATE = os.environ.get("OBLIGATIONS_TEST_UPDATE_GOLDEN") == "1"
CHARACTERS = [chr(code) for code in range(0x20, 0x7F)] + list(
    "，。；：？！、（）《》“”‘’—…·〔〕【】％－１㎡±×÷①㈠Ⅰ℃国龘　"
)
OURS = font_set(installed=False)  # the same lines on every machine


def model_of(blocks, **changes):
    given = DocumentModel(
        kind="case", kind_title="甲", key="demo/case", period="2017-06", version=1, title="题目", subtitle=None,
        region="演示单位", publisher="演示单位财政局", created_at="2026-01-01T00:30:00.123456+08:00", dated=None, watermark="演示数据",
        final=False, based_on=None, warnings=(), blocks=tuple(blocks),
    )  # fmt: skip
    return replace(given, **changes)


def words(text):
    return (TextRun(text, "given"),)


def paragraph(text):
    return Paragraph("p", words(text))


def table(rows, caption="表题", unit="单位：万元", columns=("项目", "数")):
    cells = tuple(tuple(words(cell) for cell in row) for row in rows)
    return Table("t", "t", None, caption, unit, (TableColumn(columns[0], "left"), TableColumn(columns[1])), cells)


def reader(document):
    return pypdf.PdfReader(io.BytesIO(render_pdf(document, PAGES, OURS)))


def pages_of(document):
    """Return the lines of each page without what stands on every page: marks, header and page number."""
    furniture = 0 if document.final and not document.watermark else 2
    pages = []
    for count, page in enumerate(reader(document).pages, start=1):
        lines = page.extract_text().split("\n")
        assert lines[-1] == f"— {count} —"
        pages.append(lines[furniture:-1])
    return pages


def without_space(text):
    return re.sub(r"\s", "", text)


def said(document):
    """Return what the PDF says in its pages, white space and the header that a table repeats on a further page left out."""
    first, *further = (without_space("".join(lines)) for lines in pages_of(document))
    tables = [block for block in document.blocks if isinstance(block, Table)]
    headers = [without_space("".join(column.header for column in table.columns)) for table in tables]
    repeated = {page: max((head for head in headers if page.startswith(head)), key=len, default="") for page in further}
    return first + "".join(page.removeprefix(repeated[page]) for page in further)


def expected(document):
    """Return what the document says, in order, white space left out."""
    parts = [document.title, document.subtitle or ""]
    for block, number in numbered(document.blocks):
        if isinstance(block, Signature):
            parts += [block.department, block.date or NO_DATE]
        elif isinstance(block, Table):
            parts += [number, block.caption, block.unit, *(column.header for column in block.columns)]
            parts += [say_runs(cell) for row in block.rows for cell in row]
        elif not isinstance(block, Chart):
            parts += [number, say_runs(block.runs)]
    return without_space("".join(parts))


@pytest.fixture
def drafted(case, tmp_path):
    def make(name):
        found = case(name)
        return draft(*found.arguments, version=1, out=tmp_path / "d", created_at=found.occurrence.opens_at)

    return make


def read_model(version):
    return DocumentModel.from_json((version.folder / "model.json").read_bytes())


@pytest.mark.parametrize("name", NAMES)
def test_the_pdf_reads_as_its_golden_text(name, drafted):
    found = reader(read_model(drafted(name)))
    text = "\f\n".join(page.extract_text() + "\n" for page in found.pages)
    file = GOLDEN / f"{name}.draft.pdf.txt"
    if UPDATE:
        file.write_text(text, "utf-8")
    assert file.is_file(), f"no golden file {file.name}: set OBLIGATIONS_TEST_UPDATE_GOLDEN=1 once, read it, keep it"
    assert text == file.read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_pdf_says_what_the_document_says_and_nothing_else(name, drafted):
    found = read_model(drafted(name))
    # What is written in a chart is tried with charts.
    document = replace(found, blocks=tuple(block for block in found.blocks if not isinstance(block, Chart)))
    assert said(document) == expected(document)


@pytest.mark.parametrize("name", NAMES)
def test_a_version_has_its_pdf_marked_while_it_is_a_draft(name, drafted, case, tmp_path):
    version = drafted(name)
    final = fill(version.folder, case(name).answers(version.blanks), tmp_path / "f", dated=date(2026, 9, 12))
    drafted_text, final_text = (
        "".join(page.extract_text() for page in pypdf.PdfReader(each.folder / "document.pdf").pages)
        for each in (version, final)
    )
    assert {"document.pdf"} <= set(version.files) & set(final.files)
    assert "送审稿　第1稿　演示数据" in drafted_text
    assert "送审稿" not in final_text
    assert "待填写" not in final_text
    assert "演示数据" in final_text


def test_the_same_document_is_the_same_bytes_in_another_process(drafted):
    version = drafted("fiscal-monthly")
    program = (
        "import hashlib, sys; from pathlib import Path;"
        "from obligations.words.draft import DocumentModel; from obligations.steps.rendering.pdf import render_pdf;"
        "found = DocumentModel.from_json(Path(sys.argv[1]).read_bytes());"
        "print(hashlib.sha256(render_pdf(found, Path(sys.argv[2]))).hexdigest())"
    )
    command = [sys.executable, "-c", program, str(version.folder / "model.json"), str(PAGES)]
    answer = subprocess.run(
        command, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(REPOSITORY / "include"), "TZ": "America/New_York"},
    )  # fmt: skip
    assert answer.stdout.strip() == version.files["document.pdf"]
    assert hashlib.sha256((version.folder / "document.pdf").read_bytes()).hexdigest() == answer.stdout.strip()


def test_a_page_is_a4_and_holds_22_lines_of_28_characters():
    document = model_of([paragraph("国" * 28 * 60)])
    box = reader(document).pages[0].mediabox
    assert (round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) == (210, 297)
    second = pages_of(document)[1]
    assert len(second) == 22
    assert {len(line) for line in second} == {28}


def test_the_text_area_stands_where_the_standard_says():
    found = []

    def visit(text, page, line, *_rest):
        if text.strip("\n"):
            left, bottom = (line[4] * page[0] + page[4], line[5] * page[3] + page[5])
            found.append((text, left / 72 * 25.4, bottom / 72 * 25.4))

    reader(model_of([paragraph("国" * 28 * 60)])).pages[1].extract_text(visitor_text=visit)
    lines = [(left, bottom) for text, left, bottom in found if text.startswith("国")]
    left, top, bottom = (lines[0][0], 297 - max(y for _, y in lines), min(y for _, y in lines))
    assert abs(left - 28) < 0.2
    assert 37 < top < 37 + 10.3  # the first baseline, within the first line of 28.98 pt
    assert 35 < bottom < 35 + 10.3
    number = next(y for text, _, y in found if text.startswith("—"))
    assert 35 - 7 - 14 / 72 * 25.4 < number < 35 - 7  # 7 mm below, and its own height


def test_a_short_table_is_not_torn_and_a_long_one_repeats_its_head_and_keeps_rows_whole():
    rows = [(f"第{count}项" + "长" * 40, "数") for count in range(60)]
    long = pages_of(model_of([paragraph("前" * 28 * 10), table(rows)]))
    assert len(long) > 3
    for lines in long:
        assert lines.count("项目 数") == 1
        joined = "".join(lines)
        assert all(f"第{count}项{'长' * 40}数" in joined for count in range(60) if f"第{count}项" in joined)
    first, second = pages_of(model_of([paragraph("前" * 28 * 15), table(rows[:4])]))
    assert "表题" not in first
    assert second[:3] == ["表题", "单位：万元", "项目 数"]


def test_a_row_higher_than_a_page_breaks_and_loses_nothing():
    text = "".join(chr(0x4E00 + count % 3000) for count in range(3000))
    document = model_of([table([("甲", text)])])
    assert said(document).replace("项目数", "").endswith(text)


def test_a_heading_and_a_signature_never_stand_alone_on_a_page():
    for lines in range(15, 24):
        body = [paragraph("国" * (28 * lines - 2)), Heading("h", 1, words("标题")), paragraph("正文"),
                Signature("signature", "演示单位财政局"), Paragraph("s", words("（此件公开发布）"), "postscript")]  # fmt: skip
        for page in pages_of(model_of(body)):
            joined = "".join(page)
            assert ("标题" in joined) == ("正文" in joined) or joined.index("正文") == 0
            assert ("演示单位财政局" in joined) == ("　年　　月" in joined)
            assert "演示单位财政局" not in joined or "正文" in joined
            assert ("（此件公开发布）" in joined) == ("演示单位财政局" in joined)


HOSTILE = (
    '#eval("1 + 1") #panic() #{1} #[x]',
    "\\ \\u{1F600} \\#",
    "\"引号\" 'x' `码` ```raw```",
    "$x^2$ @ref <label> *粗* _斜_ ~ -- --- ...",
    "// 注释 /* 注释 */ = 题 + 一 / 二",
    '#image("/etc/passwd") #read("publication.typ")',
    '"}],"blocks":[],"title":"x',
    "-1.5 －1.5 https://example.cn/?a=1&b=<2>",
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_text_wherever_it_stands(hostile):
    blank = BlankRun("b", hostile, True, hostile)
    blocks = [
        Heading("h", 1, words(hostile)), Paragraph("p", (*words(hostile), blank)),
        table([(hostile, hostile)], caption=hostile, unit=hostile, columns=(hostile, hostile)), Note("n", words(hostile)),
        Signature("signature", hostile, hostile),
    ]  # fmt: skip
    document = model_of(blocks, title=hostile, subtitle=hostile, publisher=hostile, key=hostile, watermark=None)
    assert said(document) == expected(document)
    assert reader(document).metadata.title == hostile


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(CHARACTERS, min_size=1, max_size=90), min_size=5, max_size=5))
def test_any_text_is_printed_as_it_is(texts):
    title, heading, body, cell, note = (re.sub(r"\s+", " ", text).strip() or "甲" for text in texts)
    blocks = [Heading("h", 2, words(heading)), paragraph(body), table([(cell, body)], caption=note), Note("n", words(note)),
              Signature("signature", heading)]  # fmt: skip
    document = model_of(blocks, title=title, subtitle=cell)
    assert said(document) == expected(document)


def test_a_character_that_cannot_be_printed_is_an_error_and_no_box():
    with pytest.raises(FontFault, match="“🎉”（U\\+1F389）"):
        render_pdf(model_of([paragraph("完成🎉")]), PAGES, OURS)


def test_an_unknown_font_in_the_layout_is_an_error_and_no_substitution(tmp_path):
    layout = (PAGES / "publication.typ").read_text("utf-8").replace("font: songti", 'font: "没有的字体"')
    (tmp_path / "publication.typ").write_text(layout, "utf-8")
    with pytest.raises(FontFault, match="unknown font family: 没有的字体"):
        render_pdf(model_of([paragraph("正文")]), tmp_path, OURS)


def test_a_faulty_layout_is_told_with_its_place(tmp_path):
    (tmp_path / "publication.typ").write_text("#let x = sys.inputs.nothing", "utf-8")
    with pytest.raises(TemplateFault, match=r"版式模板 publication\.typ 不能排版：(?s:.*)nothing"):
        render_pdf(model_of([paragraph("正文")]), tmp_path, OURS)


def test_a_layout_reads_no_file_beside_its_own_folder(tmp_path):
    (tmp_path / "publication.typ").write_text('#read("/../../../../../etc/hostname")', "utf-8")
    with pytest.raises(TemplateFault):
        render_pdf(model_of([paragraph("正文")]), tmp_path, OURS)


def structure(found):
    """Return the tags of the structure tree in order."""
    tags, waiting = [], [found.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop(0).get_object()
        if isinstance(node, list):
            waiting = [*node, *waiting]
        elif isinstance(node, dict):
            tags.append(node.get("/S"))
            waiting = [child for child in [node.get("/K")] if child is not None] + waiting
    return [tag for tag in tags if tag]


def test_the_pdf_is_tagged_named_and_says_its_language():
    document = model_of([Heading("h", 1, words("甲")), paragraph("乙"), table([("丙", "丁")])])
    found = reader(document)
    root = found.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("zh-CN", True)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert (found.metadata.title, found.metadata.author) == ("题目", "演示单位财政局")
    assert found.metadata.subject == "demo/case/2017-06/v1"
    assert found.metadata.creation_date_raw.startswith("D:20260101")
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    tags = structure(found)
    assert {"/Title", "/H1", "/P", "/Table", "/TH", "/TD"} <= set(tags)
    assert tags.count("/TH") == 2
    assert [item.title for item in found.outline] == ["甲"]


@pytest.mark.parametrize("levels", [(2,), (3, 1, 3), (1, 3, 2), (2, 3, 1)])
def test_skipped_heading_levels_of_a_departments_text_are_printed_all_the_same(levels):
    blocks = [each for count, level in enumerate(levels) for each in (Heading(f"h{count}", level, words("甲")), paragraph("乙"))]  # fmt: skip
    document = model_of(blocks)
    assert said(document) == expected(document)


def test_only_fonts_that_were_chosen_are_in_the_file_and_all_are_embedded():
    found = reader(model_of([Heading("h", 1, words("甲")), paragraph("乙㎡①")]))
    fonts = {
        font.get_object()["/BaseFont"].split("+")[1] for page in found.pages for font in page["/Resources"]["/Font"].values()
    }  # fmt: skip
    assert {name.split("-")[0] for name in fonts} == {"NotoSerifSC", "NotoSansSC"}


def test_a_preview_has_a_picture_of_every_page():
    document = model_of([paragraph("国" * 28 * 60)])
    pictures = render_png(document, PAGES, OURS)
    assert len(pictures) == len(reader(document).pages)
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
