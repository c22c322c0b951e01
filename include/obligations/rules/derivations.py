"""The Chinese sentences by which a due date explains itself. They only describe; the arithmetic is ``clocks``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby

from obligations.rules.calendar import WorkingCalendar
from obligations.rules.law import law_in_force
from obligations.words.limits import Limit
from obligations.words.times import SHANGHAI, say_day, say_due, say_instant, say_weekday

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)  # a 24:00 belongs to the day it ends


def arithmetic_law(on: date) -> str:
    """Cite the provisions on counting time that bind on ``on``."""
    law = law_in_force("period-arithmetic", on)
    return f"（{law.cite_with_doubt()}）" if law else ""


def explain_hours(limit: Limit, start: datetime, due_at: datetime) -> Iterator[str]:
    """Hours run from the moment."""
    law = arithmetic_law(start.astimezone(SHANGHAI).date())
    if limit.amount == 0:
        yield f"与起算事项同步，不另给时间，应于{say_due(due_at)}完成。"
        return
    yield f"自{say_instant(start)}起算，按小时计算的从该时刻起连续计算，不扣除夜间和节假日{law}。"
    yield f"满{limit.say()}，应于{say_due(due_at)}完成。"


def explain_before(limit: Limit, event_at: datetime, due_at: datetime) -> Iterator[str]:
    """Time before an event is counted back from it."""
    unit = "从该时刻" if limit.unit == "hour" else "自前一日"
    yield f"自{say_instant(event_at)}起，{unit}向前计{limit.say()}{arithmetic_law(event_at.astimezone(SHANGHAI).date())}。"
    yield f"须提前{limit.say()}，应于{say_due(due_at)}完成。"


def explain_working_days(limit: Limit, day: date, last: date, calendar: WorkingCalendar) -> Iterator[str]:
    """The starting day is excluded; days off are skipped and make-up days counted, each by name."""
    yield _begin(limit, day)
    yield from explain_days_between(day, last, calendar)
    order = f"第{limit.amount}个工作日" if limit.amount else "该日或其后首个工作日"
    yield f"{order}为{say_day(last)}（{say_weekday(last)}）。"


def explain_days_between(day: date, last: date, calendar: WorkingCalendar) -> Iterator[str]:
    """Name the runs of days off and the make-up days after ``day`` up to ``last``, as far as they are announced."""
    days = [day + timedelta(days=n) for n in range(1, (last - day).days + 1)]
    plain_weekend = False
    for remark, run in groupby(days, key=calendar.remark):
        found = list(run)
        if remark == "调休上班":
            for made_up in found:
                said = say_day(made_up, year=made_up.year != day.year)
                yield f"{said}（{say_weekday(made_up)}）为调休上班日，计入。"
        elif remark:
            yield f"{_say_run(found, day.year)}{remark}，不计入。"
        else:
            plain_weekend = plain_weekend or any(free.weekday() >= 5 for free in found)
    if plain_weekend:
        yield "其余周六、周日休息，不计入。"


def _say_run(days: list[date], year: int) -> str:
    first, last = days[0], days[-1]
    said = say_day(first, year=first.year != year)
    return said if first == last else f"{said}至{say_day(last, year=last.year != first.year)}"


def explain_calendar_days(
    limit: Limit, day: date, nominal: date, last: date, calendar: WorkingCalendar, *, rolls: bool
) -> Iterator[str]:
    """The starting day is excluded; a last day that is a holiday rolls, or says why it does not."""
    yield _begin(limit, day)
    if limit.unit == "month" and nominal.day != day.day:
        yield f"到期月没有{day.day}日，以月末日{say_day(nominal)}为最后一日。"
    if last != nominal:
        until = f"顺延至休假日结束的次日{say_day(last)}（{say_weekday(last)}）"
        yield f"最后一日{say_day(nominal)}（{say_weekday(nominal)}）逢{calendar.why_off(nominal)}，{until}。"
    elif calendar.covers(nominal) and not calendar.is_working_day(nominal) and not rolls:
        yield f"最后一日{say_day(nominal)}（{say_weekday(nominal)}）逢{calendar.why_off(nominal)}，自期末起算的期限不顺延，宜提前办理。"
    else:
        yield f"最后一日为{say_day(nominal)}（{say_weekday(nominal)}）。"


def _begin(limit: Limit, day: date) -> str:
    return f"自{say_day(day)}起算，开始的当日不计入，自次日起计{limit.say()}{arithmetic_law(day)}。"


def explain_end(due_at: datetime, close_of_business: time | None) -> str:
    """Say when on its last day the time ends."""
    if close_of_business is None:
        return f"截止时间为当日24时，应于{say_due(due_at)}完成。"
    return f"报送以当日停止业务活动的时间为截止时间，应于{say_due(due_at)}完成。"


def explain_provisional(start: date, earliest: datetime, latest: datetime, calendar: WorkingCalendar) -> str:
    """Say that the date waits for a notice, on which festivals, and between which dates it will lie."""
    awaited = "、".join(calendar.festivals_awaited(start, (latest - _INSTANT).date()))
    between = f"其间{awaited}的安排" if awaited else "放假调休安排"
    bounds = f"最早{say_due(earliest)}，最迟{say_due(latest)}"
    if earliest == latest:
        bounds = f"按现行放假办法推算最早、最迟均为{say_due(latest)}"
    return f"{say_day(calendar.covered_until + _DAY)}起的放假调休通知尚未公布，{between}未定，本期限暂定（待节假日通知）：{bounds}。"


def explain_receipt(received: datetime, counted: date, cut_off: time) -> str:
    """Say why a request that arrived out of hours counts as received on the next working day."""
    law = law_in_force("receipt-of-request", counted)
    basis = f"（{law.cite_with_doubt()}，以双方确认之日为收到之日）" if law else ""
    arrived = f"{say_instant(received)}到达，不在{cut_off:%H:%M}前的工作时间内"
    return f"{arrived}，按{say_day(counted)}（{say_weekday(counted)}）收到{basis}。"
