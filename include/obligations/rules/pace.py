"""Whether a quota is on pace and a standing duty still fresh: warnings before the period's end. Due dates are ``occurrences``."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from obligations.rules.clocks import last_day_of
from obligations.rules.wording import say_cadence
from obligations.words.clocks import QuotaClock, StandingClock
from obligations.words.limits import Limit
from obligations.words.occurrence import Period
from obligations.words.times import say_day


def pace_warning(clock: QuotaClock, period: Period, done: int, as_of: date) -> str | None:
    """Warn in Chinese if ``done`` times by the end of ``as_of`` is behind the even pace, or over the most allowed.

    Behind means fewer than the whole times that an even pace had made due by ``as_of``. A share (``min_pct``,
    ``max_pct``) cannot be judged from a count and gives None, as does a day outside the period.
    """
    if not period.start <= as_of <= period.end:
        return None
    if clock.max is not None and done > clock.max:
        return f"{period.key} 已有{done}次，超过{say_cadence(clock)}的上限。"
    wanted = clock.min if clock.min is not None else clock.count
    if wanted is None:
        return None
    if clock.count is not None and done > clock.count:
        return f"{period.key} 已有{done}次，多于规定的{say_cadence(clock)}。"
    days = (period.end - period.start).days + 1
    passed = (as_of - period.start).days + 1
    expected = int(Fraction(wanted * passed, days))
    if done >= expected:
        return None
    left = days - passed
    remaining = f"还剩{left}日" if left else "当日为最后一日"
    return f"截至{say_day(as_of)}，{period.key} 完成{done}次，按{say_cadence(clock)}的进度应有{expected}次，{remaining}，尚缺{wanted - done}次。"


def fresh_until(last_proven: date, clock: StandingClock) -> date:
    """Return the last day on which what was published or confirmed on ``last_proven`` still counts as current.

    Without ``fresh_within`` this installation's own rule holds: a month for CONTINUOUS, a quarter for TIMELY.
    """
    limit = clock.fresh_within or Limit(1 if clock.rule == "CONTINUOUS" else 3, "month")
    if limit.unit == "day":
        return last_proven + timedelta(days=limit.amount)
    return last_day_of(limit, last_proven)
