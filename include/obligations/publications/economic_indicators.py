"""Economic indicators of a month, quarter or year for the press conference: what a statistics office delivers.

The measures are ``economic_measures``; this module stays cheap to import, because DAGs list its blanks when parsed.
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
        Column("期间", "period", "年月、季度或年，例如 2018-02、2018-Q1、2018；可同时附上一期和往年的行"),
        Column("地区", "text", "地区名称，各行一致", optional=True, nullable=True),
        Column("指标", "text", "指标名称，例如 地区生产总值"),
        Column("上级指标", "text", "本表中所属的指标，例如 第一产业填 地区生产总值；独立指标留空", nullable=True),
        Column("单位", "text", "数的单位，例如 亿元；只公布增速的留空；比率为 %", nullable=True),
        Column("本期数", "number", "数字，本月或本季度当期数，没有的留空", optional=True, nullable=True),
        Column(
            "本期同比",
            "number",
            "数字，%不带百分号，比率为百分点，下降为负数，没有的留空",
            optional=True,
            nullable=True,
        ),
        Column("累计数", "number", "数字，年初至本期末的累计数或期末数，只公布增速的留空", nullable=True),
        Column("上年同期累计数", "number", "数字，没有的留空", optional=True, nullable=True),
        Column("累计同比", "number", "数字，%不带百分号，比率为百分点，下降为负数，没有的留空", nullable=True),
        Column("来源", "text", "数据出处", optional=True, nullable=True),
    ),
    unique=("期间", "指标"),
    series=(
        Series(
            "期间",
            ("指标",),
            ("本期数", "累计数"),
            "单位",
            (
                Retold("累计数", "year_before", "上年同期累计数"),
                Retold("累计数", "step_before_in_year", "累计数", less="本期数"),
            ),
        ),
    ),
    ceilings=(
        Ceiling(("本期数", "累计数", "上年同期累计数"), Decimal(500_000), "亿元"),
        Ceiling(("本期数", "累计数", "上年同期累计数"), Decimal(1_000_000_000), "万元"),
        Ceiling(("本期数", "累计数", "上年同期累计数"), Decimal(10_000_000), "元"),
    ),
)

BLANKS = (
    Blank("overview", "经济运行总体判断"),
    Blank("reason", "主要指标变化的原因和结构、质量、效益情况"),
    Blank("policy", "供给侧结构性改革推进情况", required=False),
    Blank("outlook", "下一步走势判断", required=False),
)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures of ``period``; see ``economic_measures.economic_analysis``."""
    from obligations.publications.economic_measures import economic_analysis

    return economic_analysis(frame, snapshot, period)


KIND = PublicationKind(
    "economic-indicators", "国民经济主要指标", CONTRACT, BLANKS, analyse, led_by=("统计", "发展和改革", "发展改革")
)
