"""Quarterly social assistance: persons, standards and money as a civil affairs office delivers them, never a roll of names.

The measures are ``assistance_measures``; this module stays cheap to import, because DAGs list its blanks when parsed.
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

CATEGORIES = ("最低生活保障", "特困人员救助供养", "临时救助", "医疗救助", "受灾人员救助", "其他社会救助")
WHOLE, URBAN, RURAL = "合计", "城市", "农村"
PERSONS, HOUSEHOLDS, JOINED, LEFT = "对象人数", "对象户数", "新增人数", "退出人数"
TIMES, STANDARD, SPENDING = "救助人次", "救助标准", "资金支出"
UNITS = {
    PERSONS: ("人", "万人"),
    HOUSEHOLDS: ("户", "万户"),
    JOINED: ("人", "万人"),
    LEFT: ("人", "万人"),
    TIMES: ("人次", "万人次"),
    STANDARD: ("元/人·月", "元/人·年", "元/次"),
    SPENDING: ("万元", "亿元"),
}
"""Units by indicator, as departments write them."""
CUMULATIVE = (TIMES, SPENDING)
"""Counted from January on; the others are as of the quarter's end but for those ``WITHIN`` the quarter."""
WITHIN = (JOINED, LEFT)
ALLOWED_UNITS = tuple(dict.fromkeys(unit for units in UNITS.values() for unit in units))

CONTRACT = DataContract(
    columns=(
        Column("期间", "period", "季度，例如 2026-Q3"),
        Column("地区", "text", "地区名称，各行一致", optional=True, nullable=True),
        Column("类别", "text", "、".join(CATEGORIES), allowed=CATEGORIES),
        Column("城乡", "text", f"{WHOLE}、{URBAN} 或 {RURAL}", allowed=(WHOLE, URBAN, RURAL)),
        Column("指标", "text", "、".join(UNITS), allowed=tuple(UNITS)),
        Column("单位", "text", f"{'、'.join(ALLOWED_UNITS)}，与指标相符", allowed=ALLOWED_UNITS),
        Column("本期数", "number", f"数字，季末数；{'、'.join(CUMULATIVE)}为年初至季末的累计数"),
        Column("上季度数", "number", "数字，上季度末的同一指标，没有的留空", optional=True, nullable=True),
        Column("上年同期数", "number", "数字，没有的留空", optional=True, nullable=True),
        Column("来源", "text", "数据出处", optional=True, nullable=True),
    ),
    unique=("期间", "类别", "城乡", "指标"),
    series=(
        Series(
            "期间",
            ("类别", "城乡", "指标"),
            ("本期数",),
            "单位",
            (Retold("本期数", "step_before", "上季度数"), Retold("本期数", "year_before", "上年同期数")),
        ),
    ),
    ceilings=(Ceiling(("本期数", "上季度数", "上年同期数"), Decimal(20_000), "元/人·月"),),
)

BLANKS = (
    Blank("persons", "社会救助人数（来源没有对象人数和救助人次，请补报或说明）"),
    Blank("standards", "社会救助标准（来源没有救助标准，请补报或说明）"),
    Blank("spending", "资金支出情况（来源没有资金支出，请补报或说明）"),
    Blank("explanation", "增减变化情况说明", required=False),
)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures of ``period``; see ``assistance_measures.assistance_analysis``."""
    from obligations.publications.assistance_measures import assistance_analysis

    return assistance_analysis(frame, snapshot, period)


KIND = PublicationKind("social-assistance-quarterly", "社会救助情况", CONTRACT, BLANKS, analyse, led_by=("民政",))
