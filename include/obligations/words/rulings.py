"""What people may decide on one occurrence, as values. Reading them from a form and recording them is orchestration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from obligations.words.limits import Limit

Scope = Literal["不予公开", "部分公开"]
Basis = Literal["page_time", "screenshot", "site_log", "signed_record"]


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
    """登记进展: how far it is; of a quota or a standing duty, one more time done or found up to date.

    Attributes:
        unchanged: 确认仍为最新: nothing had to be changed; ``note`` says what was checked.
    """

    at: datetime
    note: str
    proof: str = ""
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Redraft:
    """重拟: asks for a new version after the last run ended without one that was approved."""

    reason: str


@dataclass(frozen=True, slots=True)
class Vouch:
    """登记佐证: a named person says when it was public, earlier than we saw it or where we could not see it.

    Attributes:
        at: when it was public, as the evidence shows.
        basis: page_time, screenshot, site_log or signed_record; reference: its number, link or place.
        attachments: SHA-256 of files that were handed in for this occurrence.
        address: where it is; None for the publication registered last.
    """

    at: datetime
    basis: Basis
    reference: str = ""
    attachments: tuple[str, ...] = ()
    address: str | None = None


@dataclass(frozen=True, slots=True)
class AcceptEvidence:
    """采信佐证: the office takes the evidence that somebody else entered; its time is then when the duty was met."""

    address: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RejectEvidence:
    """不采信佐证, and why."""

    reason: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """核对错误放行: a version whose check found errors may pass all the same; ``sha256`` is the reviewed version's."""

    sha256: str
    reason: str


@dataclass(frozen=True, slots=True)
class Merge:
    """并入其他事项: what is owed was done as part of another obligation's occurrence, which is met."""

    into_key: str
    into_period: str
    reason: str
    authority: str


@dataclass(frozen=True, slots=True)
class OrderCorrection:
    """更正已公开内容: what is public is wrong, a new version is drafted, reviewed in full and takes its place."""

    reason: str


@dataclass(frozen=True, slots=True)
class OrderWithdrawal:
    """责令撤回: what is public is to be taken down.

    Attributes:
        law: key in ``law.yaml`` of the provision that gives the days; None where only the office does.
        since: the day the days count from, when what was published was changed or revoked.
        due_on: last day, where no provision gives the days, or to tighten its limit.
        address: None for the publication registered last.
    """

    reason: str
    authority: str
    law: str | None
    since: date
    due_on: date | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """登记已撤回: somebody's word that the page is gone, and where that can be checked."""

    at: datetime
    reference: str
    note: str = ""
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Formalize:
    """补办手续: the signed paper of an approval that was given by word of mouth; by number or as a file handed in.

    Attributes:
        level: 终审 and the like; None where only one approval waits for its paper.
    """

    level: str | None = None
    reference: str = ""
    attachments: tuple[str, ...] = ()


Ruling: TypeAlias = (
    Extend
    | Pause
    | Resume
    | Waive
    | Nil
    | Withhold
    | Correct
    | Progress
    | Redraft
    | Vouch
    | AcceptEvidence
    | RejectEvidence
    | Override
    | Merge
    | OrderCorrection
    | OrderWithdrawal
    | Withdrawn
    | Formalize
)
