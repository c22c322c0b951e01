"""The yearly report on information disclosure in the national format: six parts and the standard tables.

Source: 国办公开办函〔2021〕30号, which gives the tables and the rule that they agree with one another. The measures are
``annual_report_measures``; this module stays cheap to import, because DAGs list its blanks when parsed.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from obligations.words.publication import Analysis, Blank, Ceiling, Column, DataContract, PublicationKind, Snapshot

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period

ACTIVE, REQUESTS, REVIEWS = "主动公开", "申请", "复议诉讼"
APPLICANTS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")
OUTCOMES = ("结果维持", "结果纠正", "其他结果", "尚未审结")
SUM = "总计"
ISSUED = ("本年制发件数", "本年废止件数", "现行有效件数")
HANDLED, CHARGED = "本年处理决定数量", "本年收费金额（万元）"
CONTRACT = DataContract(
    columns=(
        Column("期间", "period", "年度，例如 2025"),
        Column("表", "text", f"{ACTIVE}、{REQUESTS} 或 {REVIEWS}", allowed=(ACTIVE, REQUESTS, REVIEWS)),
        Column("项目", "text", "格式规定的项目名称，不带序号，例如 予以公开"),
        *(
            Column(name, "number", "数字，本表没有这一栏的留空，没有发生的填0", optional=True, nullable=True)
            for name in (*ISSUED, HANDLED, CHARGED, *APPLICANTS, *OUTCOMES, SUM)
        ),
    ),
    unique=("期间", "表", "项目"),
    required_rows=("表", (ACTIVE, REQUESTS, REVIEWS)),
    ceilings=(Ceiling((CHARGED,), Decimal(100_000)),),
)
BLANKS = (
    Blank("proactive", "主动公开工作情况"),
    Blank("management", "政府信息管理情况"),
    Blank("platform", "政府信息公开平台建设情况"),
    Blank("supervision", "监督保障情况（含工作考核、社会评议和责任追究结果情况）"),
    Blank("problems", "存在的主要问题"),
    Blank("improvements", "改进情况"),
    Blank("others", "其他需要报告的事项（含收取信息处理费的情况）；没有的写“没有其他需要报告的事项”"),
)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures of ``period``; see ``annual_report_measures.annual_report``."""
    from obligations.publications.annual_report_measures import annual_report

    return annual_report(frame, snapshot, period)


KIND = PublicationKind("annual-report", "政府信息公开工作年度报告", CONTRACT, BLANKS, analyse, led_by=("办公",))
