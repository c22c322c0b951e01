"""Reminders of what is still to be done beside the due time (待撤回, 待补办手续, 待重新评估, 佐证待采信), closed or not. Pure.

Each counts from an instant of its own, is told once, and with ``every_days`` again until it is done; of the reminders that
one outage held up, only the last is told. Also the arithmetic that these rungs share with the due time's (``tiers``).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from obligations.rules.calendar import WorkingCalendar
from obligations.words.notices import Policy, Reached, Situation, TierRule
from obligations.words.times import SHANGHAI, midnight

_INSTANT = timedelta(microseconds=1)


def owed_at(
    policy: Policy, situation: Situation, calendar: WorkingCalendar, now: datetime
) -> tuple[tuple[Reached, ...], datetime | None]:
    """Return what is worth telling at ``now``, and when there will be more; tiers are ``code:seq``, then ``code:seq.2``."""
    reached: list[Reached] = []
    turns: list[datetime] = []
    for owed in situation.owed:
        passed: list[tuple[datetime, Reached]] = []
        for rule in policy.tiers:
            if rule.at != owed.kind:
                continue
            first, step = shifted(rule, owed.at, calendar), timedelta(days=rule.every_days)
            times = (now - first) // step if step and now >= first else 0
            if now < first:
                turns.append(first)
                continue
            at = first + times * step
            tier = f"{rule.code}:{owed.seq}" + (f".{times + 1}" if times else "")
            passed.append((at, Reached(tier, rule, at, facts=owed.facts)))
            if step:
                turns.append(at + step)
        if passed:  # the reminder that lies ahead of a deadline is stale once the deadline has passed
            last = max(at for at, _ in passed)
            reached += [told for at, told in passed if at == last]
    return tuple(reached), min(turns, default=None)


def shifted(rule: TierRule, anchor: datetime, calendar: WorkingCalendar) -> datetime:
    """Return the instant of a rung that counts from ``anchor``; see ``tiers`` for its working days."""
    if rule.working_days < 0:
        return midnight(_days_ahead(anchor, -rule.working_days, calendar))
    if rule.working_days > 0:
        return calendar.end_of_working_day(day_of(anchor), rule.working_days)
    return anchor + timedelta(hours=rule.hours)


def day_of(anchor: datetime) -> date:
    """Return the day that an instant belongs to; a midnight belongs to the day it ends (Civil Code, art. 203)."""
    return (anchor.astimezone(SHANGHAI) - _INSTANT).date()


def _days_ahead(anchor: datetime, n: int, calendar: WorkingCalendar) -> date:
    day = day_of(anchor)
    last = day if calendar.is_working_day(day) else calendar.subtract_working_days(day, 1)
    return calendar.subtract_working_days(last, n)
