"""What a reviewer's answer comes to: who may give it, what it must hold, and the event it becomes. Asks nothing.

The drafter never gives the 终审; every other separation is the chain's policy, so that an office of two can work. An answer
that cannot stand is refused with the reason, and the same task waits on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from obligations.orchestration.people import directory_of
from obligations.orchestration.review.answers import (
    ORAL_AT,
    ORAL_BY,
    OVERRIDE,
    RETURN,
    Answer,
    AnswerRefused,
    instant_of,
)
from obligations.orchestration.review.progress import drafters, errors_left, missing, standing
from obligations.orchestration.runs.claims import require_claim
from obligations.orchestration.runs.trace import append, drafted
from obligations.orchestration.work import Work
from obligations.steps.ledger import Draft, EventKind, LedgerEvent, NewEvent
from obligations.steps.ledger.occurrences import append_to, events_of, known
from obligations.words.contacts import Role
from obligations.words.reviews import Level, Step

ENTERED_BY = (Role.DUTY_ROOM, Role.DUTY_LEADER, Role.OFFICE, Role.RESPONSIBLE)
"""Who may enter an approval that was given by word of mouth, besides whoever answers the level."""


@dataclass(frozen=True, slots=True)
class _Approver:
    """Whose approval it is.

    Attributes:
        account: user name; of an oral approval by somebody without an account, the name.
        at: when it was given; oral: name, time and who entered it, of one given by word of mouth.
    """

    account: str
    at: datetime
    oral: dict[str, object] | None = None


def answer_review(work: Work, answer: Answer, step: Step, now: datetime) -> str:
    """Act on the answer of one level and return its option; raises AnswerRefused."""
    require_claim(work)
    reviewed = drafted(work)
    events = work.ledger.events(work.key, work.period)
    approver = _approver(work, answer, step, reviewed)
    if answer.option == RETURN:
        _return(work, answer, step, reviewed, now)
        return answer.option
    if empty := [blank.label for blank in reviewed.open_blanks if blank.required]:
        raise AnswerRefused(f"稿件还有必填内容没有填写，不能通过，请退回修改：{'；'.join(empty)}")
    _require_apart(work, approver, step, reviewed, events)
    errors = errors_left(events, reviewed)
    reason = answer.fields.get(OVERRIDE.name, "")
    if errors and not reason:
        raise AnswerRefused(
            f"核对发现{len(errors)}处错误尚未处理：{'；'.join(errors[:5])}。请退回修改；"
            f"确需放行的，由{_say_roles(work.chain.overridden_by)}书面说明理由"
        )
    if errors:
        _override(work, answer, reviewed, errors, reason, now)
    _approve(work, approver, answer, step, reviewed, now)
    return answer.option


def pass_optional(work: Work, step: Step, now: datetime) -> bool:
    """Pass an optional level that nobody can answer, on record; False where somebody holds one of its roles."""
    if not step.optional:
        return False
    places = (step.answered_by, work.obligation.jurisdiction.slug, work.departments, now)
    if work.settings.contacts is not None and directory_of(work.settings).holders(*places):
        return False
    reviewed = drafted(work)
    reason = f"没有人担任{_say_roles(step.answered_by)}，本级不设"
    about = {"version": reviewed.version, "level": step.level.label, "sha256": reviewed.sha256, "reason": reason}
    _append_with_rest(work, EventKind.PASSED, about, step, reviewed, now, now, None)
    return True


def _approver(work: Work, answer: Answer, step: Step, reviewed: Draft) -> _Approver:
    """Return whose answer it is; refuses an account that may not give it."""
    said_by = answer.fields.get(ORAL_BY.name, "")
    if not said_by:
        _require_role(work, answer.person, step, answer.at)
        return _Approver(answer.person, answer.at)
    if answer.option == RETURN:
        raise AnswerRefused("口头意见只登记同意；要退回修改的，请由审核人本人或登记人以自己名义退回，不填口头批准人")
    _require_role(work, answer.person, step, answer.at, ENTERED_BY)
    at = instant_of(answer.fields.get(ORAL_AT.name, ""), ORAL_AT.label)
    first = _drafted_at(work, reviewed)
    if not first <= at <= answer.at:
        raise AnswerRefused(f"口头批准的时间应在本版稿件形成之后、登记之前，填写的是 {answer.fields[ORAL_AT.name]}")
    account = _account_named(work, said_by, step, at)
    return _Approver(account, at, {"by": said_by, "at": at.isoformat(), "entered_by": answer.person})


def _drafted_at(work: Work, reviewed: Draft) -> datetime:
    events = work.ledger.events(work.key, work.period)
    return next(
        event.happened_at
        for event in events
        if event.kind == EventKind.DRAFTED and event.payload.get("sha256") == reviewed.sha256
    )


def _account_named(work: Work, name: str, step: Step, at: datetime) -> str:
    """Return the account of who is named as having approved; refuses a name that holds none of the level's roles."""
    if work.settings.contacts is None:
        return name
    directory = directory_of(work.settings)
    for person in directory.holders(step.answered_by, work.obligation.jurisdiction.slug, work.departments, at):
        if name in {person.name, person.account, person.id}:
            return person.account or person.name
    raise AnswerRefused(f"通讯录中“{name}”不担任{_say_roles(step.answered_by)}，不能作为{step.level.label}的口头批准人")


def _require_role(work: Work, account: str, step: Step, at: datetime, besides: tuple[Role, ...] = ()) -> None:
    """Refuse an account that holds none of the roles; without contacts Airflow's own rights are all there is."""
    if work.settings.contacts is None:
        return
    roles = (*step.answered_by, *besides)
    if not directory_of(work.settings).may_act(account, roles, work.obligation.jurisdiction.slug, work.departments, at):
        raise AnswerRefused(
            f"账号 {account} 现在不能办理{step.level.label}：须由{_say_roles(step.answered_by)}办理，"
            "请核对通讯录中的角色、缺勤和委托"
        )


def _require_apart(
    work: Work, approver: _Approver, step: Step, reviewed: Draft, events: tuple[LedgerEvent, ...]
) -> None:
    if step.level is Level.FINAL and approver.account in drafters(events, reviewed.version):
        raise AnswerRefused(f"{approver.account} 起草或修改过本版稿件，不能再办理终审，请由其他签发人办理")
    answered = {label: event.person for label, event in standing(events, reviewed.sha256).items()}
    for group in work.chain.apart:
        for level in group:
            if step.level in group and level is not step.level and answered.get(level.label) == approver.account:
                raise AnswerRefused(
                    f"{approver.account} 已办理本版稿件的{level.label}，按审核规则不能再办理{step.level.label}"
                )


def _return(work: Work, answer: Answer, step: Step, reviewed: Draft, now: datetime) -> None:
    comment = answer.fields.get("comment", "")
    if not comment:
        raise AnswerRefused("退回修改时请写明审核意见，告诉起草人改什么")
    about = {"version": reviewed.version, "level": step.level.label, "comment": comment, "sha256": reviewed.sha256}
    append(work, "returned", answer.at, about, now=now, person=answer.person)


def _override(work: Work, answer: Answer, reviewed: Draft, errors: tuple[str, ...], reason: str, now: datetime) -> None:
    roles = work.chain.overridden_by
    place = (work.obligation.jurisdiction.slug, work.departments, answer.at)
    if work.settings.contacts is not None and not directory_of(work.settings).may_act(answer.person, roles, *place):
        raise AnswerRefused(f"账号 {answer.person} 不能对核对错误放行：须由{_say_roles(roles)}书面说明理由")
    about = {"version": reviewed.version, "sha256": reviewed.sha256, "errors": list(errors), "reason": reason}
    append(work, "overridden", answer.at, about, now=now, person=answer.person)


def _approve(work: Work, approver: _Approver, answer: Answer, step: Step, reviewed: Draft, now: datetime) -> None:
    about: dict[str, object] = {
        "version": reviewed.version,
        "level": step.level.label,
        "sha256": reviewed.sha256,
        "comment": answer.fields.get("comment", ""),
    }
    if approver.oral:
        about["oral"] = approver.oral
    _append_with_rest(work, EventKind.APPROVED, about, step, reviewed, approver.at, now, approver.account)


def _append_with_rest(
    work: Work,
    kind: EventKind,
    about: dict[str, object],
    step: Step,
    reviewed: Draft,
    at: datetime,
    now: datetime,
    person: str | None,
) -> None:
    """Append the event, saying under the occurrence's lock whether it was the last that was missing."""
    once = f"{kind}:{step.level}:{reviewed.sha256}"
    with work.ledger.writing() as connection:
        row = known(connection, work.key, work.period, lock=True)
        events = events_of(connection, [row.id])[row.id]
        left = [each for each in missing(work.chain, events, reviewed.sha256) if each.level is not step.level]
        payload = {**about, "final": not left, "run_id": work.run_id}
        append_to(connection, row, NewEvent(kind, at, payload, once, person), now)


def _say_roles(roles: tuple[Role, ...]) -> str:
    return "、".join(role.label for role in roles)
