"""The two lists of permits and penalties (双公示): which columns are printed, counted and summed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obligations.publications.decisions import (
    CODE,
    Form,
    any_natural,
    faults,
    further_table,
    named_bodies,
    table,
    told,
    warnings,
)
from obligations.publications.measuring import Measures, Unit
from obligations.publications.periods import say_span
from obligations.publications.permits_and_penalties import (
    CODE_AS_EXPORTED,
    FINE,
    FORFEIT,
    LIMIT,
    PENALTY,
    PENALTY_DAY,
    PERMIT,
    PERMIT_DAY,
    PERMIT_SORTS,
    SORT,
)
from obligations.words.errors import BadInput
from obligations.words.publication import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

PERMITS = Form(
    key="permits", name=PERMIT, party="行政相对人名称", sort="行政相对人类别",
    number="行政许可决定文书号", day=PERMIT_DAY, body="许可机关", group="许可类别",
    needed=("许可类别", "许可内容"),
    printed=("行政许可决定文书号", "行政相对人名称", CODE, "许可类别", "许可内容", PERMIT_DAY, "有效期至"),
    span=("有效期自", "有效期至"), groups=PERMIT_SORTS, code_of_body="许可机关统一社会信用代码",
    further=("行政许可决定文书名称", "许可证书名称", "许可编号", "有效期自", "当前状态"),
)  # fmt: skip
PENALTIES = Form(
    key="penalties", name=PENALTY, party="行政相对人名称", sort="行政相对人类别",
    number="行政处罚决定书文号", day=PENALTY_DAY, body="处罚机关", group="处罚类别",
    needed=("违法行为类型", "违法事实", "处罚依据", "处罚类别", "处罚内容"),
    printed=("行政处罚决定书文号", "行政相对人名称", CODE, "处罚内容", PENALTY_DAY),
    amounts=(FINE, FORFEIT), code_of_body="处罚机关统一社会信用代码",
    grounds=("违法行为类型", "违法事实", "处罚依据"),
    further=("处罚类别", FINE, FORFEIT, "暂扣或吊销证照名称及编号", "处罚有效期", "公示截止期"),
)  # fmt: skip

ORIGIN = ("数据来源单位", "数据来源单位统一社会信用代码")


def permits_and_penalties(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """List and count the decisions of one delivery.

    Args:
        frame: validated rows, one a decision; empty where nothing was decided.
        snapshot: the source file.
        period: what the delivery covers, or an event of one day.

    Raises BadInput with every cell that a decision of its sort lacks or that cannot be.
    """
    frame = frame.reindex(columns=[*frame.columns, *(c for c in _columns() if c not in frame.columns)])
    frame[CODE] = frame[CODE].where(frame[CODE].notna(), frame[CODE_AS_EXPORTED])
    parts = {form: frame[frame[SORT] == form.name] for form in (PERMITS, PENALTIES)}
    if problems := [problem for form, rows in parts.items() for problem in faults(rows, form, snapshot.file)]:
        raise BadInput(snapshot.file, tuple(problems))
    measures = Measures(snapshot, frame, Unit("件", places=0))
    tables = {}
    for form, rows in parts.items():
        if not rows.empty:
            tables[form.key] = table(rows, form, f"{form.name}信息")
            if grounds := further_table(measures, rows, form, form.grounds, f"{form.name}事实和依据"):
                tables[f"{form.key}_grounds"] = grounds
            if further := further_table(measures, rows, form, form.further, f"{form.name}补充信息"):
                tables[f"{form.key}_further"] = further
    words = {
        "span": say_span(period),
        "permits": told(measures, parts[PERMITS], PERMITS),
        "penalties": told(measures, parts[PENALTIES], PENALTIES),
        "any_natural": any(any_natural(rows, form) for form, rows in parts.items()),
        "origins": named_bodies(frame, *ORIGIN),
    }
    found = [each for form, rows in parts.items() for each in warnings(rows, form, period, LIMIT.say())]
    return Analysis(measures.by_id, tables, words, tuple(found))


def _columns() -> list[str]:
    """Name the columns that are read; a delivery of permits alone has none of the penalties'."""
    names = [CODE_AS_EXPORTED, *ORIGIN]
    for form in (PERMITS, PENALTIES):
        names += [
            *form.needed,
            *form.printed,
            *form.grounds,
            *form.further,
            *form.amounts,
            *form.span,
            form.body,
            form.code_of_body,
        ]
    return list(dict.fromkeys(names))
