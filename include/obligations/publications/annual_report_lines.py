"""The rows of the national tables of the yearly report, and the rule that they agree with one another.

Source: 国办公开办函〔2021〕30号. Sums are checked exactly: a table that contradicts itself is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from obligations.publications.annual_report import (
    ACTIVE,
    APPLICANTS,
    CHARGED,
    HANDLED,
    ISSUED,
    OUTCOMES,
    REQUESTS,
    REVIEWS,
    SUM,
)
from obligations.publications.measuring import NAN, finite
from obligations.words.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.publication import Snapshot

RECEIVED, CARRIED_IN, DONE, CARRIED_OUT = (
    "本年新收政府信息公开申请数量", "上年结转政府信息公开申请数量", "总计", "结转下年度继续办理",
)  # fmt: skip
RESULTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("予以公开", ()),
    ("部分公开", ()),
    (
        "不予公开",
        (
            "属于国家秘密",
            "其他法律行政法规禁止公开",
            "危及“三安全一稳定”",
            "保护第三方合法权益",
            "属于三类内部事务信息",
            "属于四类过程性信息",
            "属于行政执法案卷",
            "属于行政查询事项",
        ),
    ),
    ("无法提供", ("本机关不掌握相关政府信息", "没有现成信息需要另行制作", "补正后申请内容仍不明确")),
    (
        "不予处理",
        (
            "信访举报投诉类申请",
            "重复申请",
            "要求提供公开出版物",
            "无正当理由大量反复申请",
            "要求行政机关确认或重新出具已获取信息",
        ),
    ),
    (
        "其他处理",
        (
            "申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
            "申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
            "其他",
        ),
    ),
)
"""The results of the year's requests: （一） to （六）, each with the items 1., 2. … below it."""
RESULT_ITEMS = tuple(item for name, items in RESULTS for item in items or (name,))
REVIEW_ITEMS = ("行政复议", "行政诉讼（未经复议直接起诉）", "行政诉讼（复议后起诉）")
ACTIVE_ITEMS: dict[str, tuple[str, ...]] = {
    "规章": ISSUED,
    "行政规范性文件": ISSUED,
    "行政许可": (HANDLED,),
    "行政处罚": (HANDLED,),
    "行政强制": (HANDLED,),
    "行政事业性收费": (CHARGED,),
}
TABLES: dict[str, dict[str, tuple[str, ...]]] = {
    ACTIVE: ACTIVE_ITEMS,
    REQUESTS: dict.fromkeys((RECEIVED, CARRIED_IN, *RESULT_ITEMS, DONE, CARRIED_OUT), (*APPLICANTS, SUM)),
    REVIEWS: dict.fromkeys(REVIEW_ITEMS, (*OUTCOMES, SUM)),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One item of one table: its row in the file and its numbers by column."""

    number: int
    cells: dict[str, Decimal]


Report = dict[str, dict[str, Row]]
"""Rows by table and item."""


def report_of(frame: pd.DataFrame, snapshot: Snapshot, year: str) -> Report | None:
    """Return the tables of ``year``, None where the delivery has no row of it.

    Raises BadInput with every row or cell that is missing or cannot be, and every sum that does not agree.
    """
    rows = frame[frame["期间"] == year]
    if rows.empty:
        return None
    problems = [*_unknown(rows, snapshot.file), *_missing(rows, snapshot.file, year)]
    if problems:
        raise BadInput(snapshot.file, tuple(problems))
    report: Report = {table: {} for table in TABLES}
    for number, line in rows.to_dict(orient="index").items():
        columns = TABLES[line["表"]][line["项目"]]
        cells = {column: finite(line.get(column)) for column in columns}
        problems += _impossible(f"{snapshot.file} 第 {number} 行", cells)
        found = {column: NAN if cell is None else cell for column, cell in cells.items()}
        report[line["表"]][line["项目"]] = Row(int(str(number)), found)
    if not problems:
        problems = [*_unequal_rows(report, snapshot.file), *_unequal_columns(report, snapshot.file)]
    if problems:
        raise BadInput(snapshot.file, tuple(problems))
    return report


def _unknown(rows: pd.DataFrame, file: str) -> Iterator[str]:
    for number, line in rows.iterrows():
        if line["项目"] not in TABLES[line["表"]]:
            yield f"{file} 第 {number} 行“项目”列的值是“{line['项目']}”，应为“{line['表']}”表格式规定的项目名称，不带序号"


def _missing(rows: pd.DataFrame, file: str, year: str) -> Iterator[str]:
    for table, items in TABLES.items():
        there = set(rows[rows["表"] == table]["项目"])
        if lacking := [item for item in items if item not in there]:
            yield f"{file} 缺少期间为“{year}”、表为“{table}”、项目为“{'”“'.join(lacking)}”的行，没有发生的填0"


def _impossible(where: str, cells: dict[str, Decimal | None]) -> Iterator[str]:
    for column, cell in cells.items():
        if cell is None:
            yield f"{where}“{column}”列是空的，没有发生的填0"
        elif cell < 0 or (column != CHARGED and cell != cell.to_integral_value()):
            expected = "不小于0的数" if column == CHARGED else "不小于0的整数"
            yield f"{where}“{column}”列的值是“{cell}”，应为{expected}"


def _unequal_rows(report: Report, file: str) -> Iterator[str]:
    for table, parts in ((REQUESTS, APPLICANTS), (REVIEWS, OUTCOMES)):
        for item, row in report[table].items():
            whole = sum(row.cells[part] for part in parts)
            if whole != row.cells[SUM]:
                yield f"{file} 第 {row.number} 行（{item}）“{SUM}”列的值是“{row.cells[SUM]}”，应为{'、'.join(parts)}之和{whole}"


def _unequal_columns(report: Report, file: str) -> Iterator[str]:
    """Yield where the results do not sum up, or 第一项加第二项 is not 第三项加第四项."""
    requests = report[REQUESTS]
    for column in (*APPLICANTS, SUM):
        done = requests[DONE]
        whole = _sum(requests, RESULT_ITEMS, column)
        if whole != done.cells[column]:
            yield (
                f"{file} 第 {done.number} 行（本年度办理结果{DONE}）“{column}”列的值是“{done.cells[column]}”，"
                f"应为各项办理结果之和{whole}"
            )
        inward, outward = (_sum(requests, pair, column) for pair in ((RECEIVED, CARRIED_IN), (DONE, CARRIED_OUT)))
        if inward != outward:
            yield (
                f"{file} 表“{REQUESTS}”的“{column}”列，{RECEIVED}加{CARRIED_IN}为{inward}，"
                f"办理结果{DONE}加{CARRIED_OUT}为{outward}，两者应相等"
            )


def _sum(rows: dict[str, Row], items: Sequence[str], column: str) -> Decimal:
    return sum((rows[item].cells[column] for item in items), Decimal(0))
