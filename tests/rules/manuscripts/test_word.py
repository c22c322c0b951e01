"""Word files are read whole or refused: each thing that would be lost is named, with its place and what to do."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from obligations.rules.delivery import Delivery
from obligations.rules.manuscripts import read_manuscript
from obligations.words.errors import BadInput
from obligations.words.material import GivenHeading, GivenParagraph, GivenTable, Manuscript

W = nsdecls("w", "r", "a", "pic", "wp")
M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
AGAIN = "后重新放入收件夹。"


def saved(document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def read(document) -> Manuscript:
    return read_manuscript(saved(document), Delivery("2026-09.docx"))


def refusal(document) -> tuple[str, ...]:
    with pytest.raises(BadInput) as refused:
        read(document)
    return refused.value.problems


def with_run(xml: str):
    """Return a document whose one paragraph begins 本月供水 and goes on with a run of this XML."""
    document = docx.Document()
    paragraph = document.add_paragraph("本月供水")
    paragraph._p.append(parse_xml(f"<w:r {W} {M}>{xml}</w:r>"))
    return document


def with_element(xml: str):
    """Return a document whose one paragraph begins 本月供水 and goes on with this XML."""
    document = docx.Document()
    document.add_paragraph("本月供水")._p.append(parse_xml(xml))
    return document


@pytest.mark.parametrize(
    "properties",
    ['<w:outlineLvl w:val="²"/>', '<w:numPr><w:ilvl w:val="x"/><w:numId w:val="1"/></w:numPr>'],
    ids=["outline level", "list level"],
)
def test_a_level_that_is_no_number_is_refused_with_words_instead_of_a_crash(properties):
    document = docx.Document()
    document.add_paragraph("本月供水")._p.insert(0, parse_xml(f"<w:pPr {W}>{properties}</w:pPr>"))
    assert refusal(document) == (
        f"文件 2026-09.docx 的结构不合规范，无法读取；请在 Word 或 WPS 中重新保存为 .docx{AGAIN}",
    )


def test_headings_paragraphs_tables_and_the_title_are_read_in_order():
    document = docx.Document()
    document.add_heading("供水情况", 0)
    document.add_heading("一、水质", 1)
    document.add_heading("（一）出厂水", 2)
    document.add_paragraph("全部合格。")
    document.add_paragraph("表1 检测结果", style="Caption")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("项目", "结果", "浊度", "0.3"), strict=True):
        cell.text = text
    document.add_paragraph("特此报告。")
    assert read(document) == Manuscript(
        "供水情况",
        (
            GivenHeading(1, "一、水质"),
            GivenHeading(2, "（一）出厂水"),
            GivenParagraph("全部合格。"),
            GivenTable("表1 检测结果", ("项目", "结果"), (("浊度", "0.3"),)),
            GivenParagraph("特此报告。"),
        ),
    )


def test_a_line_break_parts_paragraphs_and_a_page_break_does_not():
    document = docx.Document()
    document.add_paragraph("第一行\n第二行").add_run().add_break(docx.enum.text.WD_BREAK.PAGE)
    assert read(document).parts == (GivenParagraph("第一行"), GivenParagraph("第二行"))


def test_a_raised_digit_stays_raised():
    document = docx.Document()
    paragraph = document.add_paragraph("绿地12m")
    paragraph.add_run("2").font.superscript = True
    assert read(document).parts == (GivenParagraph("绿地12m²"),)


def test_the_address_of_a_link_is_kept_after_its_words():
    document = docx.Document()
    paragraph = document.add_paragraph("详见")
    address = "https://example.gov.cn/water"
    link = document.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    paragraph._p.append(parse_xml(f'<w:hyperlink {W} r:id="{link}"><w:r><w:t>水质公告</w:t></w:r></w:hyperlink>'))
    assert read(document).parts == (GivenParagraph(f"详见水质公告（{address}）"),)


def test_the_address_of_a_link_that_is_a_field_is_kept_too():
    document = docx.Document()
    paragraph = document.add_paragraph("详见")
    for xml in (
        '<w:fldChar w:fldCharType="begin"/>',
        '<w:instrText xml:space="preserve"> HYPERLINK "https://example.gov.cn/water" </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        "<w:t>水质公告</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
    ):
        paragraph._p.append(parse_xml(f"<w:r {W}>{xml}</w:r>"))
    assert read(document).parts == (GivenParagraph("详见水质公告（https://example.gov.cn/water）"),)


def test_text_within_a_content_control_is_read():
    document = with_element(f"<w:sdt {W}><w:sdtPr/><w:sdtContent><w:r><w:t>120万吨</w:t></w:r></w:sdtContent></w:sdt>")
    assert read(document).parts == (GivenParagraph("本月供水120万吨"),)


def numbered(document, *levels):
    """Define a list of these levels, (format, text), and return a function that adds a paragraph at a level."""
    numbering = document.part.numbering_part.element
    xml = "".join(
        f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for place, (form, text) in enumerate(levels)
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="90">{xml}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {W} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))

    def add(text, level=0):
        paragraph = document.add_paragraph(text)
        properties = paragraph._p.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {W}><w:ilvl w:val="{level}"/><w:numId w:val="90"/></w:numPr>'))

    return add


def test_the_ordinals_that_word_counts_are_written_out():
    document = docx.Document()
    add = numbered(document, ("chineseCountingThousand", "（%1）"), ("decimal", "%1.%2"), ("bullet", ""))
    for text, level in (("甲", 0), ("子", 1), ("丑", 1), ("点", 2), ("乙", 0), ("寅", 1)):
        add(text, level)
    texts = [part.text for part in read(document).parts]
    assert texts == ["（一）甲", "一.1 子", "一.2 丑", "• 点", "（二）乙", "二.1 寅"]


def test_a_list_that_counts_in_an_unknown_way_is_refused_by_place():
    document = docx.Document()
    numbered(document, ("aiueo", "%1"))("甲项工作")
    said = (
        f"文件 2026-09.docx 第 1 段（“甲项工作”）用了不能识别的自动编号，编号不在文字里；请把编号改为手写的文字{AGAIN}"
    )
    assert refusal(document) == (said,)


DRAWING = (
    '<w:drawing><wp:inline><a:graphic><a:graphicData uri="u">{}</a:graphicData></a:graphic></wp:inline></w:drawing>'
)
TEXT_BOX = '<v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent><w:p/></w:txbxContent></v:textbox></v:shape>'
RUNS = {
    "a picture": (DRAWING.format("<pic:pic/>"), "有图片，不能读取；请删去，内容改为文字或表格"),
    "a chart": (
        DRAWING.format('<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"/>'),
        "有图表，不能读取；请删去，内容改为文字或表格",
    ),
    "a text box": (
        f"<w:pict>{TEXT_BOX}</w:pict>",
        "有文本框，不能读取；请删去，内容改为文字或表格",
    ),
    "a shape": (DRAWING.format("<a:other/>"), "有图形，不能读取；请删去，内容改为文字或表格"),
    "an embedded object": ("<w:object/>", "有嵌入对象，不能读取；请删去，内容改为文字或表格"),
    "a footnote": ('<w:footnoteReference w:id="2"/>', "有脚注，不能读取；请把脚注写进正文或表后的说明"),
    "an endnote": ('<w:endnoteReference w:id="2"/>', "有尾注，不能读取；请把尾注写进正文或文末的说明"),
    "a comment": ('<w:commentReference w:id="0"/>', "有批注，不能读取；请处理后删去批注"),
    "a symbol of a symbol font": (
        '<w:sym w:font="Wingdings" w:char="F0FC"/>',
        "有特殊符号，不能读取；请改用输入法能打出的字符",
    ),
    "struck text": (
        "<w:rPr><w:strike/></w:rPr><w:t>20万吨</w:t>",
        "有加了删除线的文字“20万吨”，不能读取；请删去这些文字，或取消删除线",
    ),
    "hidden text": (
        "<w:rPr><w:vanish/></w:rPr><w:t>20万吨</w:t>",
        "有隐藏的文字“20万吨”，不能读取；请取消隐藏，或删去",
    ),
    "raised words": (
        '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>注</w:t>',
        "有上标“注”，不能读取；请改用文字写明",
    ),
    "something new": ("<w:novelty/>", "有不能识别的内容（novelty），不能读取；请删去，内容改为文字或表格"),
}


@pytest.mark.parametrize("name", RUNS)
def test_what_is_not_text_is_refused_by_name_and_place(name):
    xml, said = RUNS[name]
    place = "本月供水20万吨" if "20万吨" in xml else "本月供水注" if "注</w:t>" in xml else "本月供水"
    assert refusal(with_run(xml)) == (f"文件 2026-09.docx 第 1 段（“{place}”）{said}{AGAIN}",)


ELEMENTS = {
    "inserted text": f"<w:ins {W}><w:r><w:t>十</w:t></w:r></w:ins>",
    "deleted text": f"<w:del {W}><w:r><w:delText>十</w:delText></w:r></w:del>",
    "moved text": f"<w:moveFrom {W}><w:r><w:t>十</w:t></w:r></w:moveFrom>",
}


@pytest.mark.parametrize("name", ELEMENTS)
def test_tracked_changes_are_refused(name):
    said = f"文件 2026-09.docx 第 1 段（“本月供水”）有修订痕迹，不能读取；请接受或拒绝全部修订{AGAIN}"
    assert refusal(with_element(ELEMENTS[name])) == (said,)


def test_a_formula_is_refused():
    said = f"文件 2026-09.docx 第 1 段（“本月供水”）有公式，不能读取；请改用文字写明{AGAIN}"
    assert refusal(with_element(f"<m:oMath {M}/>")) == (said,)


def test_a_generated_table_of_contents_is_refused():
    xml = f'<w:fldSimple {W} w:instr=" TOC \\o "><w:r><w:t>目录</w:t></w:r></w:fldSimple>'
    said = f"文件 2026-09.docx 第 1 段（“本月供水目录”）有自动生成的目录，不能读取；请删去目录{AGAIN}"
    assert refusal(with_element(xml)) == (said,)


def test_everything_wrong_is_told_at_once():
    document = with_run("<w:object/>")
    document.add_paragraph("另有")._p.append(parse_xml(f'<w:r {W}><w:footnoteReference w:id="2"/></w:r>'))
    assert [said.split("，")[0] for said in refusal(document)] == [
        "文件 2026-09.docx 第 1 段（“本月供水”）有嵌入对象",
        "文件 2026-09.docx 第 2 段（“另有”）有脚注",
    ]


def test_a_nested_table_is_refused():
    document = docx.Document()
    document.add_table(2, 2).cell(1, 1).add_table(1, 1)
    said = f"文件 2026-09.docx 第 1 个表格有嵌套表格，不能读取；请把里面的表格单独列出{AGAIN}"
    assert refusal(document) == (said,)


def test_merged_cells_are_refused():
    document = docx.Document()
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "合计"
    said = f"文件 2026-09.docx 第 1 个表格有合并单元格，不能读取；请取消合并并逐格填写{AGAIN}"
    assert refusal(document) == (said,)


def test_a_picture_in_a_cell_is_refused():
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).paragraphs[0]._p.append(
        parse_xml(f"<w:r {W}>{DRAWING.format('<pic:pic/>')}</w:r>")
    )
    said = f"文件 2026-09.docx 第 1 个表格有图片，不能读取；请删去，内容改为文字或表格{AGAIN}"
    assert refusal(document) == (said,)


def test_a_row_with_another_number_of_cells_is_refused():
    document = docx.Document()
    table = document.add_table(2, 2)
    table.cell(0, 0).text = "项目"
    row = table.rows[1]._tr
    row.remove(row.tc_lst[1])
    said = f"文件 2026-09.docx 第 1 个表格第 2 行有 1 格，应与第 1 行一样是 2 格；请补齐或拆分这一行{AGAIN}"
    assert refusal(document) == (said,)


def test_a_heading_below_the_third_level_is_refused():
    document = docx.Document()
    document.add_heading("细目", 4)
    said = f"文件 2026-09.docx 第 1 段（“细目”）是第 4 级标题，标题最多三级；请改为正文或较高一级的标题{AGAIN}"
    assert refusal(document) == (said,)


def test_a_style_of_the_office_that_has_an_outline_level_is_a_heading():
    document = docx.Document()
    style = document.styles.add_style("公文一级", WD_STYLE_TYPE.PARAGRAPH)
    style.element.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {W} w:val="0"/>'))
    document.add_paragraph("一、水质", style="公文一级")
    document.add_paragraph("合格。")
    assert read(document).parts == (GivenHeading(1, "一、水质"), GivenParagraph("合格。"))


def test_words_in_a_header_are_refused_and_a_page_number_is_not():
    document = docx.Document()
    document.add_paragraph("合格。")
    document.sections[0].footer.paragraphs[0].text = "— 1 —"
    assert read(document).parts == (GivenParagraph("合格。"),)
    document.sections[0].header.paragraphs[0].text = "内部资料"
    said = f"文件 2026-09.docx 页眉有文字“内部资料”，不能读取；请删去页眉，需要公布的写进正文{AGAIN}"
    assert refusal(document) == (said,)


def test_a_file_with_macros_is_refused():
    document = docx.Document()
    document.add_paragraph("合格。")
    stream = io.BytesIO(saved(document))
    with zipfile.ZipFile(stream, "a") as package:
        package.writestr("word/vbaProject.bin", b"")
    with pytest.raises(BadInput, match=r"含有宏，不予读取；请另存为不含宏的 \.docx后重新放入收件夹。"):
        read_manuscript(stream.getvalue(), Delivery("2026-09.docx"))


@pytest.mark.parametrize("cut", [100, 2000])
def test_a_damaged_file_is_refused(cut):
    document = docx.Document()
    document.add_paragraph("合格。")
    with pytest.raises(BadInput, match="不完整或已损坏，无法打开"):
        read_manuscript(saved(document)[:-cut], Delivery("2026-09.docx"))
