"""Weekly wholesale prices of farm products: what a market information office delivers, and what only people can write.

The measures are ``wholesale_measures``; this module stays cheap to import, because DAGs list its blanks when parsed.
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
        Column("周期", "period", "年和周，例如 2020-W14"),
        Column("起始日期", "date", "监测起始日，例如 2020-03-27"),
        Column("截止日期", "date", "监测截止日，例如 2020-04-03"),
        Column("地区", "text", "监测范围，各行一致，例如 全国", optional=True, nullable=True),
        Column("类别", "text", "产品类别，例如 畜禽产品，同类产品列在一张表里"),
        Column("品种", "text", "产品名称，例如 猪肉"),
        Column("单位", "text", "元/公斤；价格指数为 点", allowed=("元/公斤", "点")),
        Column("上周", "number", "数字，上周平均价，没有的留空", nullable=True),
        Column("本周", "number", "数字，本周平均价"),
        Column("去年同期", "number", "数字，去年同期平均价，没有的留空", nullable=True),
        Column("来源", "text", "数据出处", optional=True, nullable=True),
    ),
    unique=("周期", "品种"),
    series=(Series("周期", ("品种",), ("本周",), "单位", (Retold("本周", "step_before", "上周"),)),),
    ceilings=(
        Ceiling(("上周", "本周", "去年同期"), Decimal(1_000), "元/公斤"),
        Ceiling(("上周", "本周", "去年同期"), Decimal(10_000), "点"),
    ),
)

BLANKS = (
    Blank("reason", "价格变动的主要原因", required=False),
    Blank("forecast", "后期走势预测", required=False),
)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures of ``period``; see ``wholesale_measures.wholesale_analysis``."""
    from obligations.publications.wholesale_measures import wholesale_analysis

    return wholesale_analysis(frame, snapshot, period)


KIND = PublicationKind(
    "wholesale-prices-weekly", "农产品批发市场价格", CONTRACT, BLANKS, analyse, led_by=("农业", "商务")
)
