"""The route of one occurrence: gather → draft → review → publish or confirm → verify → record, each act in the ledger.

Airflow's tasks, the command line and the tests all call these functions; none of them knows Airflow. State is the
ledger's, never a task's: a step finds what it needs there, so a rerun, a retry or another process goes on from the
truth. Every function takes ``now``. What people are asked is ``forms``, what they decided ``decisions``.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from functools import partial

from obligations.orchestration.accountability.feedback import hold_round, require_settled
from obligations.orchestration.accountability.lines import lines_of
from obligations.orchestration.metrics import Counter, count
from obligations.orchestration.review.decisions import needs_release
from obligations.orchestration.review.finishing import finalized
from obligations.orchestration.runs.claims import COMMAND_LINE, claim, corrected_sha256, last_claim, require_claim
from obligations.orchestration.runs.trace import (
    append,
    arrived_once,
    is_closed,
    last_event,
    published_folder,
    register,
    version_before,
)
from obligations.orchestration.sources.earlier import restatements
from obligations.orchestration.sources.material import gather_material, load_material
from obligations.orchestration.uploads.adopting import adopt_upload, snapshot_of_base
from obligations.orchestration.uploads.taking import taken_upload
from obligations.orchestration.work import Work, expect
from obligations.steps.gather import Sources
from obligations.words.draft import DraftVersion
from obligations.words.errors import (
    BadInput,
    NotApproved,
    ObligationsError,
    SourceNotReady,
    UnusableInput,
)
from obligations.words.evidence import Evidence, Publication
from obligations.words.publication import Snapshot
from obligations.words.sights import Look


class NotMet(ObligationsError):
    """The run ended and the occurrence is neither met nor has an outcome; the run must not look successful."""


def gather(work: Work, sources: Sources, now: datetime) -> Snapshot:
    """Fetch and keep the source data of this occurrence; for an uploaded file those that its base was drafted from.

    Raises Superseded when another run owns the occurrence, SourceNotReady while the data are not there, BadInput when
    they broke their contract (the file is in quarantine, the reasons are in the ledger).
    """
    expect(work, now)
    claim(work, now)
    if (upload := taken_upload(work.ledger.events(work.key, work.period))) is not None:
        snapshot = snapshot_of_base(work, upload)
        once = arrived_once(work, snapshot.sha256)
        append(work, "data_arrived", now, {"snapshot": asdict(snapshot)}, once=once)
        return snapshot
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
        count(Counter.BAD_INPUT)
        raise
    once = arrived_once(work, snapshot.sha256)
    rows = partial(work.ledger.rows, work.key, now=now, is_working_day=work.calendar.is_working_day)
    told = restatements(snapshot, work.period, work.kind.contract, rows)
    append(work, "data_arrived", now, {"snapshot": asdict(snapshot), **({"restated": told} if told else {})}, once=once)
    return snapshot


def feedback(work: Work, sources: Sources, now: datetime) -> None:
    """Hold the round of feedback; raises SourceNotReady while departments may answer or the office has yet to rule."""
    require_claim(work)
    hold_round(work, sources.store, now)


def draft(work: Work, now: datetime) -> DraftVersion:
    """Render this run's version from the data it gathered, or from an uploaded file; a rerun gives the same version.

    Raises UnusableInput where nothing was gathered or the round of feedback is open, and what ``steps.draft.draft`` raises.
    """
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
    if (upload := taken_upload(work.ledger.events(work.key, work.period))) is not None:
        return adopt_upload(work, upload, snapshot, version, arrived.happened_at, now)
    corrects = corrected_sha256(work)
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
        corrects=published_folder(work, corrects) if corrects else None,
        remarks=tuple(arrived.payload.get("restated", ())),
        templates=work.settings.templates,
    )
    register(work, made, "generated", now, **({"corrects": corrects} if corrects else {}))
    return made


def publish(work: Work, now: datetime) -> Publication | None:
    """Take the approved version to the public by its channel, once; None where a person posts it (then ``post`` asks).

    Raises NotPublishable if the duty may not reach the public or the files are not what was approved, NotApproved unless
    the ledger holds a standing approval of every level for exactly this version, and the office's release where it is due.
    """
    from obligations.orchestration.publication.delivering import (  # parsing DAGs must load none of it
        deliver,
        require_public,
    )

    require_claim(work)
    require_public(work)
    final = finalized(work, now)
    if needs_release(work):
        raise NotApproved(
            f"{work.key} {work.period}：政务公开办公室尚未核验，本办网站不得发布；任务标记为成功不等于核验"
        )
    return deliver(work, final, now)


def verify(work: Work, look: Look, now: datetime) -> Evidence | None:
    """Look once whether what was published is public, and keep the proof; None where nothing was to be published.

    What cannot be proven comes back as 待核验, without a time; that alone never makes an occurrence late.
    """
    from obligations.orchestration.publication.proving import prove  # as above

    require_claim(work)
    return prove(work, look, now)


def record(work: Work, now: datetime) -> None:
    """Close this run in the ledger; raises NotMet unless the occurrence is met or has an outcome, Superseded if not ours."""
    expect(work, now)
    require_claim(work)
    correcting = corrected_sha256(work) is not None
    if is_closed(work) and not correcting:
        return
    row = work.ledger.occurrence(work.key, work.period)
    stage = row.stage_label if row else "未登记"
    owned = last_claim(work.ledger.events(work.key, work.period))
    if owned is not None and not owned.is_over:
        append(work, "failed", now, {"stage": stage}, once=f"failed:{owned.number}")
    if correcting:
        raise NotMet(f"{work.key} {work.period} 的更正稿尚未发布，本次运行按失败处理；原公开内容和完成时间不变")
    raise NotMet(f"{work.key} {work.period} 尚未完成（{stage}），本次运行按失败处理，截止期限继续有效")
