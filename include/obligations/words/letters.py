"""What one message says, as values: its entries, and the words they become. Wording them is ``steps.notify.compose``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """What one notice says, ready to be worded (DESIGN: 事项、时限、责任人 and a link, never the draft).

    Attributes:
        heading: the tier's label; title, jurisdiction, period: of the obligation; empty for an alarm.
        due: ``9月30日24时前``; remaining: 还剩2个工作日, 已逾期3小时; derivation: sentences.
        missing: what is still missing, in words (数据未到, 等待审核); who: departments and the person who acts.
        incident: it concerns an incident: IM gets no details of it.
        link, acknowledge, confirm: addresses, or None where there is nothing to click.
        remarks: further sentences (审核意见, 数据问题, 时限由…改为…).
        overdue: the due time has passed.
    """

    heading: str
    title: str
    jurisdiction: str
    period: str
    due: str
    remaining: str
    derivation: tuple[str, ...]
    missing: str
    who: str
    incident: bool
    link: str | None
    acknowledge: str | None = None
    confirm: str | None = None
    remarks: tuple[str, ...] = ()
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One message in words: a subject line, plain text, HTML and a short text for IM and SMS."""

    subject: str
    text: str
    html: str
    short: str
