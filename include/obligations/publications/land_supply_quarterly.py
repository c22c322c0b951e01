"""Quarterly land supply: what a land department delivers, and what only its officers can write.

The measures are ``land_measures``; this module stays cheap to import, because DAGs list its blanks when parsed.
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
        Column("期间", "period", "季度，例如 2012-Q1"),
        Column("地区", "text", "地区名称，各行一致", optional=True, nullable=True),
        Column("项目", "text", "用地类别或指标名称，例如 房地产用地"),
        Column("上级项目", "text", "所属的用地类别，总量和独立指标留空", nullable=True),
        Column(
            "单位",
            "text",
            "公顷、万公顷、亿元 或 万元，数量为空时可留空",
            nullable=True,
            allowed=("公顷", "万公顷", "亿元", "万元"),
        ),
        Column("数量", "number", "数字，未公布的留空", nullable=True),
        Column("上年同期数量", "number", "数字，没有的留空", optional=True, nullable=True),
        Column("同比(%)", "number", "数字，不带百分号，减少为负数，未公布的留空", nullable=True),
        Column("占比(%)", "number", "数字，不带百分号，占上级项目的比重，未公布的留空", nullable=True),
        Column("来源", "text", "数据出处", optional=True, nullable=True),
    ),
    unique=("期间", "项目"),
    required_rows=("项目", ("国有建设用地供应总量", "房地产用地")),
    series=(Series("期间", ("项目",), ("数量",), "单位", (Retold("数量", "year_before", "上年同期数量"),)),),
    ceilings=(
        Ceiling(("数量", "上年同期数量"), Decimal(100_000), "公顷"),
        Ceiling(("数量", "上年同期数量"), Decimal(100), "万公顷"),
        Ceiling(("数量", "上年同期数量"), Decimal(100_000), "亿元"),
        Ceiling(("数量", "上年同期数量"), Decimal(1_000_000_000), "万元"),
    ),
)

BLANKS = (Blank("explanation", "供应总量和结构变化情况的说明", required=False),)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures of ``period``; see ``land_measures.land_analysis``."""
    from obligations.publications.land_measures import land_analysis

    return land_analysis(frame, snapshot, period)


KIND = PublicationKind(
    "land-supply-quarterly", "房地产用地供应数据", CONTRACT, BLANKS, analyse, led_by=("自然资源", "国土")
)
