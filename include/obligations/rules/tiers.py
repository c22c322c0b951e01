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
from datetime import datetime, timedelta

from obligations.rules.calendar import WorkingCalendar
from obligations.rules.owed import owed_at, shifted
from obligations.rules.policies import CONFIRM, Policies
from obligations.words.contacts import Role
from obligations.words.follow_ups import FOLLOW_UPS
from obligations.words.notices import Policy, Reached, Situation, TierRule
from obligations.words.times import SHANGHAI, midnight

_INSTANT = timedelta(microseconds=1)
_AFTER_CLOSING = {"page_changed"}
"""What is told of an occurrence that is closed, too."""


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
    policy = policies.policy_for(situation)
    owed, again = owed_at(policy, situation, calendar, now)
    due = _decide_on_due(situation, policies, policy, calendar, now)
    turns = [turn for turn in (due.look_at, again) if turn is not None]
    return Decision(due.missed, due.reached + owed, min(turns, default=None))


def _decide_on_due(
    situation: Situation, policies: Policies, policy: Policy, calendar: WorkingCalendar, now: datetime
) -> Decision:
    """Say what the occurrence's own due time comes to; one that is closed or 补录 reaches nothing more by it.

    What is public and not yet proven is nobody's miss: a site that turns robots away makes nobody late.
    """
    happened = tuple(_by_happening(policy, situation))
    if not situation.is_open:
        afterwards = tuple(reached for reached in happened if reached.rule.when in _AFTER_CLOSING)
        return Decision(missed=False, reached=afterwards, look_at=None)
    if situation.historical:
        return Decision(missed=False, reached=(), look_at=None)
    if situation.paused:
        return Decision(missed=False, reached=happened, look_at=None)
    if situation.unverified is not None:
        if now <= situation.due_at:
            return Decision(missed=False, reached=happened, look_at=situation.due_at + _INSTANT)
        return Decision(missed=False, reached=(*_unverified(policy, situation), *happened), look_at=None)
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


def _unverified(policy: Policy, situation: Situation) -> Iterator[Reached]:
    """Yield what is told in place of the miss, once for each due time."""
    for rule in policy.tiers:
        if rule.when == "unverified" and situation.unverified is not None:
            yield Reached(tier_of(rule, situation), rule, situation.due_at, facts=situation.unverified.facts)


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
        if rule.at is None or rule.at in FOLLOW_UPS or (rule.at == "fresh_until" and situation.fresh_until is None):
            continue
        at = _instant_of(rule, situation, calendar)
        if rule.misses:
            yield _Rung(rule, at, max(at, missed_since))
        elif at >= opens or rule.at == "fresh_until":  # what is stale is so before its next check opens
            yield _Rung(rule, at, at)


def _instant_of(rule: TierRule, situation: Situation, calendar: WorkingCalendar) -> datetime:
    if rule.at == "window":
        return situation.opens_at + (rule.share or 1) * (situation.due_at - situation.opens_at)
    anchors = {"opens_at": situation.opens_at, "draft_by": situation.draft_by, "fresh_until": situation.fresh_until}
    return shifted(rule, anchors.get(rule.at or "") or situation.due_at, calendar)
