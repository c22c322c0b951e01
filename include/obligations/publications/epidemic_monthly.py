"""Monthly notifiable diseases: cases and deaths as a health office delivers them, and what only people can write.

The measures are ``epidemic_measures``; this module stays cheap to import, because DAGs list its blanks when parsed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from obligations.words.publication import (
    Analysis,
    Blank,
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

CLASSES = ("甲类", "乙类", "丙类")
"""The classes of 传染病防治法, article 3."""
ALL = "合计"

CONTRACT = DataContract(
    columns=(
        Column("期间", "period", "年月，例如 2026-09"),
        Column("地区", "text", "地区名称，各行一致", optional=True, nullable=True),
        Column("类别", "text", "、".join(CLASSES), allowed=CLASSES),
        Column("病种", "text", f"法定传染病名称，例如 肺结核；每个类别另有一行“{ALL}”；分型不单列，计入其病种"),
        Column("发病数", "number", "数字，单位例，没有病例的填 0"),
        Column("死亡数", "number", "数字，单位人，没有死亡的填 0"),
        Column("上月发病数", "number", "数字，没有的留空", optional=True, nullable=True),
        Column("上月死亡数", "number", "数字，没有的留空", optional=True, nullable=True),
        Column("上年同期发病数", "number", "数字，没有的留空", optional=True, nullable=True),
        Column("上年同期死亡数", "number", "数字，没有的留空", optional=True, nullable=True),
        Column("来源", "text", "数据出处", optional=True, nullable=True),
    ),
    unique=("期间", "类别", "病种"),
    required_rows=("病种", (ALL,)),
    series=(
        Series(
            "期间",
            ("类别", "病种"),
            ("发病数", "死亡数"),
            None,
            (
                Retold("发病数", "step_before", "上月发病数"),
                Retold("死亡数", "step_before", "上月死亡数"),
                Retold("发病数", "year_before", "上年同期发病数"),
                Retold("死亡数", "year_before", "上年同期死亡数"),
            ),
        ),
    ),
)

BLANKS = (
    Blank("explanation", "疫情变化情况说明", required=False),
    Blank("advice", "防病提示", required=False),
)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures of ``period``; see ``epidemic_measures.epidemic_analysis``."""
    from obligations.publications.epidemic_measures import epidemic_analysis

    return epidemic_analysis(frame, snapshot, period)


KIND = PublicationKind(
    "epidemic-monthly", "法定传染病疫情", CONTRACT, BLANKS, analyse, led_by=("卫生", "疾控", "疾病预防")
)
