"""The five kinds of clock as YAML fills them and as ``obligations list`` prints them; dates are ``rules.clocks``."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from obligations.words.limits import Limit, LimitField

Every = Literal["week", "month", "quarter", "half-year", "year"]
Per = Literal["check", "week", "month", "quarter", "half-year", "year"]
_RECURRING = {
    "FREQ=WEEKLY": "week",
    "FREQ=MONTHLY": "month",
    "FREQ=MONTHLY;INTERVAL=3": "quarter",
    "FREQ=MONTHLY;INTERVAL=6": "half-year",
    "FREQ=YEARLY": "year",
}
_YEARLY_DATE = re.compile(r"FREQ=YEARLY;BYMONTH=(1[0-2]|[1-9]);BYMONTHDAY=(-1|3[01]|[12]\d|[1-9])")
_EVERY_N_DAYS = re.compile(r"FREQ=DAILY;INTERVAL=([1-9]\d?)")
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


class Words(BaseModel):
    """Base of everything that YAML fills: frozen, and an unknown field is a fault, not a surprise."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _read_lead(limit: Limit) -> Limit:
    if limit.unit not in {"day", "month"}:
        raise ValueError("提前开启的时间应为 P30D 或 P1M 的形式")
    return limit


LeadField = Annotated[LimitField, AfterValidator(_read_lead)]  # the scheduler counts it without knowing holidays


class Season(Words):
    """The part of each year in which a recurring duty runs, both days included, as ``MM-DD``; no turn of the year."""

    start: str
    end: str

    @model_validator(mode="after")
    def _is_ordered(self) -> Season:
        if not (_MONTH_DAY.fullmatch(self.start) and _MONTH_DAY.fullmatch(self.end) and self.start <= self.end):
            raise ValueError("季节应写作 MM-DD，起日不晚于止日，且不跨年，例如 start: '06-01', end: '09-30'")
        return self


class RecurringClock(Words):
    """Every week, month, quarter, half-year or year; yearly by a date; or every N days within a season.

    Attributes:
        rule: canonical RRULE. ``FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=30`` falls due on that fixed date (it never rolls);
            the others close a period whose limit is the obligation's ``due``. ``FREQ=DAILY;INTERVAL=5`` means the
            5th, 10th, 15th, 20th, 25th and last day of each month in season.
        season: required by, and only for, ``FREQ=DAILY``.
        opens: how long before its fixed date a yearly occurrence opens for gathering (default P30D).
    """

    kind: Literal["recurring"]
    rule: str
    season: Season | None = None
    opens: LeadField | None = None

    @field_validator("rule")
    @classmethod
    def _is_known(cls, rule: str) -> str:
        if rule in _RECURRING or _YEARLY_DATE.fullmatch(rule) or _EVERY_N_DAYS.fullmatch(rule):
            return rule
        raise ValueError(
            "应为 FREQ=WEEKLY、FREQ=MONTHLY[;INTERVAL=3|6]、FREQ=YEARLY[;BYMONTH=m;BYMONTHDAY=d] 或 FREQ=DAILY;INTERVAL=n"
        )

    @model_validator(mode="after")
    def _season_goes_with_days(self) -> RecurringClock:
        if (self.season is None) == self.rule.startswith("FREQ=DAILY"):
            raise ValueError("season 只与 FREQ=DAILY 同用，且 FREQ=DAILY 必须写明 season")
        return self

    @property
    def every(self) -> Every | None:
        """The calendar unit of one period; None for every N days."""
        return "year" if self.fixed_date else _RECURRING.get(self.rule)  # type: ignore[return-value]

    @property
    def fixed_date(self) -> tuple[int, int] | None:
        """Month and day (−1: last day) of a yearly fixed date."""
        match = _YEARLY_DATE.fullmatch(self.rule)
        return (int(match[1]), int(match[2])) if match else None

    @property
    def every_days(self) -> int | None:
        """N of every N days within a season."""
        match = _EVERY_N_DAYS.fullmatch(self.rule)
        return int(match[1]) if match else None

    def canonical(self) -> str:
        """Return the form ``obligations list --json`` prints."""
        return self.rule


class EventClock(Words):
    """N hours, days, working days or months after something happens, or before, with or after it without a number.

    Attributes:
        event: the type of event that starts it, ``incident``; free words where none is reported through the system.
        levels: event levels that the clause binds; empty binds all.
        rule: the limit, or None where the text gives an anchor but no number (then ``relation`` says which side).
        relation: before, with or after the event.
    """

    kind: Literal["event"]
    event: str
    levels: tuple[str, ...] = ()
    rule: LimitField | None = None
    relation: Literal["before", "with", "after"] = "after"

    def canonical(self) -> str | dict[str, Any]:
        """Return the form ``obligations list --json`` prints."""
        if self.rule is None:
            return {"relation": self.relation, "offset": None}
        return str(self.rule) if self.relation != "before" else {"relation": "before", "offset": str(self.rule)}


class DeadlineClock(Words):
    """Once, by a date; the date is still in time until its 24:00 and never rolls."""

    kind: Literal["deadline"]
    date: dt.date
    opens: LeadField | None = None

    def canonical(self) -> str:
        """Return the form ``obligations list --json`` prints."""
        return self.date.isoformat()


class QuotaClock(Words):
    """At least, at most or exactly N, or N %, in each period; due at the period's end."""

    kind: Literal["quota"]
    min: int | None = Field(default=None, ge=1)
    max: int | None = Field(default=None, ge=0)
    count: int | None = Field(default=None, ge=1)
    min_pct: float | None = Field(default=None, gt=0, le=100)
    max_pct: float | None = Field(default=None, ge=0, le=100)
    of: str | None = None
    per: Per

    @model_validator(mode="after")
    def _says_how_many(self) -> QuotaClock:
        numbers = (self.min, self.max, self.count, self.min_pct, self.max_pct)
        if all(number is None for number in numbers):
            raise ValueError("min、max、count、min_pct、max_pct 至少写一个")
        if (self.min_pct is not None or self.max_pct is not None) and not self.of:
            raise ValueError("写百分比时须用 of 写明占什么的百分比")
        return self

    def canonical(self) -> dict[str, Any]:
        """Return the form ``obligations list --json`` prints; whole percentages print as integers."""
        pairs = self.model_dump(exclude={"kind"}, exclude_none=True).items()
        return {name: int(value) if isinstance(value, float) and value.is_integer() else value for name, value in pairs}


class StandingClock(Words):
    """Kept current: 实时更新, 动态调整, 长期公示 (CONTINUOUS) or 定期/适时/及时 of a concrete thing (TIMELY).

    Attributes:
        fresh_within: how old the last publication or confirmation may be before it is asked for: ``P7D`` or a calendar
            period of ``P1M``, ``P3M``, ``P6M``, ``P12M``. Never a number of the text. Left out, this installation's
            own rule holds: a month for CONTINUOUS, a quarter for TIMELY.
    """

    kind: Literal["standing"]
    rule: Literal["CONTINUOUS", "TIMELY"]
    fresh_within: LimitField | None = None

    @field_validator("fresh_within")
    @classmethod
    def _is_a_calendar_period(cls, limit: Any) -> Any:
        if limit is not None and str(limit) not in _FRESH:
            raise ValueError("应为 P7D、P1M、P3M、P6M 或 P12M")
        return limit

    @property
    def every(self) -> Every:
        """The calendar period at whose end freshness is checked."""
        if self.fresh_within is None:
            return "month" if self.rule == "CONTINUOUS" else "quarter"
        return _FRESH[str(self.fresh_within)]

    def canonical(self) -> str:
        """Return the form ``obligations list --json`` prints."""
        return self.rule


_FRESH: dict[str, Every] = {"P7D": "week", "P1M": "month", "P3M": "quarter", "P6M": "half-year", "P12M": "year"}

Clock = Annotated[RecurringClock | EventClock | DeadlineClock | QuotaClock | StandingClock, Field(discriminator="kind")]
