"""The route of one occurrence: gather → draft → review → publish or confirm → verify → record, each act in the ledger.

Airflow's tasks, the command line and the tests all call these functions; none of them knows Airflow. State is the
ledger's, never a task's: a step finds what it needs there, so a rerun, a retry or another process goes on from the
truth. Every function takes ``now``. What people are asked is ``forms``, what they decided ``decisions``.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from obligations.orchestration.accountability import lines_of
from obligations.orchestration.claims import COMMAND_LINE, claim, last_claim, require_claim
from obligations.orchestration.feedback import hold_round, require_settled
from obligations.orchestration.material import gather_material, load_material
from obligations.orchestration.trace import append, approved_draft, is_closed, last_event, register, version_before
from obligations.orchestration.work import Work, expect
from obligations.rules.wording import say_duty, say_fulfilment
from obligations.steps.gather import Sources
from obligations.steps.publish import publish as put
from obligations.steps.verify import verify as read_back
from obligations.words.draft import DraftVersion
from obligations.words.errors import (
    BadInput,
    NotPublishable,
    ObligationsError,
    SourceNotReady,
    UnusableInput,
)
from obligations.words.evidence import Evidence, Publication
from obligations.words.places import Place
from obligations.words.publication import Snapshot


class NotMet(ObligationsError):
    """The run ended and the occurrence is neither met nor has an outcome; the run must not look successful."""


def gather(work: Work, sources: Sources, now: datetime) -> Snapshot:
    """Fetch and keep the source data of this occurrence.

    Raises Superseded when another run owns the occurrence, SourceNotReady while the data are not there, BadInput when
    they broke their contract (the file is in quarantine, the reasons are in the ledger).
    """
    expect(work, now)
    claim(work, now)
    try:
        snapshot = gather_material(
            work.obligation,
            work.kind,
            work.occurrence.period,
            work.event,
            rows=lambda: work.ledger.rows(work.key, now=now, is_working_day=work.calendar.is_working_day),
            lines=lambda: lines_of(work.ledger, work.obligation, work.occurrence.period, work.calendar, now),
            sources=sources,
            now=now,
        )
    except SourceNotReady as waiting:
        append(work, "waiting", now, {"reason": str(waiting)}, once=f"waiting:{work.run_id}")
        raise
    except BadInput as bad:
        append(work, "bad_input", now, {"file": bad.file, "problems": list(bad.problems)})
        raise
    once = f"data_arrived:{work.run_id}:{snapshot.sha256}"
    append(work, "data_arrived", now, {"snapshot": asdict(snapshot)}, once=once)
    return snapshot


def feedback(work: Work, sources: Sources, now: datetime) -> None:
    """Hold the round of feedback; raises SourceNotReady while departments may answer or the office has yet to rule."""
    require_claim(work)
    hold_round(work, sources.store, now)


def draft(work: Work, now: datetime) -> DraftVersion:
    """Render this run's version from the data it gathered, and register it; a rerun gives the same version."""
    from obligations.steps.draft import draft as write_draft  # loads python-docx, which parsing DAGs must not

    require_claim(work)
    if work.run_id != COMMAND_LINE:  # a trial stops at the review, and its draft says that nobody was asked yet
        require_settled(work)
    arrived = last_event(work, "data_arrived")
    if arrived is None:
        raise UnusableInput(f"{work.key} {work.period} 还没有归集到数据，请先运行“归集数据”")
    snapshot = Snapshot(**arrived.payload["snapshot"])
    known = last_event(work, "drafted")
    version = known.payload["version"] if known else work.ledger.next_version(work.key, work.period)
    made = write_draft(
        work.obligation,
        work.occurrence,
        work.kind,
        snapshot,
        load_material(work.kind, snapshot, work.event, work.calendar, arrived.happened_at),
        version=version,
        out=work.drafts / f"v{version}",
        created_at=arrived.happened_at,
        event=work.event,
        previous=version_before(work, version),
        templates=work.settings.templates,
    )
    register(work, made, "generated", now)
    return made


def publish(work: Work, root: Place, now: datetime) -> Publication:
    """Put the approved version at its place, once.

    Raises NotApproved unless the ledger holds a standing approval for exactly this version's SHA-256, NotPublishable
    if the duty may not reach the public or the files are not what was approved.
    """
    require_claim(work)
    if not work.obligation.may_reach_the_public:
        raise NotPublishable(
            f"{work.key} 的职责是{say_duty(work.obligation.duty)}，以{say_fulfilment(work.obligation.fulfilment)}为完成，不得通过公开渠道发布"
        )
    final = approved_draft(work)
    made = put(Path(final.folder), final.sha256, _place(work, root, final.sha256), now=now)
    work.ledger.register_publication(
        work.key,
        work.period,
        version=final.version,
        sha256=made.sha256,
        address=made.address,
        evidence={"files": made.files},
        happened_at=made.published_at,
        recorded_at=now,
    )
    return made


def verify(work: Work, root: Place, now: datetime) -> Evidence | None:
    """Prove what was published by reading it back, and keep the proof; None where nothing was to be published.

    Raises NotPublishable while the publication cannot be found as approved: it stays 待核验 and may be verified again.
    """
    require_claim(work)
    published = last_event(work, "published")
    if published is None:
        return None
    said = published.payload
    made = Publication(said["address"], said["sha256"], said["evidence"]["files"], published.happened_at)
    evidence = read_back(made, _place(work, root, made.sha256), now=now)
    if evidence.fulfilled_at is None:
        raise NotPublishable(f"{work.key} {work.period}：{evidence.method}；仍为待核验，处理后可重新运行“核验”")
    work.ledger.register_evidence(
        work.key,
        work.period,
        sha256=made.sha256,
        address=made.address,
        evidence=evidence.as_payload(),
        grade=evidence.grade,
        happened_at=evidence.seen_at,
        recorded_at=now,
    )
    return evidence


def record(work: Work, now: datetime) -> None:
    """Close this run in the ledger; raises NotMet unless the occurrence is met or has an outcome, Superseded if not ours."""
    expect(work, now)
    require_claim(work)
    if is_closed(work):
        return
    row = work.ledger.occurrence(work.key, work.period)
    stage = row.stage_label if row else "未登记"
    owned = last_claim(work.ledger.events(work.key, work.period))
    if owned is not None and not owned.is_over:
        append(work, "failed", now, {"stage": stage}, once=f"failed:{owned.number}")
    raise NotMet(f"{work.key} {work.period} 尚未完成（{stage}），本次运行按失败处理，截止期限继续有效")


def _place(work: Work, root: Place, sha256: str) -> Place:
    return root / work.obligation.jurisdiction.slug / work.obligation.slug / work.period / sha256[:16]
