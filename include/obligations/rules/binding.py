"""Which limit binds an obligation on a day, and the sentences that name its clause and its law. No dates computed here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from obligations.rules.law import StatutoryLimit, law_in_force
from obligations.words.clocks import EventClock
from obligations.words.limits import Limit
from obligations.words.obligation import DueRule, Obligation
from obligations.words.times import say_day


@dataclass(frozen=True, slots=True)
class BindingLimit:
    """The limit that binds on a day.

    Attributes:
        limit: the length of time.
        law: the provision it comes from, where it comes from law.
        because: the Chinese sentence that names its origin.
    """

    limit: Limit
    law: StatutoryLimit | None
    because: str


def binding_limit(obligation: Obligation, on: date) -> BindingLimit | None:
    """Return the limit that binds on ``on``, or None where neither the clause, the law nor this installation gives one.

    Of a law the version in force on ``on`` binds, with its own number: 15 working days on request until 2019-05-14,
    20 from then on.
    """
    due, clock = obligation.due, obligation.clock
    if due is not None:
        return _of_law(due, on) if due.origin == "law" else _of_text_or_local(due)
    if isinstance(clock, EventClock) and clock.rule is not None:
        return BindingLimit(clock.rule, None, f"条款规定的时限为{_say(clock.rule)}。")
    return None


def _of_text_or_local(due: DueRule) -> BindingLimit:
    if due.origin == "text":
        return BindingLimit(due.limit, None, f"条款规定的时限为{_say(due.limit)}。")
    note = f"：{due.note}" if due.note else ""
    return BindingLimit(due.limit, None, f"时限{_say(due.limit)}为本单位规定，不是条款原文{note}。")


def _of_law(due: DueRule, on: date) -> BindingLimit:
    law = law_in_force(due.law, on) if due.law else None
    if law is None:
        said = f"没有查到{say_day(on)}施行中的法定条文，时限按目录所记{_say(due.limit)}计算，须人工核对。"
        return BindingLimit(due.limit, None, said)
    if law.fixed_date is not None:
        month, day = (int(part) for part in law.fixed_date.split("-"))
        said = f"条款未写明日期，依照{say_day(on)}施行中的{law.cite_with_doubt()}，时限为每年{month}月{day}日前。"
        return BindingLimit(due.limit, law, said)
    if law.limit is None:
        said = f"{law.cite_with_doubt()}未定天数，时限按目录所记{_say(due.limit)}计算，须人工核对。"
        return BindingLimit(due.limit, law, said)
    said = f"条款未写明天数，依照{say_day(on)}施行中的{law.cite_with_doubt()}，时限为{_say(law.limit)}。"
    return BindingLimit(law.limit, law, said)


def _say(limit: Limit) -> str:
    return limit.say() if limit.amount else "同步"


def explain_clause(obligation: Obligation, on: date) -> Iterator[str]:
    """Name the document and clause that order it, from whom it was adopted, and why an expired plan still binds."""
    document, continued = obligation.document, obligation.continued
    number = f"（{document.number}）" if document.number else ""
    yield f"依据{document.cited}{number}{obligation.clause}：“{obligation.quote}”。"
    if obligation.adopted_from:
        yield f"本事项由{obligation.jurisdiction.name}采用，原事项为 {obligation.adopted_from}。"
    if continued and obligation.binds_until and obligation.status(on) == "延续执行":
        ended = f"该事项执行至{say_day(obligation.binds_until)}"
        yield f"{ended}，本期延续执行（依据：{continued.basis}；批准：{continued.approved_by}）。"
