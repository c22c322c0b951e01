"""Reading CSV and XLSX bytes: what departments send is read exactly, and what could be read in two ways is refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from obligations.rules.delivery import LIMIT_BYTES, Delivery
from obligations.rules.tabular import read_table
from obligations.words.errors import BadInput

PUBLISHED = Path(__file__).parents[3] / "shared" / "data"
CSV = Delivery("2017-06.csv")
XLSX = Delivery("2017-06.xlsx")
TITLE = "第 1 行有 1 个列名，而其下各行都多于此；第 1 行应为列名；请删去表题和单位说明、补齐列名"
TEXT = "期间,项目,累计数\n2017-06,一般公共预算总收入,258912\n2017-06,税收收入,16.663\n"


def workbook(change: Callable[[Worksheet], object] = lambda _: None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "收支"
    for row in (("期间", "项目", "累计数"), ("2017-06", "一般公共预算总收入", 258912), ("2017-06", "税收收入", 16.663)):
        sheet.append(row)
    change(sheet)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def package(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def with_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    return package({**parts, name: change(parts[name])})


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_column_name_over_several_lines_is_read_with_either_delimiter(delimiter: str) -> None:
    text = TEXT.replace("期间", '"期间\n（本年）"').replace(",", delimiter)
    table = read_table(text.encode(), CSV)
    assert list(table.frame.columns) == ["期间\n（本年）", "项目", "累计数"]
    assert list(table.frame["累计数"]) == ["258912", "16.663"]


def test_a_column_name_over_several_lines_hides_no_wrong_delimiter() -> None:
    with pytest.raises(BadInput, match="第 1 行用“;”分隔"):
        read_table(TEXT.replace("期间", '"期间\n（本年）"').replace(",", ";").encode(), CSV)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gbk"),
        TEXT.encode("gb18030"),
        TEXT.replace("\n", "\r\n").encode("gbk"),
        TEXT.replace(",", "\t").encode("gbk"),
        TEXT.replace("\n", ",,\n").encode(),
        TEXT.replace("一般公共预算总收入", ' "一般公共预算总收入" '.strip()).encode(),
        workbook(),
    ],
    ids=["UTF-8", "BOM", "GBK", "GB18030", "CRLF", "tab", "trailing commas", "quoted", "XLSX"],
)
def test_the_same_table_is_read_from_every_form_departments_send(data: bytes) -> None:
    frame = read_table(data, CSV).frame
    assert frame.to_dict("split") == {
        "index": [2, 3],
        "columns": ["期间", "项目", "累计数"],
        "data": [["2017-06", "一般公共预算总收入", "258912"], ["2017-06", "税收收入", "16.663"]],
    }


def test_rare_characters_outside_gbk_are_read_from_gb18030() -> None:
    assert read_table("项目\n䶮湖收入\n".encode("gb18030"), CSV).frame.at[2, "项目"] == "䶮湖收入"


def test_row_numbers_count_blank_rows_as_a_spreadsheet_program_does() -> None:
    assert list(read_table(b"a,b\n\n1,2\n,\n3,4\n", CSV).frame.index) == [3, 5]


def test_a_quoted_line_break_does_not_shift_row_numbers() -> None:
    assert list(read_table('项目,备注\n甲,"上\n下"\n乙,无\n'.encode(), CSV).frame.index) == [2, 3]


@pytest.mark.parametrize("text", ["1,234.50", "０.１", "-0.10", "1e5", "00012345678901234567890.10", "43.2%", "nan"])
def test_a_cell_is_handed_on_exactly_as_written(text: str) -> None:
    assert read_table(f'项目,数\n甲,"{text}"\n'.encode(), CSV).frame.at[2, "数"] == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "是空文件，没有内容；请重新导出"),
        (b"\n \n,,\n", "没有内容，应有列名和数据；请重新导出"),
        (TEXT.split("\n")[0].encode(), "只有列名，没有数据行；请补上数据"),
        (b"\n" + TEXT.encode(), "第 1 行是空的，应为列名；请删去列名以上的空行"),
        (TEXT.split("\n", 1)[1].encode(), "第 1 行应为列名，却有数字“258912”；请在第 1 行补上列名"),
        (TEXT.replace("项目", "期间").encode(), "第 1 行第 1、2 列的列名都是“期间”，列名不能重复；请改正"),
        (("平潭收支表,,\n" + TEXT).encode(), TITLE),
        (("平潭收支表\n" + TEXT).encode(), TITLE),
        (TEXT.replace("项目", "").encode(), "第 1 行有 2 个列名，而其下各行都多于此；第 1 行应为列名；请删去表题和单位说明、补齐列名"),
        (
            TEXT.replace("累计数", "累计数,,备注").replace("258912", "258912,元,").replace("16.663", "16.663,,").encode(),
            "第 2 行第 4 列有内容“元”，而第 1 行这一列没有列名；请补上列名或删去内容",
        ),
        (
            TEXT.replace("258912", "258,912").encode(),
            "第 2 行的内容到第 4 列，应与第 1 行一样到第 3 列；请检查这一行，含逗号的内容加上双引号",
        ),
        (
            TEXT.replace(",16.663", "").encode(),
            "第 3 行只有 2 列，应与第 1 行一样是 3 列；请补齐这一行，空的单元格也留出逗号",
        ),
        (TEXT.replace("税收", '"税收').encode(), "第 3 行起引号不成对，应每个引号都有配对；请改正"),
        (TEXT.replace(",", ";").encode(), "第 1 行用“;”分隔，应以半角逗号或制表符分隔列；请另存为“CSV UTF-8（逗号分隔）”或 .xlsx"),
        (TEXT.replace(",", "，").encode(), "第 1 行用“，”分隔，应以半角逗号或制表符分隔列；请另存为“CSV UTF-8（逗号分隔）”或 .xlsx"),
        (TEXT.replace(",", "\t", 1).encode(), "第 1 行既有逗号又有制表符，应只用一种分隔列；请改正"),
        (TEXT.encode("utf-16"), "的编码是 UTF-16，应为 UTF-8 或 GBK；请另存为“CSV UTF-8（逗号分隔）”或 .xlsx"),
        (TEXT.encode() + b"\xe4\xb8", "第 4 行有损坏的字符（不是完整的 UTF-8）；请从原系统重新导出"),
        (b"a,b\n1,\xff\xff\n", "第 2 行的编码无法识别，应为 UTF-8 或 GBK；请另存为“CSV UTF-8（逗号分隔）”或 .xlsx"),
        (b"a,b\n1,\x00\n", "第 2 行有不是文字的字符，编码应为 UTF-8 或 GBK；请另存为“CSV UTF-8（逗号分隔）”或 .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "是旧格式的表格文件（.xls 或 .et），应为 .xlsx 或 CSV；请另存为 .xlsx 或 CSV"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "设有打开密码，无法读取；请取消密码并另存为 .xlsx",
        ),
        (b"<html><table></table>", "不是表格文件（内容是 PDF 或网页），应为 .xlsx 或 CSV；请另存为 .xlsx 或 CSV"),
        (b"%PDF-1.7", "不是表格文件（内容是 PDF 或网页），应为 .xlsx 或 CSV；请另存为 .xlsx 或 CSV"),
        (
            b"1" * (LIMIT_BYTES + 1),
            "有 20.0 MB，超过 20 MB 的上限，应只含本期数据；请删去多余的工作表、图片和历史数据",
        ),
        (
            (",".join(f"列{number}" for number in range(501)) + "\n").encode(),
            "有 501 列，超过 500 列的上限；请删去多余的列",
        ),
    ],
)  # fmt: skip
def test_a_csv_that_could_be_misread_is_refused_with_one_exact_sentence(data: bytes, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_table(data, CSV)
    assert refused.value.problems == (f"文件 2017-06.csv {message}后重新放入收件夹。",)


def merge(sheet: Worksheet) -> None:
    sheet.merge_cells("A2:A3")


def formula(sheet: Worksheet) -> None:
    sheet["C3"] = "=C2/2"


def percent(sheet: Worksheet) -> None:
    sheet["C3"] = 0.432
    sheet["C3"].number_format = "0.0%"


def thousands(sheet: Worksheet) -> None:
    sheet["C2"].number_format = '#,##0.0,"千"'


def ten_thousands(sheet: Worksheet) -> None:
    sheet["C2"].number_format = '0!.0000"万"'


def error_value(sheet: Worksheet) -> None:
    sheet["C3"] = "#DIV/0!"


def hidden_row(sheet: Worksheet) -> None:
    sheet.row_dimensions[3].hidden = True


def hidden_column(sheet: Worksheet) -> None:
    sheet.column_dimensions["C"].hidden = True


def far_cell(sheet: Worksheet) -> None:
    sheet["XFD1048576"] = 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (merge, "A2:A3 是合并单元格，应每格单独填写；请取消合并并逐格填写"),
        (formula, "单元格 C3 是没有计算结果的公式；请在 Excel 或 WPS 中打开并保存，或粘贴为数值"),
        (
            percent,
            "单元格 C3 是百分比格式（存的是“0.432”，显示为“43.2%”），应为常规格式的数字；请改为常规格式并填写 43.2",
        ),
        (
            thousands,
            "单元格 C2 的数字格式“#,##0.0,\"千\"”使显示的数与存的数“258912”不一致；请改为常规格式并填写要公布的数",
        ),
        (
            ten_thousands,
            "单元格 C2 的数字格式“0!.0000\"万\"”使显示的数与存的数“258912”不一致；请改为常规格式并填写要公布的数",
        ),
        (error_value, "单元格 C3 是错误值“#DIV/0!”；请改正"),
        (hidden_row, "第 3 行被隐藏或筛选掉，不知是否计入；请取消隐藏和筛选，或删除这些行"),
        (hidden_column, "C 列被隐藏，不知是否计入；请取消隐藏，或删除这些列"),
        (far_cell, "的范围是 1048576 行 16384 列，过大；请删除数据以外的行和列（空的也删除）"),
    ],
)  # fmt: skip
def test_a_sheet_that_shows_other_than_it_stores_is_refused_by_cell(
    change: Callable[[Worksheet], object], message: str
) -> None:
    with pytest.raises(BadInput) as refused:
        read_table(workbook(change), XLSX)
    assert refused.value.problems == (f"文件 2017-06.xlsx 工作表“收支”{message}后重新放入收件夹。",)


def test_an_empty_merge_and_an_empty_hidden_row_do_not_matter() -> None:
    def change(sheet: Worksheet) -> None:
        sheet.merge_cells("E10:F11")
        sheet.row_dimensions[20].hidden = True

    assert len(read_table(workbook(change), XLSX).frame) == 2


def test_the_result_that_excel_stored_with_a_formula_is_read_with_the_15_digits_it_shows() -> None:
    data = with_part(
        workbook(formula),
        "xl/worksheets/sheet1.xml",
        lambda part: part.replace(b"<f>C2/2</f><v></v>", b"<f>C2/2</f><v>0.30000000000000004</v>").replace(
            b"<f>C2/2</f><v/>", b"<f>C2/2</f><v>0.30000000000000004</v>"
        ),
    )
    assert read_table(data, XLSX).frame.at[3, "累计数"] == "0.3"


def test_a_typed_number_of_a_sheet_keeps_every_digit() -> None:
    data = with_part(
        workbook(),
        "xl/worksheets/sheet1.xml",
        lambda part: part.replace(b"258912", b"12345678901234567").replace(b"16.663", b"9.8765432099999994E7"),
    )
    assert list(read_table(data, XLSX).frame["累计数"]) == ["12345678901234567", "98765432.1"]


@pytest.mark.parametrize(
    ("layout", "text"),
    [("yyyy-mm-dd", "2017-06-01"), ("mmm-yy", "2017-06"), ('yyyy"年"m"月"', "2017-06"), ("yyyy/m/d;@", "2017-06-01")],
)
def test_a_date_cell_is_read_as_far_as_it_is_shown(layout: str, text: str) -> None:
    def change(sheet: Worksheet) -> None:
        sheet["A2"] = datetime(2017, 6, 1)  # noqa: DTZ001 - a spreadsheet's date has no zone
        sheet["A2"].number_format = layout

    assert read_table(workbook(change), XLSX).frame.at[2, "期间"] == text


def test_the_only_sheet_with_content_is_read_wherever_it_stands() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book.create_sheet("空表", 0)
    table = read_table(saved(book), XLSX)
    assert (table.delivery.sheet, len(table.frame)) == ("收支", 2)


def test_of_several_sheets_with_content_the_first_is_read() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book.create_sheet("填报说明")["A1"] = "说明"
    assert read_table(saved(book), XLSX).delivery.sheet == "收支"


def test_data_in_a_hidden_sheet_are_refused() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book.create_sheet("封面")
    book["收支"].sheet_state = "hidden"
    with pytest.raises(BadInput, match="的数据在隐藏的工作表“收支”中；请取消隐藏后重新放入收件夹。"):
        read_table(saved(book), XLSX)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (workbook()[:-200], "不完整或已损坏，无法打开；请重新保存"),
        (package({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "不是 Excel 工作簿，应为 .xlsx 或 CSV；请另存为 .xlsx 或 CSV"),
        (package({"xl/workbook.bin": b""}), "是二进制工作簿（.xlsb），应为 .xlsx 或 CSV；请另存为 .xlsx"),
        (package({"xl/workbook.xml": b"<a/>"}), "不完整或已损坏，无法打开；请在 Excel 或 WPS 中重新保存为 .xlsx"),
        (saved(openpyxl.Workbook()), "没有内容，应有列名和数据；请重新导出"),
    ],
    ids=["truncated", "ODS", "XLSB", "not a workbook", "empty"],
)  # fmt: skip
def test_an_archive_that_is_no_whole_workbook_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_table(data, XLSX)
    assert refused.value.problems == (f"文件 2017-06.xlsx {message}后重新放入收件夹。",)


def test_a_zip_bomb_is_refused_before_it_is_expanded() -> None:
    bomb = package({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b"0" * (51 * 1024 * 1024)})
    assert len(bomb) < 100_000
    with pytest.raises(BadInput, match="展开后超过 50 MB 的上限"):
        read_table(bomb, XLSX)


def test_a_merge_over_the_whole_sheet_is_refused_before_its_cells_are_made() -> None:
    data = with_part(workbook(merge), "xl/worksheets/sheet1.xml", lambda part: part.replace(b"A2:A3", b"A1:XFD1048576"))
    with pytest.raises(BadInput, match="有跨越整张表的合并单元格或超链接，无法读取；请取消合并后重新放入收件夹。"):
        read_table(data, XLSX)


def test_every_file_of_published_figures_is_read_whole() -> None:
    if not PUBLISHED.is_dir():
        pytest.skip("the published figures are not beside this repository (../shared/data)")
    files = sorted(PUBLISHED.glob("*.csv"))
    assert files
    for file in files:
        lines = [line for line in file.read_text("utf-8-sig").splitlines() if line.strip()]
        assert len(read_table(file.read_bytes(), Delivery(file.name)).frame) == len(lines) - 1, file.name
