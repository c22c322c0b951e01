"""Whether what a run published is public: proves it and says so in the ledger, or says what was seen instead.

A failed look is never lateness: sites turn robots away, and some servers reach no site at all. It leaves 待核验, until a
later look succeeds or the office accepts what a person vouches for. The time that people claim stays apart from the
time at which the channel acknowledged it, or at which it was first seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from obligations.orchestration.publication.delivering import package_of
from obligations.orchestration.publication.looking import approved_version
from obligations.orchestration.runs.trace import append, last_event
from obligations.orchestration.work import Work
from obligations.rules.channels import load_channels
from obligations.steps.ledger import LedgerEvent
from obligations.steps.ledger.events import digest
from obligations.steps.verify import verify as read_back
from obligations.steps.verify.addresses import web_host
from obligations.words.channels import ChannelType
from obligations.words.errors import NotPublishable, UnusableInput
from obligations.words.evidence import Evidence, Publication
from obligations.words.sights import Look, Sight
from obligations.words.times import SHANGHAI, parse_instant

_ACKNOWLEDGING: set[ChannelType] = {"package", "sftp", "site_api"}
"""Channels that say themselves when a version came out; of a person's entry the first sight counts."""


def prove(work: Work, look: Look, now: datetime) -> Evidence | None:
    """Prove this run's last publication, and keep the proof; None where nothing was published, or it was withdrawn.

    What cannot be proven now comes back as 待核验, without a time, and is in the ledger as ``looked``, once an outcome and
    day. What is proven already comes back as it was, and nobody is asked again.
    """
    published = last_event(work, "published")
    if published is None:
        return None
    events = work.ledger.events(work.key, work.period)
    if (verified := verified_by(events, published)) is not None:
        return _known(verified)
    if is_withdrawn(events, published):
        return None
    evidence = _examine(work, published, look, now)
    if evidence.fulfilled_at is not None:
        work.ledger.register_evidence(
            work.key,
            work.period,
            sha256=published.payload["sha256"],
            address=published.payload["address"],
            evidence=evidence.as_payload(),
            grade=evidence.grade,
            happened_at=evidence.seen_at,
            recorded_at=now,
            published_at=evidence.fulfilled_at,
        )
    return evidence


def require_proven(work: Work, look: Look, now: datetime) -> Evidence | None:
    """Prove it a last time; raises NotPublishable while it is 待核验, which it stays, and may still be proven."""
    evidence = prove(work, look, now)
    if evidence is not None and evidence.fulfilled_at is None:
        raise NotPublishable(
            f"{work.key} {work.period}：{evidence.method}；仍为待核验，不因此算逾期。"
            "请由责任人登记佐证、政务公开办采信，或处理后清除“核验”任务重试"
        )
    return evidence


def verified_by(events: Iterable[LedgerEvent], published: LedgerEvent) -> LedgerEvent | None:
    """Return the last event that proves this publication, by our own look or by evidence that the office accepted."""
    its = (published.payload["sha256"], published.payload["address"])
    proofs = [
        event
        for event in events
        if event.kind == "verified" and (event.payload.get("sha256"), event.payload.get("address")) == its
    ]
    return proofs[-1] if proofs else None


def is_withdrawn(events: Iterable[LedgerEvent], published: LedgerEvent) -> bool:
    """Whether what was published has been ordered away since, or is gone."""
    address = published.payload["address"]
    return any(
        event.kind in {"withdrawal_ordered", "withdrawn"} and event.payload.get("address") in {address, None}
        for event in events
        if event.seq > published.seq
    )


def _examine(work: Work, published: LedgerEvent, look: Look, now: datetime) -> Evidence:
    """Look at what was published, at its address or in its package."""
    said, channel = published.payload, _type_of(work, published)
    details: dict[str, Any] = {"address": said["address"], "channel": said.get("channel")}
    if said.get("claimed_at"):
        details["claimed_at"] = said["claimed_at"]
    if "overridden" in said["evidence"]:  # the proof takes the place of this in the publication's record
        details["overridden"] = said["evidence"]["overridden"]
    if web_host(said["address"]):
        try:
            approved = approved_version(work.ledger, work.key, work.period, said["sha256"])
        except UnusableInput as gone:
            return Evidence("待核验", str(gone), None, now, details)
        sight = look(said["address"], approved, now)
        details |= sight.as_payload()
        if sight.outcome == "matches":
            since = published.happened_at if channel in _ACKNOWLEDGING else sight.seen_at
            return Evidence("系统核验", sight.reason, since, sight.seen_at, details)
        _note(work, said["address"], sight.outcome, sight.reason, sight, now)
        return Evidence("待核验", sight.reason, None, sight.seen_at, details)
    if channel != "package":
        return Evidence("待核验", "没有登记公众能打开的网址，系统不能核验；请登记佐证", None, now, details)
    made = Publication(said["address"], said["sha256"], said["evidence"]["files"], published.happened_at)
    evidence = read_back(made, package_of(work, made.sha256), now=now)
    if evidence.fulfilled_at is None:
        _note(work, made.address, "differs", evidence.method, None, now)
    return evidence


def _type_of(work: Work, published: LedgerEvent) -> ChannelType:
    """Return what sort of channel it went by; of one that is configured no more, nothing it said is relied on."""
    name = published.payload.get("channel")
    if name is None:
        return "package"
    channels = load_channels(work.settings.channels).channels
    return next((channel.type for channel in channels if channel.name == name), "manual")


def _note(work: Work, address: str, outcome: str, reason: str, sight: Sight | None, now: datetime) -> None:
    """Keep what was seen, once an outcome and day: people must know that a site refuses, not how often."""
    day = now.astimezone(SHANGHAI).date().isoformat()
    facts = {"status": sight.status, "missing": list(sight.missing)} if sight else {}
    payload = {"address": address, "outcome": outcome, "reason": reason, **facts}
    append(work, "looked", now, payload, once=f"looked:{digest(address)[:16]}:{outcome}:{day}")


def _known(verified: LedgerEvent) -> Evidence:
    said = verified.payload
    kept = said.get("evidence") or {}
    since = parse_instant(said["published_at"]).astimezone(SHANGHAI)
    return Evidence(said["grade"], str(kept.get("method", "")), since, verified.happened_at, dict(kept))
