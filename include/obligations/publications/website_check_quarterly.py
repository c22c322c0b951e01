"""The quarterly check of government websites and new-media accounts (抽查通报): one row a site and round.

The measures are ``website_check_measures``; this module stays cheap to import, because DAGs list its blanks when parsed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from obligations.words.publication import Analysis, Blank, Column, DataContract, PublicationKind, Snapshot

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period

SITES, ACCOUNTS = "政府网站", "政务新媒体"
ROUNDS = ("第一次", "第二次", "第三次", "第四次")
PASSED, FAILED = "合格", "不合格"
CONTRACT = DataContract(
    columns=(
        Column("期间", "period", "季度，例如 2026-Q3"),
        Column("地区", "text", "地区名称，各行一致", optional=True, nullable=True),
        Column("类别", "text", f"{SITES} 或 {ACCOUNTS}", allowed=(SITES, ACCOUNTS)),
        Column("正常运行总数", "number", "整数，季末本地区该类别正常运行的总数，同期间同类别各行一致"),
        Column("抽查轮次", "text", f"{'、'.join(ROUNDS)} 之一", allowed=ROUNDS),
        Column("名称", "text", "网站名称或账号名称"),
        Column("主办单位", "text", "主办单位名称"),
        Column("结果", "text", f"{PASSED} 或 {FAILED}", allowed=(PASSED, FAILED)),
        Column("主要问题", "text", "不合格的写明检查发现的问题，合格的可留空", nullable=True),
        Column("来源", "text", "数据出处", optional=True, nullable=True),
    ),
    unique=("期间", "类别", "抽查轮次", "名称"),
)
BLANKS = (
    Blank("rectification", "整改要求（整改单位、事项和完成时间）"),
    Blank("last_rectified", "上季度通报问题的整改情况", required=False),
)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures of ``period``; see ``website_check_measures.website_check``."""
    from obligations.publications.website_check_measures import website_check

    return website_check(frame, snapshot, period)


KIND = PublicationKind("website-check-quarterly", "政府网站和政务新媒体季度抽查通报", CONTRACT, BLANKS, analyse)
