"""Administrative enforcement decisions within 20 working days: who enforced, on whom, what sort, with what conclusion.

Permits and penalties have 7 working days and are a kind of their own. The measures are ``decisions``; this module stays
cheap to import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from obligations.words.limits import Limit
from obligations.words.publication import (
    Analysis,
    Blank,
    Column,
    DataContract,
    PublicationKind,
    RowLimit,
    Snapshot,
)

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period

LIMIT = Limit(20, "working_day")
"""国办发〔2018〕118号: within 20 working days of the decision, permits and penalties within 7."""
SORTS = ("行政检查", "行政强制", "行政征收", "行政收费", "行政确认", "行政裁决", "行政给付", "行政奖励", "其他")
CONTRACT = DataContract(
    columns=(
        Column("执法机关", "text", "作出决定的机关名称"),
        Column("执法对象", "text", "法人名称或自然人姓名"),
        Column(
            "执法对象类别",
            "text",
            "法人及非法人组织、自然人、个体工商户 之一",
            allowed=("法人及非法人组织", "自然人", "个体工商户"),
        ),
        Column("统一社会信用代码", "text", "18位代码，自然人留空；不填身份证号", optional=True, nullable=True),
        Column(
            "执法类别",
            "text",
            f"{'、'.join(SORTS)} 之一（行政许可、行政处罚按7个工作日另行公示，不列入本表）",
            allowed=SORTS,
        ),
        Column("决定文书号", "text", "文书号"),
        Column("执法结论", "text", "决定的主要内容"),
        Column("决定日期", "date", "日期，例如 2026-09-08"),
    ),
    unique=(),
    may_be_empty=True,
    row_limit=RowLimit(("决定日期",), LIMIT),
)
BLANKS = (Blank("explanation", "有关情况说明，没有的留空", required=False),)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """List the decisions of one delivery; see ``enforcement_measures.enforcement_decisions``."""
    from obligations.publications.enforcement_measures import enforcement_decisions

    return enforcement_decisions(frame, snapshot, period)


KIND = PublicationKind("enforcement-decisions", "行政执法决定信息公示", CONTRACT, BLANKS, analyse)
