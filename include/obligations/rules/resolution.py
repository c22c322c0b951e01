"""Turns the files of one obligation (its own, an adopted one, their documents) into an ``Obligation``. Pure.

What the text leaves open is settled here and its origin recorded: the default limit of 政府信息公开条例 art. 26, the
fulfilment that follows from the duty, the canonical department names. Reading files is ``rules.catalogue``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from obligations.publications.registry import NAMES
from obligations.rules.law import law_in_force
from obligations.rules.periods import has_periods
from obligations.words.clocks import Clock, EventClock, QuotaClock, RecurringClock, StandingClock
from obligations.words.errors import CatalogueFault, Fault
from obligations.words.limits import Limit
from obligations.words.obligation import (
    Adoption,
    Department,
    Document,
    DueRule,
    Duty,
    Fulfilment,
    JurisdictionFile,
    Obligation,
    ObligationFile,
    Origin,
)
from obligations.words.occurrence import FOLLOWUP, INCIDENT
from obligations.words.sources import EventSource, FolderSource, InboxSource, LedgerSource, Source

DEFAULT_LAW = "proactive-disclosure"
UNNUMBERED = DueRule(
    limit=Limit(20, "working_day"), origin="local", note="条文写“及时”而未定时限，法律也未另定，本单位按此提醒"
)
"""For what follows an event without a number and is no publication: nothing gives a limit, so this installation does."""
SUBMISSION, CHECK_SHEET = "submission", "check-sheet"
"""A department's own delivery, and the internal sheet that takes its place where no single delivery meets a period."""
FROM_LEDGER = ("accountability", "annual-statement")
"""What tells of this installation's own punctuality, and so is drafted from its ledger alone."""
_OWN_FIELDS = ("title", "clause", "quote", "duty", "departments", "publication", "clock")
_WORKING_DAYS_IN_A_MONTH = 21  # only to compare a local limit with the one it must tighten
_ROUGH_HOURS = {"hour": 1.0, "day": 24.0, "working_day": 24.0 * 30 / _WORKING_DAYS_IN_A_MONTH, "month": 24.0 * 30}


@dataclass(frozen=True)
class Adopted:
    """What an adopting jurisdiction takes over: the other's file and document, and the rule that adopts it."""

    key: str
    file: ObligationFile
    jurisdiction: JurisdictionFile
    adoption: Adoption | None


def resolve(
    key: str,
    name: str,
    own: JurisdictionFile,
    file: ObligationFile,
    adopted: Adopted | None,
    later: Document | None = None,
) -> Obligation:
    """Build the obligation ``key``; ``name`` is its YAML file for messages. Raises CatalogueFault.

    ``later`` is the plan that the entry names instead of the jurisdiction's own.
    """
    document = later or (own.document if adopted is None else adopted.jurisdiction.document)
    if document is None:
        raise CatalogueFault(
            (
                Fault(
                    f"{key.split('/')[0]}/_document.yaml",
                    "document",
                    "（缺）",
                    "本级自己的事项须写明所依据的文件",
                    (key,),
                ),
            )
        )
    words = {field: getattr(file, field) for field in _OWN_FIELDS}
    if adopted is not None:
        words = {field: value if value is not None else getattr(adopted.file, field) for field, value in words.items()}
        words["title"] = _in_our_places(file.title, adopted)
    missing = [field for field, value in words.items() if value is None]
    if missing:
        raise CatalogueFault(tuple(Fault(name, field, "（缺）", "必填，请补上这个字段", (key,)) for field in missing))
    duty: Duty = words["duty"]
    clock: Clock = words["clock"]
    ordered: Fulfilment = file.fulfilment or (adopted.file.fulfilment if adopted else None) or duty.fulfilment
    publication, fulfilment = _settled(words["publication"], clock, ordered)
    given = file.due or (adopted.file.due if adopted else None)
    due = given or _default_due(clock, duty, fulfilment, document, name, key)
    obligation = Obligation(
        key=key,
        jurisdiction=own.jurisdiction,
        document=document,
        adopted_from=adopted.key if adopted else None,
        title=words["title"],
        clause=words["clause"],
        line=file.line or (adopted.file.line if adopted else None),
        quote=words["quote"],
        duty=duty,
        departments=words["departments"],
        department_names=_canonical(words["departments"], own, adopted, replaced=file.departments is not None),
        items=file.items or (adopted.file.items if adopted else ()),
        publication=publication,
        clock=clock,
        due=due,
        due_origin=due.origin if due else _origin(clock),
        fulfilment=fulfilment,
        source=file.source or _default_source(clock, publication),
        in_force_from=file.in_force_from or (adopted.file.in_force_from if adopted else None),
        in_force_until=file.in_force_until or (adopted.file.in_force_until if adopted else None),
        continued=file.continued or own.continued,
        lapsed_at_issue=file.lapsed_at_issue or (adopted.file.lapsed_at_issue if adopted else False),
        note=file.note or (adopted.file.note if adopted else None),
    )
    faults = [*_contradictions(obligation, ordered, name)]
    if adopted is not None and file.due is not None:
        before = adopted.file.due or _default_due(clock, duty, fulfilment, document, name, key)
        faults += _loosening(name, key, before, file.due)
    if faults:
        raise CatalogueFault(tuple(faults))
    return obligation


def _in_our_places(own_title: str | None, adopted: Adopted) -> str | None:
    if own_title is not None or adopted.file.title is None:
        return own_title
    title = adopted.file.title
    for theirs, ours in adopted.adoption.places.items() if adopted.adoption else ():
        title = title.replace(theirs, ours)
    return title


def _canonical(
    names: Iterable[str], own: JurisdictionFile, adopted: Adopted | None, *, replaced: bool
) -> tuple[str, ...]:
    """Write each name as its registry does; an adopted one first as theirs, then as the adoption says it is here."""
    ours = _registry(own.departments)
    if adopted is None or replaced:
        return tuple(ours.get(name, name) for name in names)
    theirs = _registry(adopted.jurisdiction.departments)
    here = adopted.adoption.departments if adopted.adoption else {}
    canonical = [theirs.get(name, name) for name in names]
    return tuple(dict.fromkeys(here.get(name, name) for name in canonical))


def _registry(departments: Iterable[Department]) -> Mapping[str, str]:
    return {name: department.name for department in departments for name in (department.name, *department.names)}


def _default_due(clock: Clock, duty: Duty, fulfilment: str, document: Document, name: str, key: str) -> DueRule | None:
    """Give the clause's own limit, or for a publication without one that of 政府信息公开条例 (art. 26; art. 18 before)."""
    if isinstance(clock, EventClock):
        if clock.rule is not None:
            return DueRule(limit=clock.rule, origin="text")
        if clock.relation != "after":
            return None
        open_ended = True
    else:
        open_ended = isinstance(clock, RecurringClock) and clock.fixed_date is None
    if not (open_ended and duty is Duty.PUBLISH and fulfilment == "published"):
        return UNNUMBERED if isinstance(clock, EventClock) else None
    law = law_in_force(DEFAULT_LAW, document.in_force_from)
    if law is None:
        expected = "不早于《政府信息公开条例》施行之日（2008-05-01）的日期"
        fault = Fault(name, "document.in_force_from", str(document.in_force_from), expected, (key,))
        raise CatalogueFault((fault,))
    return DueRule(limit=law.limit, origin="law", law=DEFAULT_LAW)


def _origin(clock: Clock) -> Origin | None:
    """Say where a limit without a number of its own comes from: the cadence or date is the text's, freshness is ours."""
    if isinstance(clock, EventClock):
        return None
    return "local" if isinstance(clock, StandingClock) else "text"


def _settled(publication: str, clock: Clock, fulfilment: Fulfilment) -> tuple[str, Fulfilment]:
    """Let a quota or a standing duty be met period by period through a check-sheet, which is internal: 办结.

    It has many publications or one that is kept current, so a delivery of its own is not what the period awaits. A
    publication kind made for it stands as the catalogue says.
    """
    if publication == SUBMISSION and isinstance(clock, QuotaClock | StandingClock):
        publication = CHECK_SHEET
    return publication, "completed" if publication == CHECK_SHEET else fulfilment


def _default_source(clock: Clock, publication: str) -> Source:
    if publication == CHECK_SHEET:
        return FolderSource(kind="folder")
    if publication in FROM_LEDGER:
        return LedgerSource(kind="ledger")
    if isinstance(clock, EventClock) and clock.event in {INCIDENT, FOLLOWUP}:
        return EventSource(kind="event")
    return InboxSource(kind="inbox")


def _contradictions(obligation: Obligation, ordered: Fulfilment, name: str) -> Iterable[Fault]:
    """Yield what cannot be true together; ``ordered`` is the fulfilment before a check-sheet took the place of it."""
    key = obligation.key
    allowed = {"published", "held"} if obligation.duty.may_reach_the_public else {"submitted", "completed", "held"}
    if obligation.duty is Duty.RESPOND:
        allowed.add("completed")  # an answer to one applicant is delivered, not published
    if ordered not in allowed:
        yield Fault(
            name,
            "fulfilment",
            ordered,
            f"职责为 {obligation.duty} 时只能是 {'、'.join(sorted(allowed))}",
            (key,),
        )
    if obligation.publication not in NAMES:
        yield Fault(name, "publication", obligation.publication, f"稿件种类 {'、'.join(sorted(NAMES))} 之一", (key,))
    clock, due = obligation.clock, obligation.due
    yield from _sources_that_do_not_fit(obligation, name)
    if due is not None and not isinstance(clock, EventClock | RecurringClock):
        yield Fault(name, "due", str(due.limit), f"{clock.kind} 类时限由 clock 本身决定，请删去 due", (key,))
    if due is not None and isinstance(clock, RecurringClock) and clock.fixed_date:
        yield Fault(name, "due", str(due.limit), "固定日期由 clock.rule 决定，请删去 due", (key,))
    if due is not None and (due.origin == "law") != (due.law is not None):
        yield Fault(name, "due.law", str(due.law), "origin 为 law 时写明 law，其他情形不写", (key,))
    if due is not None and due.law is not None and law_in_force(due.law, obligation.document.in_force_from) is None:
        yield Fault(name, "due.law", due.law, "law.yaml 中在文件施行时有效的法定时限", (key,))


def _sources_that_do_not_fit(obligation: Obligation, name: str) -> Iterable[Fault]:
    key, publication, source = obligation.key, obligation.publication, obligation.source
    if publication == CHECK_SHEET and not isinstance(obligation.clock, QuotaClock | StandingClock):
        yield Fault(name, "publication", CHECK_SHEET, "核对单只用于 quota 和 standing 类时限", (key,))
    if (publication == CHECK_SHEET) != isinstance(source, FolderSource):
        yield Fault(name, "source.kind", source.kind, "核对单的来源为 folder，其他稿件不用 folder", (key,))
    if (publication in FROM_LEDGER) != isinstance(source, LedgerSource):
        expected = f"稿件 {'、'.join(FROM_LEDGER)} 的来源为 ledger，其他稿件不用 ledger"
        yield Fault(name, "source.kind", source.kind, expected, (key,))
    if isinstance(source, LedgerSource) and not has_periods(obligation.clock):
        yield Fault(name, "clock.kind", obligation.clock.kind, "按台账统计的事项须有统计期：recurring", (key,))


def _loosening(name: str, key: str, before: DueRule | None, ours: DueRule) -> list[Fault]:
    if ours.origin != "local":
        return [Fault(name, "due.origin", ours.origin, "local（本级自定的时限）", (key,))]
    if before is not None and _rough_hours(ours.limit) > _rough_hours(before.limit):
        return [
            Fault(name, "due.limit", str(ours.limit), f"不长于所沿用的 {before.limit}：本级只能收紧，不能放宽", (key,))
        ]
    return []


def _rough_hours(limit: Limit) -> float:
    return limit.amount * _ROUGH_HOURS[limit.unit]
