"""Grain purchase every five days in season: what a grain office delivers, and what only its officers can write.

The measures are ``grain_purchase_measures``; this module stays cheap to import, because DAGs list its blanks when
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
    Retold,
    Series,
    Snapshot,
)

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period

WHOLE = "合计"
CONTRACT = DataContract(
    columns=(
        Column("截止日期", "date", "累计到的日期，例如 2026-06-30；另附本季前几期的行，可算比上期"),
        Column("地区", "text", "地区名称，各行一致，例如 全省", optional=True, nullable=True),
        Column("品种", "text", "粮油品种，例如 小麦；最低收购价收购的另列，例如 最低收购价小麦"),
        Column("收购地区", "text", f"{WHOLE}（整个地区的数），或所属市、县、镇的名称"),
        Column("单位", "text", "万吨 或 吨，各行一致", allowed=("万吨", "吨")),
        Column("累计收购量", "number", "数字，本季开始至截止日期的累计数"),
        Column("上年同期累计", "number", "数字，没有的留空", nullable=True),
        Column("平均收购价", "number", "数字，没有的留空", optional=True, nullable=True),
        Column("上年同期价格", "number", "数字，没有的留空", optional=True, nullable=True),
        Column(
            "价格单位",
            "text",
            "元/公斤、元/斤 或 元/吨，各行一致，没有价格的留空",
            optional=True,
            nullable=True,
            allowed=("元/公斤", "元/斤", "元/吨"),
        ),
        Column("全季收购量", "number", "数字，只往年同日的行填：那一年旺季结束时的总量", optional=True, nullable=True),
        Column("来源", "text", "数据出处", optional=True, nullable=True),
    ),
    unique=("截止日期", "品种", "收购地区"),
    series=(
        Series(
            "截止日期",
            ("品种", "收购地区"),
            ("累计收购量", "全季收购量"),
            "单位",
            (Retold("累计收购量", "year_before", "上年同期累计"),),
        ),
        Series(
            "截止日期",
            ("品种", "收购地区"),
            ("平均收购价",),
            "价格单位",
            (Retold("平均收购价", "year_before", "上年同期价格"),),
        ),
    ),
    ceilings=(
        Ceiling(("累计收购量", "上年同期累计", "全季收购量"), Decimal(10_000), "万吨"),
        Ceiling(("累计收购量", "上年同期累计", "全季收购量"), Decimal(100_000_000), "吨"),
        Ceiling(("平均收购价", "上年同期价格"), Decimal(100), "元/公斤", "价格单位"),
        Ceiling(("平均收购价", "上年同期价格"), Decimal(50), "元/斤", "价格单位"),
        Ceiling(("平均收购价", "上年同期价格"), Decimal(100_000), "元/吨", "价格单位"),
    ),
)

BLANKS = (
    Blank("reason", "收购进度变化的主要原因", required=False),
    Blank("outlook", "后期收购形势", required=False),
)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures as of the period's last day; see ``grain_purchase_measures.grain_purchase_analysis``."""
    from obligations.publications.grain_purchase_measures import grain_purchase_analysis

    return grain_purchase_analysis(frame, snapshot, period)


KIND = PublicationKind(
    "grain-purchase-five-daily", "粮食收购进度", CONTRACT, BLANKS, analyse, led_by=("粮食", "发展和改革")
)
