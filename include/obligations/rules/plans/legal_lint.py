"""Looks at what a plan orders with the law beside it: looser limits, dates that have passed, no body, contradictions.

Statutory numbers come from ``law.yaml``; where the plan is silent nothing is said. Every finding is for a person to judge.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from obligations.rules.law import StatutoryLimit, law_in_force
from obligations.rules.plans.comparison import canonical
from obligations.rules.plans.stream import plain
from obligations.words.clocks import DeadlineClock, EventClock, RecurringClock
from obligations.words.limits import Limit
from obligations.words.obligation import Duty
from obligations.words.occurrence import INCIDENT
from obligations.words.plans import Candidate, PlanFacts

_HOURS = {"hour": 1.0, "day": 24.0, "working_day": 24.0 * 7 / 5, "month": 24.0 * 30}
_TOPICS = (
    ("incident-conference", re.compile("新闻发布会")),
    ("incident-information", re.compile("权威信息|发布信息|回应")),
)
_BY_WORDS = (
    ("enforcement-permit-penalty", re.compile(r"行政许可|行政处罚")),
    ("enforcement-decision", re.compile(r"执法决定")),
    ("on-request", re.compile(r"申请[^,。]{0,8}答复|依申请公开")),
    ("proactive-disclosure", re.compile(r"形成|变更|印发|制定")),
)
_ALIKE = 0.85


@dataclass(frozen=True, slots=True)
class LegalFinding:
    """One thing to look at: the candidates it is about by slug, what it is, and a Chinese sentence."""

    slugs: tuple[str, ...]
    kind: str
    said: str


def find(candidates: Sequence[Candidate], facts: Sequence[PlanFacts], today: dt.date) -> list[LegalFinding]:
    """Return every finding in the order of the candidates; ``today`` tells which dates have passed."""
    found: list[LegalFinding] = []
    for candidate in candidates:
        plan = facts[min(candidate.document, len(facts) - 1)]
        issued = plan.issued_on or dt.date(plan.year or today.year, 1, 1)
        found += _looser(candidate, issued)
        found += _past(candidate, plan.issued_on, today)
        if not candidate.departments:
            found.append(
                LegalFinding(
                    (candidate.slug,),
                    "没有责任单位",
                    f"{candidate.clause}“{candidate.title}”原文没有写明责任单位，请补上",
                )
            )
    found += _contradictions(candidates)
    return found


def _looser(candidate: Candidate, issued: dt.date) -> Iterator[LegalFinding]:
    clock = candidate.clock
    if isinstance(clock, EventClock) and clock.rule is not None and clock.relation == "after":
        law = _law_for(candidate, clock, issued)
        if law is not None and law.limit is not None and _longer(clock.rule, law.limit):
            said = f"{candidate.clause}规定{clock.rule.say()}，长于{law.cite_with_doubt()}的{law.limit.say()}，请核对"
            yield LegalFinding((candidate.slug,), "宽于法定时限", said)
    if isinstance(clock, RecurringClock) and clock.fixed_date and "年度报告" in plain(candidate.quote):
        department = any("部门" in name or "局" in name or "单位" in name for name in candidate.departments)
        law = law_in_force("department-annual-report" if department else "government-annual-report", issued)
        fixed = f"{clock.fixed_date[0]:02d}-{max(clock.fixed_date[1], 28):02d}"
        if law is not None and law.fixed_date is not None and fixed > law.fixed_date:
            said = f"{candidate.clause}的日期晚于{law.cite_with_doubt()}规定的{law.fixed_date}，请核对"
            yield LegalFinding((candidate.slug,), "宽于法定时限", said)


def _law_for(candidate: Candidate, clock: EventClock, issued: dt.date) -> StatutoryLimit | None:
    words = plain(candidate.quote)
    if clock.event == INCIDENT:
        # the sentence names both; what follows this limit's own words tells which it is
        own = words[words.find(plain(candidate.words)) :]
        key = next((key for key, pattern in _TOPICS if pattern.search(own[:24])), "incident-information")
        return law_in_force(key, issued)
    if candidate.duty is not Duty.PUBLISH and "答复" not in words:
        return None
    key = next((key for key, pattern in _BY_WORDS if pattern.search(words)), "")
    return law_in_force(key, issued) if key else None


def _longer(ours: Limit, law: Limit) -> bool:
    return ours.amount * _HOURS[ours.unit] > law.amount * _HOURS[law.unit]


def _past(candidate: Candidate, issued: dt.date | None, today: dt.date) -> Iterator[LegalFinding]:
    if not isinstance(candidate.clock, DeadlineClock):
        return
    date = candidate.clock.date
    if issued is not None and date < issued:
        yield LegalFinding(
            (candidate.slug,), "日期已过", f"{candidate.clause}的日期{date}早于成文日期{issued}，印发时已过"
        )
    elif date < today:
        yield LegalFinding((candidate.slug,), "日期已过", f"{candidate.clause}的日期{date}已过，请核对是否办结")


def _contradictions(candidates: Sequence[Candidate]) -> Iterator[LegalFinding]:
    """Yield pairs of clauses that give one thing two limits of one kind."""
    kinds: dict[tuple[int, str, str], list[tuple[Candidate, frozenset[str]]]] = {}
    for candidate in candidates:
        if candidate.clock.kind == "standing":
            continue
        shape = plain("".join(candidate.title.split())).replace(plain(candidate.words), "")
        pairs = frozenset(shape[place : place + 2] for place in range(len(shape) - 1))
        group = kinds.setdefault((candidate.document, candidate.clock.kind, candidate.duty.value), [])
        for other, theirs in group[-200:]:
            alike = len(pairs & theirs) / max(1, len(pairs | theirs))
            same_bodies = set(other.departments) == set(candidate.departments) or not candidate.departments
            if (
                alike >= _ALIKE
                and same_bodies
                and other.clause != candidate.clause
                and canonical(other.clock) != canonical(candidate.clock)
            ):
                said = f"{other.clause}与{candidate.clause}对同一事项写了两个时限：“{other.words}”和“{candidate.words}”，请核对"
                yield LegalFinding((other.slug, candidate.slug), "前后矛盾", said)
        group.append((candidate, pairs))
