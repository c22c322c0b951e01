"""Monthly air and water quality with ranking: what an environment office delivers, and what only people can write.

The measures are ``environment_measures``; this module stays cheap to import, because DAGs list its blanks when parsed.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from obligations.publications.environment_indicators import INDICATORS, UNITS, WHOLE
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
        Column("期间", "period", "年月，例如 2026-09"),
        Column("地区", "text", "地区名称，各行一致，例如 全省", optional=True, nullable=True),
        Column("范围", "text", f"{WHOLE}（整个地区的数），或参加排名的城市、镇街的名称"),
        Column("指标", "text", "、".join(INDICATORS), allowed=tuple(INDICATORS)),
        Column("单位", "text", "、".join(UNITS) + "；指数留空", nullable=True, allowed=UNITS),
        Column("本期", "number", "数字"),
        Column("上年同期", "number", "数字，没有的留空", nullable=True),
        Column(
            "同比",
            "number",
            "数字，已公布而没有上年同期数的才填：浓度和指数为%，比例为百分点，天数为天，减少为负数",
            optional=True,
            nullable=True,
        ),
        Column(
            "排名依据",
            "text",
            "指标名称，先后用顿号分开，各行一致，例如 优良天数比例、PM2.5；不填为 综合指数",
            optional=True,
            nullable=True,
        ),
        Column("来源", "text", "数据出处", optional=True, nullable=True),
    ),
    unique=("期间", "范围", "指标"),
    series=(Series("期间", ("范围", "指标"), ("本期",), "单位", (Retold("本期", "year_before", "上年同期"),)),),
    ceilings=(
        Ceiling(("本期", "上年同期"), Decimal(2_000), "微克/立方米"),
        Ceiling(("本期", "上年同期"), Decimal(100), "毫克/立方米"),
    ),
)

BLANKS = (
    Blank("air", "空气环境质量状况（来源没有全域的空气数据，请补报或说明）"),
    Blank("ranking", "各地空气质量排名情况（来源没有可排名的数据，请补报或说明）"),
    Blank("water", "水环境质量状况（来源没有断面水质数据，请补报或说明）"),
    Blank("reason", "环境质量变化的主要原因", required=False),
    Blank("measures", "下一步措施", required=False),
)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures of ``period``; see ``environment_measures.environment_analysis``."""
    from obligations.publications.environment_measures import environment_analysis

    return environment_analysis(frame, snapshot, period)


KIND = PublicationKind(
    "environment-monthly", "空气和水环境质量状况", CONTRACT, BLANKS, analyse, led_by=("生态环境", "环境保护", "环保")
)
