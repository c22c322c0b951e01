"""Monthly and quarterly indicators of state-owned enterprises: what a supervisor delivers, what only people can write.

The measures are ``soe_measures``; this module stays cheap to import, because DAGs list its blanks when parsed.
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

WHOLE, CLASS, INDUSTRY = "合计", "企业类别", "行业"
SECTIONS = {
    "营业总收入": ("营业总收入",),
    "营业总成本": ("营业总成本",),
    "利润": ("利润总额", "净利润", "税后净利润", "归属于母公司所有者的净利润"),
    "应交税费": ("应交税费", "应交税金"),
    "资产、负债和所有者权益": ("资产总额", "负债总额", "所有者权益", "资产负债率"),
}
"""Indicators by the heading they are told under; the last heading's are of a day, all others run from January on."""
BALANCE = SECTIONS["资产、负债和所有者权益"]
RATIO, PROFIT = "资产负债率", "利润总额"
INDICATORS = tuple(name for names in SECTIONS.values() for name in names)

CONTRACT = DataContract(
    columns=(
        Column(
            "期间", "period", "年月或季度，例如 2017-10、2017-Q3；可同时附上一期和往年的行，用来计算增幅变动和推算全年"
        ),
        Column("地区", "text", "地区名称，各行一致", optional=True, nullable=True),
        Column(
            "分组",
            "text",
            f"{WHOLE}（全部企业）、{CLASS}（相加等于合计，例如 中央企业）或 {INDUSTRY}",
            allowed=(WHOLE, CLASS, INDUSTRY),
        ),
        Column("范围", "text", "企业范围的名称，例如 省属国有及国有控股企业、煤炭"),
        Column("指标", "text", "、".join(INDICATORS), allowed=INDICATORS),
        Column("单位", "text", "亿元 或 万元，同一指标一致；资产负债率为 %", allowed=("亿元", "万元", "%")),
        Column("本期数", "number", f"数字，年初至本期末的累计数，{'、'.join(BALANCE)}为期末数；亏损为负数"),
        Column("上年同期数", "number", "数字，没有的留空", optional=True, nullable=True),
        Column(
            "同比",
            "number",
            "数字，%不带百分号，资产负债率为百分点，下降为负数，没有公布的留空",
            optional=True,
            nullable=True,
        ),
        Column("来源", "text", "数据出处", optional=True, nullable=True),
    ),
    unique=("期间", "范围", "指标"),
    required_rows=("分组", (WHOLE,)),
    series=(Series("期间", ("范围", "指标"), ("本期数",), "单位", (Retold("本期数", "year_before", "上年同期数"),)),),
    ceilings=(
        Ceiling(("本期数", "上年同期数"), Decimal(500_000), "亿元"),
        Ceiling(("本期数", "上年同期数"), Decimal(100_000_000), "万元"),
    ),
)

BLANKS = (
    Blank("reason", "主要指标增减变化的原因"),
    Blank("industries", "主要行业盈利情况（来源没有分行业的数据，请补报或说明）"),
    Blank("major_changes", "重大变化事项（企业改革重组、重大投资、重大损失等），没有的写明本期无重大变化事项"),
    Blank("outlook", "后期走势预判", required=False),
)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures of ``period``; see ``soe_measures.soe_analysis``."""
    from obligations.publications.soe_measures import soe_analysis

    return soe_analysis(frame, snapshot, period)


KIND = PublicationKind("soe-indicators", "国有企业主要经济指标", CONTRACT, BLANKS, analyse, led_by=("国资", "国有资产"))
