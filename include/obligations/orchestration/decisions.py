"""What people decided on a form: checked, acted on and recorded under their name. The forms are ``forms``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from obligations.orchestration.answers import PROOF, RETURN, Answer, AnswerRefused, fulfilled_at, require
from obligations.orchestration.claims import require_claim
from obligations.orchestration.trace import append, approved_draft, drafted, register
from obligations.orchestration.work import Work
from obligations.rules.occurrences import earliest_fulfilment
from obligations.words.errors import NotPublishable, UnusableInput
from obligations.words.evidence import Evidence
from obligations.words.obligation import Fulfilment
from obligations.words.times import SHANGHAI

LEVEL = "终审"


def answer_review(work: Work, answer: Answer, now: datetime) -> str:
    """Act on the answer to the review and return its option.

    Approving fills the blanks with the answers and registers the result as the approved version; what was reviewed is
    what goes out. Raises AnswerRefused for an approval that leaves a required blank or a return without a comment.
    """
    from obligations.steps.draft import fill  # loads python-docx, which parsing DAGs must not

    require_claim(work)
    reviewed = drafted(work)
    comment = answer.fields.get("comment", "")
    about = {"version": reviewed.version, "level": LEVEL, "comment": comment}
    if answer.option == RETURN:
        if not comment:
            raise AnswerRefused("退回修改时请写明审核意见，告诉起草人改什么")
        append(work, "returned", answer.at, {**about, "sha256": reviewed.sha256}, now=now, person=answer.person)
        return answer.option
    open_blanks = {blank.name for blank in reviewed.open_blanks}
    require(answer, (blank for blank in work.kind.blanks if blank.name in open_blanks))
    texts = {name: text for name, text in answer.fields.items() if name in open_blanks and text}
    folder = Path(reviewed.folder)
    try:
        approved = fill(
            folder,
            texts,
            folder.with_name(f"{folder.name}-final"),
            dated=answer.at.astimezone(SHANGHAI).date(),
            templates=work.settings.templates,
        )
    except (UnusableInput, NotPublishable) as unfit:
        raise AnswerRefused(str(unfit)) from None
    register(work, approved, "final", now, person=answer.person)
    payload = {**about, "sha256": approved.sha256, "draft_sha256": reviewed.sha256, "answers": texts}
    once = f"approved:{LEVEL}:{approved.sha256}"
    append(work, "approved", answer.at, payload, now=now, person=answer.person, once=once)
    return answer.option


def refuse(work: Work, person: str | None, reason: str, now: datetime) -> None:
    """Keep on record that an answer was refused and why; Airflow forgets refused answers."""
    append(work, "answer_refused", now, {"reason": reason}, person=person)


def answer_proof(work: Work, answer: Answer, proof: Fulfilment, now: datetime) -> Evidence:
    """Record that it was held, submitted or completed, under the name of the person who vouches for it."""
    require_claim(work)
    require(answer, PROOF[proof])
    at = fulfilled_at(answer, not_before=earliest_fulfilment(work.obligation, work.occurrence, work.event))
    details = {name: text for name, text in answer.fields.items() if name != "fulfilled_at"}
    evidence = Evidence("人工佐证", f"由 {answer.person} 登记并对真实性负责", at, answer.at, details)
    final = approved_draft(work)
    work.ledger.register_publication(
        work.key,
        work.period,
        kind=proof,
        version=final.version,
        sha256=final.sha256,
        address=details.get("record") or details.get("receipt") or details.get("proof") or "",
        evidence=evidence.as_payload(),
        grade=evidence.grade,
        happened_at=at,
        recorded_at=now,
        person=answer.person,
    )
    return evidence
