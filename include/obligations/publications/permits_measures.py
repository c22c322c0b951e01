"""The two lists of permits and penalties (双公示): which columns are printed, counted and summed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obligations.publications.decisions import CODE, Form, any_natural, faults, table, told, warnings
from obligations.publications.measuring import Measures, Unit
from obligations.publications.periods import say_period
from obligations.publications.permits_and_penalties import (
    FINE,
    FORFEIT,
    LIMIT,
    PENALTY,
    PENALTY_DAY,
    PERMIT,
    PERMIT_DAY,
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
    span=("有效期自", "有效期至"),
)  # fmt: skip
PENALTIES = Form(
    key="penalties", name=PENALTY, party="行政相对人名称", sort="行政相对人类别",
    number="行政处罚决定文书号", day=PENALTY_DAY, body="处罚机关", group="处罚类别",
    needed=("违法行为类型", "违法事实", "处罚依据", "处罚类别", "处罚内容"),
    printed=("行政处罚决定文书号", "行政相对人名称", CODE, "违法事实", "处罚依据", "处罚内容", PENALTY_DAY),
    amounts=(FINE, FORFEIT),
)  # fmt: skip


def permits_and_penalties(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """List and count the decisions of one delivery.

    Args:
        frame: validated rows, one a decision; empty where nothing was decided.
        snapshot: the source file.
        period: what the delivery covers, or an event of one day.

    Raises BadInput with every cell that a decision of its sort lacks or that cannot be.
    """
    frame = frame.reindex(columns=[*frame.columns, *(c for c in _columns() if c not in frame.columns)])
    parts = {form: frame[frame[SORT] == form.name] for form in (PERMITS, PENALTIES)}
    if problems := [problem for form, rows in parts.items() for problem in faults(rows, form, snapshot.file)]:
        raise BadInput(snapshot.file, tuple(problems))
    measures = Measures(snapshot, frame, Unit("件", places=0))
    tables = {form.key: table(rows, form, f"{form.name}信息") for form, rows in parts.items() if not rows.empty}
    words = {
        "span": say_period(period),
        "permits": told(measures, parts[PERMITS], PERMITS),
        "penalties": told(measures, parts[PENALTIES], PENALTIES),
        "any_natural": any(any_natural(rows, form) for form, rows in parts.items()),
    }
    found = [each for form, rows in parts.items() for each in warnings(rows, form, period, LIMIT.say())]
    return Analysis(measures.by_id, tables, words, tuple(found))


def _columns() -> list[str]:
    """Name the columns that are read; a delivery of permits alone has none of the penalties'."""
    names = [
        *PERMITS.needed, *PERMITS.printed, *PERMITS.span, PERMITS.body,
        *PENALTIES.needed, *PENALTIES.printed, *PENALTIES.amounts, PENALTIES.body,
    ]  # fmt: skip
    return list(dict.fromkeys(names))
