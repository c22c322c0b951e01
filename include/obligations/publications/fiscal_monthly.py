"""Monthly fiscal revenue and expenditure: what a finance department delivers and what only its officers can write.

The measures are ``fiscal_measures``; this module stays cheap to import, because DAGs list its blanks when parsed.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from obligations.words.publication import (
    Analysis,
    Blank,
    Ceiling,
    Column,
    DataContract,
    PublicationKind,
    Retold,
    Series,
    Snapshot,
)

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period

CONTRACT = DataContract(
    columns=(
        Column("期间", "period", "年月，例如 2017-06；可同时附上月的行，用来计算当月数"),
        Column("地区", "text", "地区名称，各行一致", optional=True, nullable=True),
        Column("项目", "text", "收支项目名称，例如 地方一般公共预算收入"),
        Column("单位", "text", "万元 或 亿元，各行一致", allowed=("万元", "亿元")),
        Column("累计数", "number", "数字，年初至当月末的累计数；净退库为负数"),
        Column("年初预算数", "number", "数字，未下达的留空", nullable=True),
        Column("同比增减额", "number", "数字，比上年同期减少的为负数，无上年数的留空", nullable=True),
        Column("同口径增幅(%)", "number", "数字，不带百分号，未测算的留空", optional=True, nullable=True),
        Column("来源", "text", "数据出处", optional=True, nullable=True),
    ),
    unique=("期间", "项目"),
    required_rows=("项目", ("地方一般公共预算收入", "一般公共预算支出")),
    series=(
        Series(
            "期间",
            ("项目",),
            ("累计数", "年初预算数", "同比增减额"),
            "单位",
            (Retold("累计数", "year_before", "累计数", less="同比增减额"),),
            is_even=False,
        ),
    ),
    ceilings=(
        Ceiling(("累计数", "年初预算数"), Decimal(300_000_000), "万元"),
        Ceiling(("累计数", "年初预算数"), Decimal(30_000), "亿元"),
    ),
)

BLANKS = (
    Blank("revenue_reason", "收入增减变化的主要原因"),
    Blank("expenditure_reason", "支出增减变化的主要原因"),
    Blank("hot_issues", "可能引发社会关注的问题说明，没有的留空", required=False),
    Blank("outlook", "后期财政收入走势预判"),
)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures of ``period``; see ``fiscal_measures.fiscal_analysis``."""
    from obligations.publications.fiscal_measures import fiscal_analysis

    return fiscal_analysis(frame, snapshot, period)


KIND = PublicationKind("fiscal-monthly", "财政收支情况", CONTRACT, BLANKS, analyse, led_by=("财政",))
