"""What people may decide on one occurrence, as values. Reading them from a form and recording them is orchestration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from obligations.words.limits import Limit

Scope = Literal["不予公开", "部分公开"]


@dataclass(frozen=True, slots=True)
class Extend:
    """延长期限, where the binding provision names it.

    Attributes:
        by: how much; decided_on: the day it was granted.
        authority: who approved it; proof: number or address of the approval, or empty.
    """

    by: Limit
    decided_on: date
    reason: str
    authority: str
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """时限中止, where the binding provision names it: from ``first`` on the days do not count."""

    first: date
    reason: str
    authority: str
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Resume:
    """恢复计时; ``last`` is the last day that does not count. Reason and authority are those of the pause."""

    last: date
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Waive:
    """经批准不计入考核."""

    reason: str
    authority: str
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Nil:
    """零报告: there was nothing to disclose in the period."""

    reason: str


@dataclass(frozen=True, slots=True)
class Withhold:
    """不予公开, or 部分公开, which leaves the rest owed.

    Attributes:
        article: 14, 15 or 16 of the 政府信息公开条例 (国务院令第711号).
        authority: who approved it; reassess_on: when it is looked at again (条例, art. 18).
    """

    scope: Scope
    article: Literal[14, 15, 16]
    reason: str
    authority: str
    reassess_on: date
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Correct:
    """更正滞后环节: which stage lost the time, or whose it was, where the system's proposal is wrong.

    Attributes:
        stage: start, data, draft, review or publication; None leaves the proposed one.
        owner: department, office, person or 系统运行; None leaves the proposed one.
    """

    stage: str | None
    owner: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """登记进展: how far it is; of a quota or a standing duty, one more time done or found up to date."""

    at: datetime
    note: str
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Redraft:
    """重拟: asks for a new version after the last run ended without one that was approved."""

    reason: str


Ruling: TypeAlias = Extend | Pause | Resume | Waive | Nil | Withhold | Correct | Progress | Redraft
