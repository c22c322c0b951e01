"""Which tiers a situation has reached, what has become pointless, and when to look again. Pure, by state, never by window.

Of the rungs that time reaches only the last is told, so that after an outage nobody gets a stale reminder; what tells of
a miss is told whatever came after it. A tier is told once; after the due time has moved the ladder is told anew. Which
policy holds is ``policies``, which happenings stand ``happenings``, who is told ``contacts``.

Days of a rung are working days, make-up Saturdays included. A rung n working days *ahead* is reached at 00:00 of the
last working day after which n working days are left, the due day counted: due on Wednesday 24:00, ``-1`` is Tuesday
00:00; due on a holiday, the working day before it counts as the due day, for fixed dates do not roll. A rung n working
days *after* is reached at the 24:00 that ends the n-th working day which begins then or later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from obligations.rules.calendar import WorkingCalendar
from obligations.rules.policies import CONFIRM, Policies
from obligations.words.contacts import Role
from obligations.words.notices import Policy, Reached, Situation, TierRule
from obligations.words.times import SHANGHAI, midnight

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is so at one instant.

    Attributes:
        missed: open and past ``due_at``; at ``due_at`` itself it is still in time.
        reached: tiers worth telling now; whether they were told before is the ledger's to know.
        look_at: the next instant at which ``missed`` or ``reached`` changes by time alone; None for never.
    """

    missed: bool
    reached: tuple[Reached, ...]
    look_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Rung:
    """A rung laid on an occurrence: ``at`` is its nominal instant, ``since`` the first at which it counts as reached."""

    rule: TierRule
    at: datetime
    since: datetime


def decide(situation: Situation, policies: Policies, calendar: WorkingCalendar, now: datetime) -> Decision:
    """Say what ``situation`` has reached at ``now``. A paused one (时限中止) reaches nothing by time and misses nothing."""
    if not situation.is_open or situation.historical:
        return Decision(missed=False, reached=(), look_at=None)
    policy = policies.policy_for(situation)
    happened = tuple(_by_happening(policy, situation))
    if situation.paused:
        return Decision(missed=False, reached=happened, look_at=None)
    rungs = tuple(_lay(policy, situation, calendar))
    told = _by_time(rungs, situation, policies, policy, now)
    missed = now > situation.due_at
    for turn in sorted({rung.since for rung in rungs}):  # the miss among them: no policy is without a rung for it
        if turn > now:
            then = _by_time(rungs, situation, policies, policy, turn)
            if (missed, told) != (turn > situation.due_at, then):
                return Decision(missed, told + happened, turn)
    return Decision(missed, told + happened, None)


def still_applies(
    situation: Situation, tier: str, policies: Policies, calendar: WorkingCalendar, now: datetime
) -> bool:
    """Say whether a queued ``tier`` is still worth sending: whether it would be reached now, as things stand now."""
    return any(reached.tier == tier for reached in decide(situation, policies, calendar, now).reached)


def confirmed_tier(asked: str) -> str:
    """Return the tier that a click on ``asked`` (``confirm-escalation``) confirms; ``Situation.confirmed`` holds these."""
    return asked.removeprefix(CONFIRM)


def tier_of(rule: TierRule, situation: Situation) -> str:
    """Return what is told once for a rung that time reaches; a due time that has moved makes it another tier."""
    if situation.original_due_at in {None, situation.due_at}:
        return rule.code
    return f"{rule.code}@{situation.due_at.astimezone(SHANGHAI):%Y%m%d%H%M}"


def _by_happening(policy: Policy, situation: Situation) -> Iterator[Reached]:
    for happening in situation.happenings:
        for rule in policy.tiers:
            if rule.when == happening.kind and not situation.states.intersection(rule.unless):
                yield Reached(f"{rule.code}:{happening.seq}", rule, happening.at, facts=happening.facts)


def _by_time(
    rungs: tuple[_Rung, ...], situation: Situation, policies: Policies, policy: Policy, now: datetime
) -> tuple[Reached, ...]:
    """Return what tells of a miss, and of the rungs reached last the last that is not pointless."""
    passed = [rung for rung in rungs if rung.since <= now]
    last = max((rung.since for rung in passed), default=None)
    worth = [rung for rung in passed if not _is_pointless(rung.rule, situation, policies, policy)]
    misses = [rung for rung in worth if rung.rule.misses]
    reminders = [rung for rung in worth if not rung.rule.misses and rung.since == last]
    return tuple(_reach(rung, situation) for rung in (*misses, *reminders[-1:]))


def _is_pointless(rule: TierRule, situation: Situation, policies: Policies, policy: Policy) -> bool:
    """Say whether its states hold, or it is stopped by an acknowledgement and the office has not confirmed it since."""
    if situation.states.intersection(rule.unless):
        return True
    if rule.code not in policies.acknowledgement_stops or tier_of(rule, situation) in situation.confirmed:
        return False
    # Having seen a reminder does not answer for the miss.
    answers = (other for other in policy.tiers if other.at is not None and (other.misses or not rule.misses))
    return any(tier_of(other, situation) in situation.acknowledged for other in answers)


def _reach(rung: _Rung, situation: Situation) -> Reached:
    tier = tier_of(rung.rule, situation)
    if not rung.rule.after_confirmation or tier in situation.confirmed:
        return Reached(tier, rung.rule, rung.at)
    asked = {"code": f"{CONFIRM}{rung.rule.code}", "label": f"待确认：{rung.rule.label}", "to": (Role.OFFICE,)}
    return Reached(f"{CONFIRM}{tier}", rung.rule.model_copy(update=asked), rung.at, awaits_confirmation=True)


def _lay(policy: Policy, situation: Situation, calendar: WorkingCalendar) -> Iterator[_Rung]:
    """Yield the rungs with their instants; one on a day before the occurrence opens reminds of nothing that can be done."""
    opens = midnight(situation.opens_at.astimezone(SHANGHAI).date())
    missed_since = situation.due_at + _INSTANT
    for rule in policy.tiers:
        if rule.at is None:
            continue
        at = _instant_of(rule, situation, calendar)
        if rule.misses:
            yield _Rung(rule, at, max(at, missed_since))
        elif at >= opens:
            yield _Rung(rule, at, at)


def _instant_of(rule: TierRule, situation: Situation, calendar: WorkingCalendar) -> datetime:
    if rule.at == "window":
        return situation.opens_at + (rule.share or 1) * (situation.due_at - situation.opens_at)
    anchors = {"opens_at": situation.opens_at, "draft_by": situation.draft_by, "due_at": situation.due_at}
    anchor = anchors[rule.at or "due_at"]
    if rule.working_days < 0:
        return midnight(_days_ahead(anchor, -rule.working_days, calendar))
    if rule.working_days > 0:
        return calendar.end_of_working_day(_day_of(anchor), rule.working_days)
    return anchor + timedelta(hours=rule.hours)


def _days_ahead(anchor: datetime, n: int, calendar: WorkingCalendar) -> date:
    day = _day_of(anchor)
    last = day if calendar.is_working_day(day) else calendar.subtract_working_days(day, 1)
    return calendar.subtract_working_days(last, n)


def _day_of(anchor: datetime) -> date:
    """Return the day that an instant belongs to; a midnight belongs to the day it ends (Civil Code, art. 203)."""
    return (anchor.astimezone(SHANGHAI) - _INSTANT).date()
