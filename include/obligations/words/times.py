"""Asia/Shanghai instants and how the field writes them. No arithmetic on deadlines (``rules.clocks``)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS = "一二三四五六日"


def midnight(day: date) -> datetime:
    """Return 00:00 Asia/Shanghai at which ``day`` begins."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def end_of_day(day: date) -> datetime:
    """Return the instant at which ``day`` ends: 24:00, which is 00:00 of the next day (Civil Code, art. 203)."""
    return midnight(day + timedelta(days=1))


def say_day(day: date, *, year: bool = True) -> str:
    """Write a day without zero padding: ``2026年9月30日`` (GB/T 9704-2012)."""
    return f"{day.year}年{day.month}月{day.day}日" if year else f"{day.month}月{day.day}日"


def say_weekday(day: date) -> str:
    """Write the weekday: ``周六``."""
    return f"周{WEEKDAYS[day.weekday()]}"


def say_instant(instant: datetime) -> str:
    """Write an instant in Asia/Shanghai: ``2026年9月30日14:05``."""
    local = instant.astimezone(SHANGHAI)
    return f"{say_day(local.date())}{local:%H:%M}"


def say_due(due_at: datetime) -> str:
    """Write a due instant as people read it: a midnight is the day before's ``24时前``, else ``14:05前``."""
    local = due_at.astimezone(SHANGHAI)
    if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
        return f"{say_day(local.date() - timedelta(days=1))}24时前"
    return f"{say_instant(local)}前"


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant or day; without an offset it is Asia/Shanghai. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    instant = instant if instant.tzinfo else instant.replace(tzinfo=SHANGHAI)
    try:
        instant.astimezone(SHANGHAI), instant.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text} lies beyond what a calendar counts") from None
    return instant
