"""Which policy holds for an occurrence: reads ``policies.yaml`` and refuses one under which a miss could stay silent.

When a rung of a policy is reached is ``tiers``, whom it tells ``contacts``.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from obligations.rules.rule_files import read_rules
from obligations.words.clocks import EventClock
from obligations.words.contacts import Role
from obligations.words.follow_ups import FOLLOW_UPS
from obligations.words.notices import PoliciesFile, Policy, QuietHours, Situation, TierRule
from obligations.words.obligation import Obligation

PACKAGED_POLICIES = Path(__file__).with_name("policies.yaml")
CONFIRM = "confirm-"
"""Begins the tier under which the office is asked to confirm another: ``confirm-escalation`` asks for ``escalation``."""

MOST_HOURS = 72
Sort = Literal["days", "hours"]
_KEYS = re.compile(r"[a-z0-9-]+/([a-z0-9-]+|\*)")


@dataclass(frozen=True)
class Policies:
    """The policies in force.

    Attributes:
        version: digest of all they say; under another version every open occurrence is looked at anew.
    """

    file: PoliciesFile
    version: str

    @property
    def quiet_hours(self) -> QuietHours:
        """When ordinary notices go out."""
        return self.file.quiet_hours

    @property
    def acknowledgement_stops(self) -> tuple[str, ...]:
        """Codes of the rungs that an acknowledgement makes pointless."""
        return self.file.acknowledgement_stops

    def policy_for(self, situation: Situation) -> Policy:
        """Return the policy of an occurrence."""
        return self.policy_of(situation.key, "hours" if situation.in_hours else "days")

    def policy_of(self, key: str, sort: Sort) -> Policy:
        """Return the policy that names ``key``, else one for its jurisdiction, else the one for all others."""
        jurisdiction = f"{key.split('/')[0]}/*"
        policies = [policy for policy in self.file.policies if policy.applies_to == sort]
        for named in (key, jurisdiction):
            for policy in policies:
                if named in policy.keys:
                    return policy
        return next(policy for policy in policies if not policy.keys)

    def roles_of(self, obligation: Obligation) -> tuple[Role, ...]:
        """Return every role that may have to be told about ``obligation``, each once."""
        tiers = [rule for sort in _sorts_of(obligation) for rule in self.policy_of(obligation.key, sort).tiers]
        told = [role for rule in tiers for role in rule.to]
        asked = [Role.OFFICE for rule in tiers if rule.after_confirmation]
        return tuple(dict.fromkeys(told + asked))


def _sorts_of(obligation: Obligation) -> tuple[Sort, ...]:
    """Say which sorts of policy its occurrences can fall under; whole days after an event may come to 72 hours or more."""
    clock = obligation.clock
    if not isinstance(clock, EventClock):
        return ("days",)
    limit = obligation.due.limit if obligation.due is not None else clock.rule
    if limit is None:
        return "days", "hours"
    if limit.unit == "hour":
        return ("hours",) if limit.amount <= MOST_HOURS else ("days",)
    return ("days", "hours") if limit.unit != "month" and limit.amount * 24 < MOST_HOURS else ("days",)


def load_policies(path: Path | None = None) -> Policies:
    """Return the policies in ``path`` (default: the packaged ones); raises CatalogueFault with every fault of the file.

    One is kept for each state of the file, so that a server sees a change while it runs.
    """
    return _kept(read_rules(path or PACKAGED_POLICIES, PoliciesFile, _faults))


@lru_cache(maxsize=8)
def _kept(file: PoliciesFile) -> Policies:
    return Policies(file, hashlib.sha256(file.model_dump_json().encode()).hexdigest()[:16])


def _faults(file: PoliciesFile) -> Iterator[tuple[str, str, str]]:
    """Yield field, value and expected form of everything wrong."""
    for name, times in Counter(policy.name for policy in file.policies).items():
        if times > 1:
            yield "policies", name, "每套规则的 name 只用一次"
    for sort in ("days", "hours"):
        yield from _faults_of_sort(sort, [policy for policy in file.policies if policy.applies_to == sort])
    for number, policy in enumerate(file.policies):
        yield from _faults_of_policy(f"policies.{number}", policy)
    rungs = {rule.code: rule for policy in file.policies for rule in policy.tiers if rule.at is not None}
    for code in file.acknowledgement_stops:
        if code not in rungs:
            yield "acknowledgement_stops", code, f"按时间触发的级别的 code：{'、'.join(rungs)}"
        elif rungs[code].misses and not rungs[code].after_confirmation:
            yield "acknowledgement_stops", code, "不含逾期通知：签收不能使逾期不通知"


def _faults_of_sort(sort: str, policies: list[Policy]) -> Iterator[tuple[str, str, str]]:
    general = [policy.name for policy in policies if not policy.keys]
    if len(general) != 1:
        expected = f"applies_to 为 {sort} 且不写 keys 的规则恰有一套，适用于其余全部事项"
        yield "policies", "、".join(general) or "（没有）", expected
    for key, times in Counter(key for policy in policies for key in policy.keys).items():
        if not _KEYS.fullmatch(key):
            yield "policies.keys", key, "辖区/事项 或 辖区/*"
        if times > 1:
            yield "policies.keys", key, f"同一事项在 applies_to 为 {sort} 的规则中只出现一次"


def _faults_of_policy(field: str, policy: Policy) -> Iterator[tuple[str, str, str]]:
    for code, times in Counter(rule.code for rule in policy.tiers).items():
        if times > 1:
            yield f"{field}.tiers", code, "同一套规则中每个 code 只用一次"
    if not any(rule.misses and not rule.after_confirmation and _is_at_due(rule) for rule in policy.tiers):
        expected = "至少一级为 at: due_at、misses: true，不加提前量和确认：任何逾期都要通知"
        yield f"{field}.tiers", policy.name, expected
    for number, rule in enumerate(policy.tiers):
        for name, value, expected in _faults_of_rung(rule):
            yield f"{field}.tiers.{number}.{name}", value, expected


def _is_at_due(rule: TierRule) -> bool:
    return rule.at == "due_at" and not rule.working_days and not rule.hours


def _faults_of_rung(rule: TierRule) -> Iterator[tuple[str, str, str]]:
    timed = rule.working_days or rule.hours or rule.share is not None or rule.misses or rule.after_confirmation
    if (rule.at is None) == (rule.when is None):
        yield "at", f"{rule.at}，when: {rule.when}", "at（时间）与 when（事件）恰写一个"
    elif rule.when is not None and timed:
        yield "when", rule.when, "按事件触发的级别不写 working_days、hours、share、misses、after_confirmation"
    if (rule.at == "window") != (rule.share is not None):
        yield "share", str(rule.share), "at: window 时写 share，其他时候不写"
    if (rule.working_days and rule.hours) or (rule.at == "window" and (rule.working_days or rule.hours)):
        yield "working_days", str(rule.working_days), "working_days 与 hours 只写一个；at: window 时都不写"
    if rule.every_days and rule.at not in FOLLOW_UPS:
        yield "every_days", str(rule.every_days), f"只与 at: {'、'.join(FOLLOW_UPS)} 同用"
    if rule.at in FOLLOW_UPS and (rule.misses or rule.after_confirmation or rule.unless):
        yield "at", str(rule.at), "时限以外待办事项的提醒不写 misses、after_confirmation、unless"
    if not rule.to:
        yield "to", "（空）", f"至少一个角色：{'、'.join(Role)}"
    if rule.code.startswith(CONFIRM):
        yield "code", rule.code, f"不以 {CONFIRM} 开头：它留给请政务公开办确认的通知"
    if rule.misses and not rule.after_confirmation and rule.unless:
        yield "unless", "、".join(rule.unless), "逾期通知不写 unless：任何逾期都要通知"
