"""The layout of GB/T 9704-2012 in the Word file, and what a reader of an edited file can find again."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.shared import Mm, Pt
from lxml import etree

from obligations.steps.draft import draft
from obligations.steps.rendering.docx_layout import right_indents
from obligations.steps.rendering.table_widths import TEXT_WIDTH, table_layout
from obligations.words.draft import Chart, DocumentModel, NumberRun, Table, TableColumn, TextRun, runs_of

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FONTS = {
    "Title": ("方正小标宋简体", 22),
    "Normal": ("仿宋_GB2312", 16),
    "Heading 1": ("黑体", 16),
    "Heading 2": ("楷体_GB2312", 16),
    "Heading 3": ("仿宋_GB2312", 16),
    "Footer": ("宋体", 14),
}


@pytest.fixture(scope="module")
def version(case, tmp_path_factory):
    found = case("fiscal-monthly")
    out = tmp_path_factory.mktemp("docx")
    return draft(*found.arguments, version=1, out=out, created_at=found.occurrence.opens_at)


@pytest.fixture(scope="module")
def file(version):
    return docx.Document(version.folder / "document.docx")


@pytest.fixture(scope="module")
def package(version):
    with zipfile.ZipFile(io.BytesIO((version.folder / "document.docx").read_bytes())) as found:
        return {name: found.read(name) for name in found.namelist()}


def test_the_page_is_a4_with_the_official_margins(file):
    section = file.sections[0]
    found = (section.page_width, section.page_height, section.top_margin, section.left_margin, section.right_margin,
             section.bottom_margin)  # fmt: skip
    for length, millimeters in zip(found, (210, 297, 37, 28, 26, 35), strict=True):
        assert abs(length - Mm(millimeters)) < Mm(0.05)


def style_font(file, name):
    """Return the East Asian font and size a style resolves to, following what it is based on."""
    font = size = None
    style = file.styles[name]
    while style is not None:
        properties = style.element.rPr
        fonts = properties.find(f"{W}rFonts") if properties is not None else None
        font = font or (fonts.get(f"{W}eastAsia") if fonts is not None else None)
        size = size or style.font.size
        style = style.base_style
    defaults = file.styles.element.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
    return (
        font or defaults.find(f"{W}rFonts").get(f"{W}eastAsia"),
        size or Pt(int(defaults.find(f"{W}sz").get(f"{W}val")) / 2),
    )


@pytest.mark.parametrize("name", FONTS)
def test_styles_carry_the_official_fonts_and_sizes(name, file):
    font, points = FONTS[name]
    assert style_font(file, name) == (font, Pt(points))


def test_fonts_are_named_for_every_script_and_never_by_theme(package):
    styles = package["word/styles.xml"].decode()
    assert "Theme" not in styles
    for fonts in etree.fromstring(package["word/styles.xml"]).iter(f"{W}rFonts"):
        assert len({fonts.get(f"{W}{script}") for script in ("ascii", "hAnsi", "eastAsia", "cs")}) == 1


def test_a_page_holds_22_lines_of_28_characters(file):
    section = file.sections[0]
    normal = file.styles["Normal"].element.pPr.find(f"{W}spacing")
    assert normal.get(f"{W}lineRule") == "exact"
    line = int(normal.get(f"{W}line")) / 20
    height = (section.page_height - section.top_margin - section.bottom_margin) / 12700
    width = (section.page_width - section.left_margin - section.right_margin) / 12700
    defaults = file.styles.element.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
    character = 16 + int(defaults.find(f"{W}spacing").get(f"{W}val")) / 20
    assert (int(height / line), int(width / character)) == (22, 28)


def test_body_and_headings_are_indented_by_two_characters(file):
    for name in ("Body Text", "Heading 1", "Heading 2", "Heading 3"):
        indent = file.styles[name].element.pPr.find(f"{W}ind")
        assert indent.get(f"{W}firstLineChars") == "200"


def test_headings_are_real_levels(file):
    used = {paragraph.style.name for paragraph in file.paragraphs}
    assert {"Title", "Heading 1", "Heading 2", "Body Text"} <= used
    for level in (1, 2, 3):
        outline = file.styles[f"Heading {level}"].element.pPr.find(f"{W}outlineLvl")
        assert outline.get(f"{W}val") == str(level - 1)


def test_tables_repeat_their_header_and_keep_rows_whole(file):
    (table,) = file.tables
    rows = table._tbl.findall(f"{W}tr")
    assert all(row.trPr.find(f"{W}cantSplit") is not None for row in rows)
    assert [row.trPr.find(f"{W}tblHeader") is not None for row in rows] == [True] + [False] * (len(rows) - 1)


def test_the_page_number_is_centered_between_dashes(package):
    footer = next(data for name, data in package.items() if name.startswith("word/footer"))
    text = "".join(etree.fromstring(footer).itertext())
    assert text == "— 1 —"
    assert b'w:instr=" PAGE "' in footer


def test_there_is_no_red_head_or_seal_and_no_picture_but_the_charts(package, version):
    model = DocumentModel.from_json((version.folder / "model.json").read_bytes())
    charts = sum(isinstance(block, Chart) for block in model.blocks)
    assert charts == 1
    assert sum(name.startswith("word/media") for name in package) == charts
    assert not [name for name in package if "thumbnail" in name]
    for name, data in package.items():
        if name.endswith((".xml", ".rels")):
            assert b"FF0000" not in data.upper()
            assert data.count(b"<w:drawing") == (charts if name == "word/document.xml" else 0)


def test_every_block_and_number_can_be_found_again(file, version):
    model = DocumentModel.from_json((version.folder / "model.json").read_bytes())
    names = [mark.get(f"{W}name") for mark in file.element.iter(f"{W}bookmarkStart")]
    assert len(names) == len(set(names))
    drawn = [run for block in model.blocks if isinstance(block, Chart) for runs in runs_of(block) for run in runs]
    every = [run for runs in model.each_runs() for run in runs]
    # A chart's numbers stand in its picture and, in words, beside it; they are counted all the same.
    numbers = sum(isinstance(run, NumberRun) for run in every) - sum(isinstance(run, NumberRun) for run in drawn)
    assert sum(name.startswith("n_") for name in names) == numbers
    assert sum(name.startswith("f_") for name in names) == len(model.blanks())
    blocks = {block.id for block in model.blocks if block.id != "signature"}
    assert sum(name.startswith("b_") for name in names) == len(blocks)
    assert all(len(name) <= 40 for name in names)


def test_the_file_says_who_made_it_and_nothing_of_the_library(file, package):
    assert file.core_properties.author == "演示单位财政局"
    assert file.core_properties.title == "平潭综合实验区2017年1—6月财政收支情况"
    assert b"python-docx" not in b"".join(package.values())


def test_without_a_seal_the_date_begins_two_characters_right_of_the_name():
    name, date = right_indents("演示县应急管理局和公安局", "2026年9月1日")
    assert name == 2 * 315
    assert date == (12 - 5.5 - 0.5) * 315


def test_a_date_longer_than_the_name_ends_two_characters_from_the_right():
    name, date = right_indents("财政局", "2026年12月31日")
    assert date == 2 * 315
    assert name == (7 + 4 - 3) * 315


def test_the_date_below_a_name_of_more_than_a_line_has_room():
    name, date = right_indents("演示市" + "推进政府职能转变" * 6, "2026年12月31日")
    assert name == 2 * 315
    assert 28 * 315 - date == (7 + 2) * 315  # two characters right of the left edge, where the name begins


def table(columns, rows):
    cells = tuple(tuple((TextRun(cell, "given"),) for cell in row) for row in rows)
    return Table("t", "t", None, "表", "", tuple(TableColumn(name) for name in columns), cells)


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        (("项目", "数"), [("甲", "一")]),
        (("项目",) * 20, [("很长很长的内容很长很长的内容",) * 20]),
        (("项目", "说明"), []),
        (("项目", "说明"), [("甲", "长" * 300)]),
    ],
)
def test_columns_fill_the_text_area_and_none_is_lost(columns, rows):
    widths = table_layout(table(columns, rows)).widths
    assert sum(widths) == TEXT_WIDTH
    assert min(widths) > 200
