"""Says obligations, clocks and their origins in the field's Chinese. Pure; dates are ``rules.clocks``."""

from __future__ import annotations

from obligations.rules.law import law_in_force
from obligations.words.clocks import Clock, DeadlineClock, EventClock, QuotaClock, RecurringClock, Season
from obligations.words.obligation import Duty, Fulfilment, Obligation, Origin
from obligations.words.occurrence import FOLLOWUP, INCIDENT
from obligations.words.times import say_day

_EVERY = {"week": "每周", "month": "每月", "quarter": "每季度", "half-year": "每半年", "year": "每年"}
_PER = {**_EVERY, "check": "每次检查"}
_WHOLE_YEAR = Season(start="01-01", end="12-31")
_RELATION = {"before": "之前", "with": "同步", "after": "之后及时"}
_DUTY: dict[Duty, str] = {
    Duty.PUBLISH: "主动公开",
    Duty.INTERPRET: "政策解读",
    Duty.RESPOND: "回应关切",
    Duty.REPORT_UP: "报送",
    Duty.INTERNAL: "内部落实",
    Duty.BUILD: "平台建设",
}
_ORIGIN: dict[Origin, str] = {"text": "条文原有", "law": "法定", "local": "本级自定"}
_KIND = {"recurring": "定期", "event": "事件触发", "deadline": "限期", "quota": "数量要求", "standing": "常态"}
_ANCHORS = {INCIDENT: "突发事件发生", FOLLOWUP: "突发事件上次通报"}
_FULFILMENT: dict[Fulfilment, str] = {"published": "公开", "held": "举行", "submitted": "报送", "completed": "办结"}


def say_duty(duty: Duty) -> str:
    """Say what is ordered: ``主动公开``."""
    return _DUTY[duty]


def say_kind(clock: Clock) -> str:
    """Say the kind of clock: ``定期``."""
    return _KIND[clock.kind]


def say_fulfilment(fulfilment: Fulfilment) -> str:
    """Say how it is met: ``公开``."""
    return _FULFILMENT[fulfilment]


def say_cadence(clock: Clock) -> str:
    """Say how often, short, as a tag: ``每月``, ``5小时``, ``每周不少于3次``."""
    if isinstance(clock, RecurringClock):
        if clock.fixed_date:
            month, day = clock.fixed_date
            return f"每年{month}月{'底' if day == -1 else f'{day}日'}前"
        return _say_days(clock) if clock.every_days else _EVERY[clock.every or "year"]
    if isinstance(clock, EventClock):
        return _RELATION[clock.relation] if clock.rule is None else (clock.rule.say() if clock.rule.amount else "同步")
    if isinstance(clock, DeadlineClock):
        return f"{say_day(clock.date)}前"
    if isinstance(clock, QuotaClock):
        return f"{_PER[clock.per]}{_say_numbers(clock)}"
    return "常态更新" if clock.rule == "CONTINUOUS" else "及时更新"


def _say_days(clock: RecurringClock) -> str:
    days = "每日" if clock.every_days == 1 else f"每{clock.every_days}日"
    return days if clock.season == _WHOLE_YEAR else f"当季{days}"


def _say_numbers(clock: QuotaClock) -> str:
    of = f"（占{clock.of}）" if clock.of else ""
    parts = [
        f"不少于{clock.min}次" if clock.min is not None else "",
        f"不多于{clock.max}次" if clock.max is not None else "",
        f"{clock.count}次" if clock.count is not None else "",
        f"不低于{clock.min_pct:g}%{of}" if clock.min_pct is not None else "",
        f"不高于{clock.max_pct:g}%{of}" if clock.max_pct is not None else "",
    ]
    return "、".join(part for part in parts if part)


def say_clock(obligation: Obligation) -> str:
    """Say the whole rule in one sentence, its origin included."""
    clock, due = obligation.clock, obligation.due
    if isinstance(clock, EventClock):
        levels = "、".join(clock.levels)
        anchor = f"{levels}{_ANCHORS.get(clock.event, clock.event)}"
        limit = f"{due.limit.say()}内（{_ORIGIN[due.origin]}）" if due and due.limit.amount else ""
        sides = {"before": "之前", "with": "的同时", "after": "之后"}
        vague = "" if limit or clock.relation != "after" else "及时"
        return f"{anchor}{sides[clock.relation]}{vague}{limit}"
    words = say_cadence(clock)
    law = law_in_force(due.law, obligation.binds_from) if due is not None and due.law else None
    if law is not None and law.fixed_date is not None:
        month, day = (int(part) for part in law.fixed_date.split("-"))
        return f"{words}{month}月{day}日前（{_ORIGIN['law']}）"
    if due is not None:
        return f"{words}，自周期结束之日（推定形成日）起{due.limit.say()}内（{_ORIGIN[due.origin]}）"
    if isinstance(clock, RecurringClock) and not clock.fixed_date:
        return f"{words}一次，当期结束前"
    if clock.kind == "standing":
        unit = _EVERY[clock.every].removeprefix("每")
        return f"{words}，每{unit}至少更新或确认一次（{_ORIGIN['local']}）"
    return words


def say_source(obligation: Obligation) -> str:
    """Say what orders it: ``《…》（文号）一(一)1``."""
    document = obligation.document
    number = f"（{document.number}）" if document.number else ""
    return f"{document.cited}{number}{obligation.clause}"
