"""How numbers and their changes are worded: 增长/下降, 百分点, 持平. Figures come from the kinds, sentences from templates.

The lists are closed so that a sign can never contradict its word, whatever a department writes into a template.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

RISING = (
    *("增长", "增加", "增收", "增支", "上升", "上涨", "回升", "提高", "高于", "快于", "超过", "拉动", "多"),
    "收窄",  # of a 降幅
    "减亏",
)
FALLING = (
    *("下降", "减少", "减收", "减支", "下跌", "回落", "降低", "低于", "慢于", "下拉", "少"),
    "扩大",  # of a 降幅
    "增亏",
)
NO_VALUE = "—"
_EXACT = Context(prec=100)
"""Wide enough that no figure a source may deliver (30 digits, 30 decimals) is cut before it is rounded."""
_DIGITS = "零一二三四五六七八九"


def rounded(value: Decimal, places: int) -> Decimal:
    """Round half up (四舍五入) to ``places`` decimals; a zero has no sign."""
    result = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_EXACT)
    return result or abs(result)


def say_number(value: Decimal, places: int) -> str:
    """Write a number with thousands separators: ``-37,597``, ``41,310.5``."""
    return f"{rounded(value, places):,}"


def say_unit(unit: str) -> str:
    """Write a unit as it follows a number: ``个百分点``, ``%``, ``万元``."""
    return f"个{unit}" if unit in {"百分点", "点"} else unit


def places_of(value: Decimal) -> int:
    """Count the decimals ``value`` was given with, trailing zeros not counted, four at most."""
    exponent = value.normalize(_EXACT).as_tuple().exponent
    return min(4, max(0, -exponent)) if isinstance(exponent, int) else 0


def say_counting(number: int) -> str:
    """Write a small count in Chinese numerals for ordinals: ``一``, ``十二``, ``二十``; raises ValueError beyond 1 to 99."""
    if not 1 <= number <= 99:
        raise ValueError(f"序数 {number} 应在1至99之间")
    tens, units = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[units] if units else "")


def contradiction(rising: str, falling: str) -> str | None:
    """Say in Chinese what is wrong with a pair of words for a rise and a fall; None if nothing is."""
    if not rising.startswith(RISING):
        return f"“{rising}”不是表示上升的词，应以{'、'.join(RISING)}之一开头"
    if not falling.startswith(FALLING):
        return f"“{falling}”不是表示下降的词，应以{'、'.join(FALLING)}之一开头"
    return None
