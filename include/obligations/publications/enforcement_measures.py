"""The list of enforcement decisions: which columns are printed and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obligations.publications.decisions import CODE, Form, any_natural, faults, table, told, warnings
from obligations.publications.enforcement_decisions import LIMIT
from obligations.publications.measuring import Measures, Unit
from obligations.publications.periods import say_span
from obligations.words.errors import BadInput
from obligations.words.publication import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

DECISIONS = Form(
    key="decisions", name="行政执法", party="执法对象", sort="执法对象类别",
    number="决定文书号", day="决定日期", body="执法机关", group="执法类别",
    needed=(),
    printed=("决定文书号", "执法对象", CODE, "执法类别", "执法结论", "决定日期", "执法机关"),
)  # fmt: skip


def enforcement_decisions(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """List and count the decisions of one delivery; arguments and errors as ``permits_measures`` has them."""
    if CODE not in frame.columns:
        frame = frame.assign(**{CODE: None})
    if problems := tuple(faults(frame, DECISIONS, snapshot.file)):
        raise BadInput(snapshot.file, problems)
    measures = Measures(snapshot, frame, Unit("件", places=0))
    tables = {} if frame.empty else {"decisions": table(frame, DECISIONS, "行政执法决定信息")}
    words = {
        "span": say_span(period),
        "decisions": told(measures, frame, DECISIONS),
        "any_natural": any_natural(frame, DECISIONS),
    }
    return Analysis(measures.by_id, tables, words, tuple(warnings(frame, DECISIONS, period, LIMIT.say())))
