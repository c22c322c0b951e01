"""Quarterly monitoring of urban land prices (城市地价动态监测): what a land department delivers, what only people can write.

A growth rate of land prices is the change of the level over the level it is compared with, as the monitoring's own return
says (青岛市2014年第1季度地价动态监测指标调查表, 说明一). The measures are ``land_price_measures``; this module stays cheap
to import, because DAGs list its blanks when parsed.
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

WHOLE, OVERALL = "合计", "综合"
USES = (OVERALL, "商服", "住宅", "工业")
OLDER_NAMES = {"商业": "商服", "居住": "住宅"}
"""What monitoring called the uses before: a file may use either name, not both."""
LEVEL, LAST_LEVEL, YEAR_LEVEL = "地价水平", "上季度地价水平", "上年同期地价水平"
LAST_RATE, YEAR_RATE = "环比增长率", "同比增长率"
PER_MU = "每亩地价"
_ALLOWED = (*USES, *OLDER_NAMES)

CONTRACT = DataContract(
    columns=(
        Column("期间", "period", "季度，例如 2026-Q3；另附上季度、上年同季和往年的行，可算环比、同比、走势和推算"),
        Column("地区", "text", "地区名称，各行一致", optional=True, nullable=True),
        Column("监测城市", "text", f"城市名称；全部监测城市的总体水平写“{WHOLE}”，只有一个城市的不写{WHOLE}"),
        Column("用途", "text", f"{'、'.join(USES)} 之一（旧称商业、居住也可）", allowed=_ALLOWED),
        Column(LEVEL, "number", "数字，单位元/平方米，大于0"),
        Column(LAST_LEVEL, "number", "数字，单位元/平方米，没有的留空", optional=True, nullable=True),
        Column(YEAR_LEVEL, "number", "数字，单位元/平方米，没有的留空", optional=True, nullable=True),
        Column(LAST_RATE, "number", "数字，%不带百分号，下降为负数，没有公布的留空", optional=True, nullable=True),
        Column(YEAR_RATE, "number", "数字，%不带百分号，下降为负数，没有公布的留空", optional=True, nullable=True),
        Column(PER_MU, "number", "数字，单位万元/亩，没有的留空", optional=True, nullable=True),
        Column("来源", "text", "数据出处", optional=True, nullable=True),
    ),
    unique=("期间", "监测城市", "用途"),
    required_rows=("用途", (OVERALL,)),
    series=(
        Series(
            "期间",
            ("监测城市", "用途"),
            (LEVEL, PER_MU),
            retold=(Retold(LEVEL, "step_before", LAST_LEVEL), Retold(LEVEL, "year_before", YEAR_LEVEL)),
        ),
    ),
    ceilings=(
        Ceiling((LEVEL, LAST_LEVEL, YEAR_LEVEL), Decimal(300_000)),
        Ceiling((PER_MU,), Decimal(20_000)),
    ),
)

BLANKS = (
    Blank("reason", "地价变化的主要原因"),
    Blank("outlook", "后期地价走势预判", required=False),
)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures of ``period``; see ``land_price_measures.land_price_analysis``."""
    from obligations.publications.land_price_measures import land_price_analysis

    return land_price_analysis(frame, snapshot, period)


KIND = PublicationKind(
    "land-price-quarterly", "城市地价动态监测数据", CONTRACT, BLANKS, analyse, led_by=("自然资源", "国土")
)
