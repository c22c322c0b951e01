"""The monthly 通报 of punctuality, from the ledger's own lines: what they must hold and what only people can say.

The measures are ``accountability_measures``; this module stays cheap to import, because DAGs list its blanks when parsed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from obligations.words.accountability import COUNTED, DECISIONS, HEADERS, RESPONSES, RESULTS
from obligations.words.publication import Analysis, Blank, Column, DataContract, PublicationKind, Snapshot

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period

_ALLOWED = {"result": RESULTS, "counted": COUNTED, "response": RESPONSES, "decision": DECISIONS}
_ALWAYS = {"counted_in", "month", "key", "title", "period", "department", "due", "original_due", "result", "counted"}
CONTRACT = DataContract(
    columns=tuple(
        Column(
            header,
            "text",
            f"{'、'.join(_ALLOWED[field])} 之一" if field in _ALLOWED else "文字，由台账生成",
            nullable=field not in _ALWAYS,
            allowed=_ALLOWED.get(field, ()),
        )
        for field, header in HEADERS.items()
    ),
    unique=(HEADERS["counted_in"], HEADERS["key"], HEADERS["period"]),
    may_be_empty=True,
)
BLANKS = (
    Blank("problems", "存在的主要问题及原因"),
    Blank("rectification", "整改要求（责任单位、整改事项和完成时间）"),
)


def analyse(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures of ``period``; see ``accountability_measures.punctuality``."""
    from obligations.publications.accountability_measures import punctuality

    return punctuality(frame, snapshot, period)


KIND = PublicationKind("accountability", "政务公开事项按期办理情况通报（内部）", CONTRACT, BLANKS, analyse)
