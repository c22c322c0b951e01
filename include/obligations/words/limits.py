"""Limits as the catalogue writes them (``PT5H``, ``P20WD``); what they come to on a calendar is ``rules.clocks``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, PlainSerializer

Unit = Literal["hour", "day", "working_day", "month"]
_FORMS: tuple[tuple[re.Pattern[str], Unit], ...] = (
    (re.compile(r"PT(\d+)H"), "hour"),
    (re.compile(r"P(\d+)D"), "day"),
    (re.compile(r"P(\d+)WD"), "working_day"),
    (re.compile(r"P(\d+)M"), "month"),
)
_TEMPLATES: dict[Unit, str] = {"hour": "PT{}H", "day": "P{}D", "working_day": "P{}WD", "month": "P{}M"}
_CHINESE: dict[Unit, str] = {"hour": "小时", "day": "日", "working_day": "个工作日", "month": "个月"}


@dataclass(frozen=True, slots=True)
class Limit:
    """A length of time counted from a start.

    Attributes:
        amount: how many units, 0 to 10,000; zero hours is ``PT0S``, together with the event.
        unit: hour, day (calendar), working_day or month.
    """

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read ``PT5H``, ``P20D``, ``P20WD``, ``P1M`` or ``PT0S``; raises ValueError in Chinese."""
        if text == "PT0S":
            return cls(0, "hour")
        for form, unit in _FORMS:
            if (match := form.fullmatch(text)) and int(match[1]) <= 10_000:
                return cls(int(match[1]), unit)
        raise ValueError(f"时限“{text}”无法识别，应为 PT5H、P20D、P20WD、P1M 或 PT0S 的形式，数字不超过 10000")

    def __str__(self) -> str:
        """Return the canonical form."""
        return "PT0S" if self == Limit(0, "hour") else _TEMPLATES[self.unit].format(self.amount)

    def say(self) -> str:
        """Write it in Chinese: ``20个工作日``."""
        return f"{self.amount}{_CHINESE[self.unit]}"


def _read(value: object) -> object:
    return Limit.parse(value) if isinstance(value, str) else value


LimitField = Annotated[Limit, BeforeValidator(_read), PlainSerializer(str)]
