"""What people decided on the forms around the review: a draft completed, a release, a proof. The review is ``approving``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from obligations.orchestration.metrics import Counter, count
from obligations.orchestration.people import directory_of
from obligations.orchestration.review.answers import PROOF, RETURN, Answer, AnswerRefused, fulfilled_at, require
from obligations.orchestration.review.finishing import finalized
from obligations.orchestration.review.progress import overrides
from obligations.orchestration.runs.claims import require_claim
from obligations.orchestration.runs.trace import append, drafted, last_event, register
from obligations.orchestration.work import Work
from obligations.rules.channels import channel_of, load_channels
from obligations.rules.occurrences import earliest_fulfilment
from obligations.words.contacts import Role
from obligations.words.errors import NotPublishable, UnusableInput
from obligations.words.evidence import Evidence
from obligations.words.obligation import Fulfilment

COMPLETING = "完善稿件"


def answer_completion(work: Work, answer: Answer, now: datetime) -> str:
    """Fill the blanks of the draft with the answers and register the version that is reviewed; return the option.

    Whoever fills them is the version's drafter. Raises AnswerRefused for a required blank left empty, a text that does
    not fit, a return without a comment, or an account that is not the responsible department's.
    """
    from obligations.steps.draft import fill  # loads python-docx, which parsing DAGs must not

    require_claim(work)
    require_role(work, answer, (Role.RESPONSIBLE,), COMPLETING)
    written = drafted(work)
    if answer.option == RETURN:
        comment = answer.fields.get("comment", "")
        if not comment:
            raise AnswerRefused("退回时请写明意见，例如哪些数据需要更正")
        about = {"version": written.version, "level": COMPLETING, "comment": comment, "sha256": written.sha256}
        append(work, "returned", answer.at, about, now=now, person=answer.person)
        return answer.option
    open_blanks = {blank.name for blank in written.open_blanks}
    require(answer, (blank for blank in work.kind.blanks if blank.name in open_blanks))
    texts = {name: text for name, text in answer.fields.items() if name in open_blanks and text}
    try:
        filled = fill(
            Path(written.folder),
            texts,
            work.drafts / f"v{written.version}-filled",
            final=False,
            form_for=(work.obligation, work.occurrence),
            templates=work.settings.templates,
        )
    except (UnusableInput, NotPublishable) as unfit:
        raise AnswerRefused(str(unfit)) from None
    facts = {"draft_sha256": written.sha256, "answers": texts}
    register(work, filled, "filled", now, person=answer.person, **facts)
    return answer.option


def require_role(work: Work, answer: Answer, roles: tuple[Role, ...], act: str) -> None:
    """Refuse an account that holds none of ``roles`` for this occurrence; without contacts Airflow's rights are all there is."""
    if work.settings.contacts is None:
        return
    place = (work.obligation.jurisdiction.slug, work.departments, answer.at)
    if not directory_of(work.settings).may_act(answer.person, roles, *place):
        labels = "、".join(role.label for role in roles)
        raise AnswerRefused(f"账号 {answer.person} 不能办理{act}：须由{labels}办理，请核对通讯录中的角色、缺勤和委托")


def needs_release(work: Work) -> bool:
    """Whether the 政务公开办 still has to let this version out on its own site."""
    reviewed = drafted(work)
    released = last_event(work, "released")
    is_out = released is not None and released.payload.get("version") == reviewed.version
    channel = channel_of(work.obligation, load_channels(work.settings.channels))
    return work.chain.release and channel.site == "office" and not is_out


def answer_release(work: Work, answer: Answer, now: datetime) -> str:
    """Record that the 政务公开办 lets the final version go out on its own site, or returns it; return the option.

    Raises AnswerRefused for who is not of the office, and for a return without a comment.
    """
    require_claim(work)
    require_role(work, answer, (Role.OFFICE,), "发布前核验")
    final = finalized(work, now)
    comment = answer.fields.get("comment", "")
    if answer.option == RETURN:
        if not comment:
            raise AnswerRefused("退回修改时请写明核验意见，告诉责任单位改什么")
        reviewed = drafted(work)
        about = {"version": reviewed.version, "level": "发布前核验", "comment": comment, "sha256": reviewed.sha256}
        append(work, "returned", answer.at, about, now=now, person=answer.person)
        return answer.option
    about = {"version": final.version, "sha256": final.sha256, "comment": comment}
    append(work, "released", answer.at, about, now=now, person=answer.person, once=f"released:{final.sha256}")
    return answer.option


def refuse(work: Work, person: str | None, asked: str, reason: str, now: datetime) -> None:
    """Keep on record that an answer was refused and why, for Airflow forgets refused answers; the sweep tells the person."""
    known = None if work.settings.contacts is None else directory_of(work.settings).with_account(person)
    about = {"form": asked, "reason": reason, "told": known.id if known else None}
    append(work, "answer_refused", now, about, person=person)


def answer_proof(work: Work, answer: Answer, proof: Fulfilment, now: datetime) -> Evidence:
    """Record that it was held, submitted or completed, under the name of the person who vouches for it."""
    require_claim(work)
    require(answer, PROOF[proof])
    final, known = finalized(work, now), work.ledger.events(work.key, work.period)
    at = fulfilled_at(answer, not_before=earliest_fulfilment(work.obligation, work.occurrence, work.event))
    texts = {name: text for name, text in answer.fields.items() if name != "fulfilled_at"}
    details = {**texts, **overrides(known, final.version)}
    evidence = Evidence("人工佐证", f"由 {answer.person} 登记并对真实性负责", at, answer.at, details)
    seq = work.ledger.register_publication(
        work.key,
        work.period,
        kind=proof,
        version=final.version,
        sha256=final.sha256,
        address=texts.get("record") or texts.get("receipt") or texts.get("proof") or "",
        evidence=evidence.as_payload(),
        grade=evidence.grade,
        happened_at=at,
        recorded_at=now,
        person=answer.person,
    )
    if seq > len(known):
        count(Counter.COMPLETED)
    return evidence
