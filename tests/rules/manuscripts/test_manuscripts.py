"""What is delivered for publication as it is: which files are read how, nil reports, and what no document can carry."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from obligations.rules.delivery import Delivery
from obligations.rules.manuscripts import LIMIT_ROWS, NIL_REPORTS, read_manuscript
from obligations.words.errors import BadInput
from obligations.words.material import GivenParagraph, GivenTable, Manuscript

AGAIN = "后重新放入收件夹。"


def read(data: bytes, file: str) -> Manuscript:
    return read_manuscript(data, Delivery(file))


def refusal(data: bytes, file: str) -> str:
    with pytest.raises(BadInput) as refused:
        read(data, file)
    (said,) = refused.value.problems
    return said


def workbook(*sheets: tuple[str, list[list[object]]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return book


def saved(document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


GUIDE = Path(__file__).parents[3] / "docs" / "deliveries.zh-CN.md"
LINES = ("线路", [["线路", "客运量"], ["1路", 512.5], ["2路", 692]])


def test_a_csv_file_is_one_table_with_every_cell_as_written():
    found = read("序号,名称\n001,甲\n002,\n".encode("gbk"), "2026-09.csv")
    assert found.parts == (GivenTable("", ("序号", "名称"), (("001", "甲"), ("002", ""))),)


def test_every_sheet_of_a_workbook_is_a_table_named_as_the_sheet():
    found = read(saved(workbook(LINES, ("Sheet2", [["站点"], ["东站"]]))), "2026-09.xlsx")
    assert found.parts == (
        GivenTable("线路", ("线路", "客运量"), (("1路", "512.5"), ("2路", "692"))),
        GivenTable("", ("站点",), (("东站",),)),
    )


def test_the_link_of_a_cell_is_kept_after_its_text():
    book = workbook(LINES)
    book["线路"]["A2"].hyperlink = "https://example.gov.cn/1"
    assert read(saved(book), "2026-09.xlsx").parts[0].rows[0] == ("1路（https://example.gov.cn/1）", "512.5")


def test_the_content_decides_not_the_suffix():
    document = docx.Document()
    document.add_paragraph("合格。")
    assert read(saved(document), "2026-09.xlsx").parts == (GivenParagraph("合格。"),)


def test_a_comment_on_a_cell_is_refused():
    book = workbook(LINES)
    book["线路"]["A2"].comment = Comment("待核", "科员")
    assert refusal(saved(book), "2026-09.xlsx") == f"文件 2026-09.xlsx 有批注，不能读取；请删去，内容写进单元格{AGAIN}"


@pytest.mark.parametrize(
    ("part", "xml", "what"),
    [
        ("xl/media/image1.png", b"", "图片"),
        ("xl/charts/chart1.xml", b"<c/>", "图表"),
        ("xl/embeddings/oleObject1.bin", b"", "嵌入对象"),
        ("xl/drawings/drawing1.xml", b"<xdr:wsDr><xdr:sp/></xdr:wsDr>", "图形或文本框"),
    ],
)
def test_what_lies_beside_the_cells_is_refused(part, xml, what):
    stream = io.BytesIO(saved(workbook(LINES)))
    with zipfile.ZipFile(stream, "a") as package:
        package.writestr(part, xml)
    said = f"文件 2026-09.xlsx 有{what}，不能读取；请删去，内容写进单元格{AGAIN}"
    assert refusal(stream.getvalue(), "2026-09.xlsx") == said


def test_a_hidden_sheet_is_refused():
    book = workbook(LINES, ("底稿", [["线路"], ["1路"]]))
    book["底稿"].sheet_state = "hidden"
    said = f"文件 2026-09.xlsx 有隐藏的工作表“底稿”，不知是否公布；请取消隐藏，或删除这些工作表{AGAIN}"
    assert refusal(saved(book), "2026-09.xlsx") == said


def test_a_struck_cell_is_refused():
    book = workbook(LINES)
    book["线路"]["A3"].font = Font(strike=True)
    said = (
        f"文件 2026-09.xlsx 工作表“线路”单元格 A3 的文字加了删除线，不知是否公布；请删去这些文字，或取消删除线{AGAIN}"
    )
    assert refusal(saved(book), "2026-09.xlsx") == said


@pytest.mark.parametrize("file", ["2026-09.零报告.txt", "2026-09.零报告.md"])
def test_a_nil_report_is_its_reason(file):
    assert read("本月没有\r\n新增线路。\r\n".encode(), file) == Manuscript(None, (), "本月没有 新增线路。")


@pytest.mark.parametrize("reason", [" \r\n", "。", "——\n"])
def test_a_nil_report_without_a_reason_is_refused(reason):
    said = f"文件 2026-09.零报告.txt 是零报告，但没有写明理由；请写明本期没有可公开内容的理由{AGAIN}"
    assert refusal(reason.encode(), "2026-09.零报告.txt") == said


@pytest.mark.parametrize(
    ("data", "file", "said"),
    [
        (b"", "2026-09.docx", "是空文件，没有内容；请重新导出"),
        (
            b"%PDF-1.7",
            "2026-09.pdf",
            "的格式不能读取，应为 .docx、.xlsx、.csv、.md 或 .txt；请另存为 .docx、.xlsx、.csv、.md 或 .txt",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64),
            "2026-09.doc",
            "是旧格式的文件（.doc、.xls 或 .wps），应为 .docx、.xlsx、.csv、.md 或 .txt；请另存为 .docx 或 .xlsx",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "2026-09.docx",
            "设有打开密码，无法读取；请取消密码并另存",
        ),
        (
            "# 供水情况\n".encode(),
            "2026-09.md",
            "没有正文；请写上内容；本期没有可公开的，改交零报告（文件名以 .零报告.txt 结尾，写明理由）",
        ),
        (
            ("线路\n" + "1路\n" * 2001).encode(),
            "2026-09.csv",
            "的表格共有 2001 行，超过 2000 行的上限，应只含本期内容；请删去历史数据，或分成几份",
        ),
        (
            "本月【待填写：数量】万吨。".encode(),
            "2026-09.md",
            "“本月【待填写：数量】万吨。”还有“【待填写”字样；请写上实际内容",
        ),
        (
            "联系人：王\U00020000\U000f0000。".encode(),
            "2026-09.md",
            "“联系人：王\U00020000□。”中有造字或私用字符（□处），不能读取；请改用通用字符",
        ),
    ],
)
def test_what_cannot_be_published_is_refused(data, file, said):
    assert refusal(data, file) == f"文件 {file} {said}{AGAIN}"


def test_departments_are_told_of_nil_reports_and_limits_as_they_are():
    guide = GUIDE.read_text("utf-8")
    assert all(ending in guide for ending in NIL_REPORTS)
    assert f"不超过 {LIMIT_ROWS} 行" in guide
