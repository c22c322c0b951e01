"""Says a candidate's clock in Chinese: its limit for the ledger, and how often."""

from __future__ import annotations

from obligations.rules.wording import say_cadence
from obligations.words.clocks import Clock, EventClock, QuotaClock, RecurringClock
from obligations.words.limits import Limit
from obligations.words.occurrence import INCIDENT

_SIDES = {"before": "之前", "with": "的同时", "after": "之后"}


def say_limit(clock: Clock, after_period: Limit | None = None) -> str:
    """Say the limit: ``每月``, ``每月，期满后10日内``, ``2017年12月31日前``, ``印发之后5个工作日内``."""
    if isinstance(clock, EventClock):
        anchor = "突发事件发生" if clock.event == INCIDENT else clock.event
        if clock.rule is None:
            return f"{anchor}{_SIDES[clock.relation]}"
        if clock.relation == "before":
            return f"{anchor}前{clock.rule.say()}"
        return f"{anchor}后{clock.rule.say()}内" if clock.rule.amount else f"与{anchor}同步"
    return f"{say_cadence(clock)}，期满后{after_period.say()}内" if after_period else say_cadence(clock)


def say_frequency(clock: Clock) -> str:
    """Say how often: a cadence, 一次性, 事件触发 or 常态."""
    if isinstance(clock, RecurringClock | QuotaClock):
        return say_cadence(clock)
    return {"event": "事件触发", "deadline": "一次性", "standing": "常态"}[clock.kind]
