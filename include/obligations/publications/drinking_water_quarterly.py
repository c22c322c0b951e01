"""Quarterly drinking-water safety: what the offices of source, plant and tap deliver, and what only people can write.

The measures are ``drinking_water_measures``; this module stays cheap to import, because DAGs list its blanks when
parsed.
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
    Series,
    Snapshot,
)

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period

SEGMENTS = ("水源水", "出厂水", "用户水龙头水")
CONTRACT = DataContract(
    columns=(
        Column("期间", "period", "季度，例如 2026-Q3；另附上季度和上年同季的行，可算环比、同比"),
        Column("地区", "text", "地区名称，各行一致", optional=True, nullable=True),
        Column("环节", "text", "、".join(SEGMENTS), allowed=SEGMENTS),
        Column("点位", "text", "水源地、水厂或水龙头所在地的名称，例如 甲水库"),
        Column("类型", "text", "地表水 或 地下水，只水源水填", nullable=True, allowed=("地表水", "地下水")),
        Column("监测样品数", "number", "数字，本季度监测的样品份数"),
        Column("达标样品数", "number", "数字，各项指标都达标的样品份数"),
        Column("监测项目数", "number", "数字，每份样品监测的指标项数，没有的留空", nullable=True),
        Column("不达标项目", "text", "不达标的指标名称和超标倍数；全部达标的留空", nullable=True),
        Column("取水量", "number", "数字，单位万吨，只水源水填，没有的留空", optional=True, nullable=True),
        Column("达标取水量", "number", "数字，单位万吨，只水源水填，没有的留空", optional=True, nullable=True),
        Column("执行标准", "text", "标准号，同一环节、类型的各行一致，例如 GB 5749-2022"),
        Column("来源", "text", "数据出处", optional=True, nullable=True),
    ),
    unique=("期间", "环节", "点位"),
    series=(Series("期间", ("环节", "点位"), ("监测样品数", "达标样品数", "监测项目数", "取水量", "达标取水量")),),
    ceilings=(Ceiling(("取水量", "达标取水量"), Decimal(500_000)),),
)

BLANKS = (
    Blank("source", "饮用水水源水质状况（来源没有水源水数据，请补报或说明）"),
    Blank("plant", "供水厂出水水质状况（来源没有出厂水数据，请补报或说明）"),
    Blank("tap", "用户水龙头水质状况（来源没有用户水龙头水数据，请补报或说明）"),
    Blank("handling", "不达标的原因和处置情况"),
    Blank("explanation", "其他需要说明的情况", required=False),
)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures of ``period``; see ``drinking_water_measures.drinking_water_analysis``."""
    from obligations.publications.drinking_water_measures import drinking_water_analysis

    return drinking_water_analysis(frame, snapshot, period)


KIND = PublicationKind(
    "drinking-water-quarterly",
    "饮用水安全状况",
    CONTRACT,
    BLANKS,
    analyse,
    led_by=("生态环境", "环境保护", "环保"),
)
