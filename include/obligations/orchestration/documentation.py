"""The ``doc_md`` of an obligation's DAG: document, clause, quote, clock in words, one worked example. Same input, same text."""

from __future__ import annotations

from datetime import timedelta

from obligations.orchestration.calendars import calendar_or_packaged
from obligations.orchestration.review.markdown import plain
from obligations.publications import registry
from obligations.rules.occurrences import occurrence_of, occurrence_of_event
from obligations.rules.periods import opening_event, periods_between, periods_in_force
from obligations.rules.simplified import simplified
from obligations.rules.wording import say_clock, say_duty, say_fulfilment, say_source
from obligations.words.clocks import DeadlineClock, EventClock
from obligations.words.obligation import Obligation
from obligations.words.occurrence import FOLLOWUP, INCIDENT, Event, Occurrence
from obligations.words.times import midnight, say_due

_EVENTS = {INCIDENT: "突发事件", FOLLOWUP: "突发事件的上次通报（由巡检登记）"}


def documentation_of(obligation: Obligation) -> str:
    """Write the page; the example's period is fixed by the document's dates, never by today's."""
    kind = registry.kind(obligation.publication)
    lines = [
        f"# {plain(obligation.title)}",
        "",
        f"- **依据**：{plain(say_source(obligation))}",
        f"- **条文**：{plain(simplified(obligation.quote))}",
        f"- **职责**：{say_duty(obligation.duty)}（以{say_fulfilment(obligation.fulfilment)}为完成）",
        f"- **稿件**：{plain(kind.title)}",
        f"- **时限**：{plain(say_clock(obligation))}",
        f"- **责任单位**：{_departments(obligation)}",
    ]
    if (opened_by := opening_event(obligation.clock)) is not None:
        lines.append(f"- **触发事件**：{plain(_EVENTS.get(opened_by, opened_by))}")
    if obligation.items:
        lines.append(f"- **内容**：{plain('、'.join(obligation.items))}")
    if obligation.adopted_from:
        lines.append(f"- **沿用**：{plain(obligation.adopted_from)}")
    if obligation.continued:
        continued = f"{obligation.continued.basis}（{obligation.continued.approved_by}批准）"
        lines.append(f"- **延续执行**：{plain(continued)}")
    if obligation.lapsed_at_issue:
        lines.append("- **注意**：文件印发时已过期限")
    if obligation.note:
        lines.append(f"- **说明**：{plain(obligation.note)}")
    if (example := _example(obligation)) is not None:
        lines += ["", f"## 时限推算示例（{plain(example.period.key)}）", ""]
        lines += [f"{number}. {plain(sentence)}" for number, sentence in enumerate(example.due.derivation, start=1)]
        lines += ["", f"结论：**{say_due(example.due_at)}**"]
    return "\n".join(lines)


def _departments(obligation: Obligation) -> str:
    """Name who is responsible: canonical names, and the text's own where they differ."""
    names = obligation.department_names or obligation.departments
    if not names:
        return "（条文未写明）"
    original = f"（原文：{'、'.join(obligation.departments)}）" if obligation.departments != names else ""
    return plain(f"{'、'.join(names)}{original}")


def _example(obligation: Obligation) -> Occurrence | None:
    """Work the first period that lies in the document's time in force, or an event on its first day at ten."""
    calendar, begins = calendar_or_packaged(), obligation.binds_from
    if (opened_by := opening_event(obligation.clock)) is not None:
        start = midnight(begins) + timedelta(hours=10)
        levels = obligation.clock.levels if isinstance(obligation.clock, EventClock) else ()
        event = Event("示例", opened_by, levels[0] if levels else "", "示例事件", start, start, None, {})
        return occurrence_of_event(obligation, event, calendar)
    clock, until = obligation.clock, obligation.binds_until
    first, last = begins, until or begins + timedelta(days=731)
    if isinstance(clock, DeadlineClock):
        first = last = clock.date
    in_force = periods_in_force(clock, begins, until, first, last)
    # a yearly date that had passed when the plan was issued has no period in force; the plan's year shows it
    period = next(in_force, None) or next(periods_between(clock, first, last), None)
    return None if period is None else occurrence_of(obligation, period, calendar)
