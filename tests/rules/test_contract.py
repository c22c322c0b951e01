"""The bad-input table: one mutation of a good file, one exact message; and what a good file becomes."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obligations.rules.contract import read_date, read_number
from obligations.rules.delivery import Delivery
from obligations.rules.tabular import read_frame
from obligations.words.errors import BadInput
from obligations.words.publication import Column, DataContract

FISCAL = DataContract(
    columns=(
        Column("期间", "text", "期间，写作 2017-06"),
        Column("项目", "text", "项目名称"),
        Column("单位", "text", "万元", allowed=("万元",)),
        Column("累计数", "number", "数字，单位万元"),
        Column("年初预算数", "number", "数字，单位万元"),
        Column("同比增减额", "number", "数字，单位万元，减少写负数", nullable=True),
        Column("同口径增幅", "number", "数字，单位%", nullable=True),
        Column("公布日期", "date", "日期，写作 2017-07-06", optional=True),
    ),
    unique=("期间", "项目"),
    required_rows=("项目", ("一般公共预算总收入", "税收收入")),
)
GOOD = """期间,项目,单位,累计数,年初预算数,同比增减额,同口径增幅,公布日期,备注
2017-06,一般公共预算总收入,万元,"258,912",435010,41310.5,19.3,2017-07-06,
2017-06,税收收入,万元,１２０３４５．５０,201200,-3097,-4.8,2017年7月6日,含上划
2017-06,土地出让收入,万元,0,82000,,,2017/7/6,
"""
NAME = Delivery("2017-06.csv")


def refusal(text: str) -> tuple[str, ...]:
    with pytest.raises(BadInput) as refused:
        read_frame(text.encode(), FISCAL, NAME)
    assert refused.value.file == "2017-06.csv"
    assert str(refused.value) == "\n".join(refused.value.problems)
    return refused.value.problems


def swap(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def without_column(position: int) -> Callable[[str], str]:
    def change(text: str) -> str:
        rows = [line.replace("258,912", "258912").split(",") for line in text.splitlines()]
        return "\n".join(",".join(cell for place, cell in enumerate(row) if place != position) for row in rows)

    return change


def repeated(text: str) -> str:
    return text + text.splitlines()[2] + "\n"


BAD_INPUT = [
    ("text where a number belongs", swap("201200", "暂无"), "第 3 行“年初预算数”列的值是“暂无”，应为数字，单位万元；请改正后"),
    ("a dash for no number", swap("435010", "—"), "第 2 行“年初预算数”列的值是“—”，应为数字，单位万元；请改正后"),
    ("unchanged in words", swap("-4.8", "持平"), "第 3 行“同口径增幅”列的值是“持平”，应为数字，单位%；请改正后"),
    ("a percent sign", swap("19.3", "19.3%"), "第 2 行“同口径增幅”列的值是“19.3%”，应为数字，单位%；请去掉百分号后"),
    ("a full-width percent sign", swap("19.3", "19.3％"), "第 2 行“同口径增幅”列的值是“19.3％”，应为数字，单位%；请去掉百分号后"),
    ("a unit in the cell", swap("435010", "435010万元"), "第 2 行“年初预算数”列的值是“435010万元”，应为数字，单位万元；请去掉数字后面的文字，单位写在单位列后"),
    ("scientific notation", swap("435010", "4.35E+05"), "第 2 行“年初预算数”列的值是“4.35E+05”，应为数字，单位万元；请写出完整的数字，不用科学计数法后"),
    ("accountant's negative", swap("-3097", "(3097)"), "第 3 行“同比增减额”列的值是“(3097)”，应为数字，单位万元，减少写负数；请把负数写作 -123 的形式后"),
    ("misplaced separator", swap("258,912", "25,8912"), "第 2 行“累计数”列的值是“25,8912”，应为数字，单位万元；请改正数字的写法，千位分隔号每三位一个后"),
    ("a leading zero", swap("435010", "0435010"), "第 2 行“年初预算数”列的值是“0435010”，应为数字，单位万元；请改正数字的写法，千位分隔号每三位一个后"),
    ("two points", swap("435010", "435.010.1"), "第 2 行“年初预算数”列的值是“435.010.1”，应为数字，单位万元；请改正后"),
    ("a space inside", swap("435010", "435 010"), "第 2 行“年初预算数”列的值是“435 010”，应为数字，单位万元；请改正后"),
    ("infinity", swap("435010", "inf"), "第 2 行“年初预算数”列的值是“inf”，应为数字，单位万元；请改正后"),
    ("not a number", swap("435010", "NaN"), "第 2 行“年初预算数”列的值是“NaN”，应为数字，单位万元；请改正后"),
    ("Chinese numerals", swap("435010", "四十三万"), "第 2 行“年初预算数”列的值是“四十三万”，应为数字，单位万元；请改正后"),
    ("an empty cell", swap("435010", ""), "第 2 行“年初预算数”列是空的，应为数字，单位万元；请补填后"),
    ("only spaces", swap("435010", " 　"), "第 2 行“年初预算数”列是空的，应为数字，单位万元；请补填后"),
    ("an empty text", swap("土地出让收入", ""), "第 4 行“项目”列是空的，应为项目名称；请补填后"),
    ("wrong unit", swap("税收收入,万元", "税收收入,亿元"), "第 3 行“单位”列的值是“亿元”，应为万元；请改正后"),
    ("a unit in other words", swap("税收收入,万元", "税收收入,人民币万元"), "第 3 行“单位”列的值是“人民币万元”，应为万元；请改正后"),
    ("not a date", swap("2017年7月6日", "7月6日"), "第 3 行“公布日期”列的值是“7月6日”，应为日期，写作 2017-07-06；请改正后"),
    ("a day that does not exist", swap("2017-07-06", "2017-02-30"), "第 2 行“公布日期”列的值是“2017-02-30”，应为日期，写作 2017-07-06；请改正后"),
    ("a date with a time", swap("2017-07-06", "2017-07-06 14:30"), "第 2 行“公布日期”列的值是“2017-07-06 14:30”，应为日期，写作 2017-07-06；请改正后"),
    ("a missing column", without_column(3), "缺少“累计数”列，应为数字，单位万元；请补上这一列后"),
    ("a renamed column", swap("累计数", "累计数（万元）"), "缺少“累计数”列（有一列叫“累计数（万元）”，是否就是它），应为数字，单位万元；请把列名改为“累计数”后"),
    ("a duplicate row", repeated, "第 5 行与第 3 行重复（期间“2017-06”、项目“税收收入”），应只有一行；请删去多余的一行后"),
    ("a missing required row", swap("税收收入", "非税收入"), "缺少“项目”列为“税收收入”的行，应有这一行；请补上这一行后"),
    (
        "another table",
        lambda _: "week,product\n2020-W14,猪肉\n",
        "第 1 行没有一个要求的列名（读到“week、product”），应为：期间、项目、单位、累计数、年初预算数、同比增减额、同口径增幅、公布日期；请改正后",
    ),
    (
        "a value of many words",
        swap("435010", "待" * 50),
        f"第 2 行“年初预算数”列的值是“{'待' * 40}…”，应为数字，单位万元；请改正后",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), [row[1:] for row in BAD_INPUT], ids=[row[0] for row in BAD_INPUT])
def test_bad_input_is_refused_with_one_exact_sentence(change: Callable[[str], str], message: str) -> None:
    assert refusal(change(GOOD)) == (f"文件 2017-06.csv {message}重新放入收件夹。",)


def test_a_good_file_becomes_exact_decimals_dates_and_nones_by_row_number() -> None:
    frame = read_frame(GOOD.encode("gbk"), FISCAL, NAME)
    assert list(frame.index) == [2, 3, 4]
    assert list(frame["累计数"]) == [Decimal(258912), Decimal("120345.50"), Decimal(0)]
    assert list(frame["同比增减额"]) == [Decimal("41310.5"), Decimal(-3097), None]
    assert list(frame["公布日期"]) == [date(2017, 7, 6)] * 3
    assert list(frame["备注"]) == ["", "含上划", ""]


def test_the_written_digits_of_a_number_are_kept() -> None:
    assert str(read_frame(GOOD.encode(), FISCAL, NAME).at[3, "累计数"]) == "120345.50"


def test_an_optional_column_may_be_absent() -> None:
    assert "公布日期" not in read_frame(without_column(7)(GOOD).encode(), FISCAL, NAME).columns


def test_a_negative_amount_is_no_fault_because_revenue_can_be_refunded() -> None:
    assert read_frame(GOOD.replace('"258,912"', "-12").encode(), FISCAL, NAME).at[2, "累计数"] == Decimal(-12)


def test_every_problem_is_found_at_once_in_the_order_of_the_file() -> None:
    text = GOOD.replace("435010", "暂无").replace("税收收入,万元", "税收收入,亿元").replace("同口径增幅", "增幅")
    starts = [problem.removeprefix("文件 2017-06.csv ").split("，")[0] for problem in refusal(text)]
    assert starts == [
        "缺少“同口径增幅”列（有一列叫“增幅”",
        "第 2 行“年初预算数”列的值是“暂无”",
        "第 3 行“单位”列的值是“亿元”",
    ]


def test_a_wrong_unit_in_a_number_column_is_said_once_a_cell() -> None:
    contract = DataContract((Column("级", "number", "1 或 2", allowed=("1", "2")),), unique=())
    with pytest.raises(BadInput) as refused:
        read_frame("级\n一\n3\n".encode(), contract, NAME)
    assert [problem.split("，")[0] for problem in refused.value.problems] == [
        "文件 2017-06.csv 第 2 行“级”列的值是“一”",
        "文件 2017-06.csv 第 3 行“级”列的值是“3”",
    ]


def test_of_many_problems_twenty_are_listed_and_the_rest_counted() -> None:
    rows = "".join(f"2017-06,项目{number},万元,无,1,1,1,2017-07-06,\n" for number in range(50))
    problems = refusal(GOOD + rows)
    assert len(problems) == 21
    assert problems[19].startswith("文件 2017-06.csv 第 24 行")
    assert problems[20] == "文件 2017-06.csv 另有 30 处问题，未一一列出。"


def test_a_third_row_of_the_same_item_is_named_beside_the_first() -> None:
    assert [problem.split("（")[0] for problem in refusal(repeated(repeated(GOOD)))] == [
        "文件 2017-06.csv 第 5 行与第 3 行重复",
        "文件 2017-06.csv 第 6 行与第 3 行重复",
    ]


def test_rows_whose_item_is_empty_are_not_called_duplicates() -> None:
    text = GOOD.replace("土地出让收入", "") + "2017-06,,万元,1,1,1,1,2017-07-06,\n"
    assert [problem.split("，")[0] for problem in refusal(text)] == [
        "文件 2017-06.csv 第 4 行“项目”列是空的",
        "文件 2017-06.csv 第 5 行“项目”列是空的",
    ]


def test_in_a_workbook_the_sheet_is_named_too() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "6月"
    for line in GOOD.replace("435010", "暂无").replace('"258,912"', "258912").splitlines():
        sheet.append(line.split(","))
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(BadInput) as refused:
        read_frame(buffer.getvalue(), FISCAL, Delivery("2017-06.xlsx"))
    assert refused.value.problems == (
        "文件 2017-06.xlsx 工作表“6月”第 2 行“年初预算数”列的值是“暂无”，应为数字，单位万元；请改正后重新放入收件夹。",
    )


def test_a_query_is_corrected_at_its_database() -> None:
    delivery = Delivery("fiscal-monthly-2017-06.csv", fix="在来源数据库 finance 中改正", again="重新运行")
    with pytest.raises(BadInput, match="请在来源数据库 finance 中改正后重新运行。"):
        read_frame(GOOD.replace("435010", "暂无").encode(), FISCAL, delivery)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15))
def test_a_number_reads_the_same_however_a_department_writes_it(number: Decimal) -> None:
    full_width = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")
    for text in (f"{number:f}", f"{number:,f}", f"{number:,f}".translate(full_width)):
        assert read_number(text) == number


@given(st.text(max_size=12))
def test_whatever_is_read_as_a_number_has_no_digit_added_or_lost(text: str) -> None:
    number = read_number(text)
    if number is not None:
        half_width = text.translate(str.maketrans("０１２３４５６７８９", "0123456789"))
        assert [c for c in f"{number:f}" if c.isdigit()] == [c for c in half_width if c.isdigit()]


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_day_reads_the_same_in_each_of_its_three_forms(day: date) -> None:
    forms = (f"{day}", f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日", f"{day} 00:00:00")
    assert {read_date(text) for text in forms} == {day}


@pytest.mark.parametrize("text", ["2017-06", "2017-06-30日", "2017年6月30", "2017/06-30", "20170630", "2017.6.30"])
def test_other_forms_of_a_day_are_not_guessed(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("2026", True), ("2026-Q3", True), ("2026-12", True), ("2026-W53", True)]
    + [(text, False) for text in ("2025-W53", "0000-01", "2026-13", "2026-W00", "2026-W54", "二〇二六")],
)
def test_a_period_is_one_that_the_calendar_has(text: str, is_one: bool) -> None:
    contract, data = DataContract((Column("期间", "period", "例如 2026-W40"),), unique=()), f"期间\n{text}\n".encode()
    if is_one:
        assert read_frame(data, contract, NAME)["期间"].tolist() == [text]
    else:
        with pytest.raises(BadInput, match=f"2017-06.csv 第 2 行“期间”列的值是“{text}”.*2026-W40"):
            read_frame(data, contract, NAME)
