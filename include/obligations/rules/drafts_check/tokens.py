"""Finds the numbers in a sentence that state something, with their units; dates, ordinals and names are none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

_NUMBER = re.compile(r"(?<![\d.,])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\d])")
_MASKED = (
    re.compile(r"https?://\S+|www\.\S+"),
    re.compile(r"《[^》]{0,100}》|〔[^〕]{0,20}〕|［[^］]{0,20}］"),
    re.compile(r"(?<![\d.,])\d{1,4}(?:年|月|日)?[—–\-~～至、](?=\d{1,4}(?:年|月|日|时(?!进度)|季度|周|期))"),
    re.compile(r"(?<![\d.,])\d{1,4}(?:年|月|日|时(?!进度)|分(?![之点])|秒|号|季度|年度|周岁|周|期|届|版|稿)"),
    re.compile(
        r"(?<!\d)(?:19|20)\d{2}(?:[-/]\d{1,2}){1,2}(?!\d)|(?<!\d)(?:19|20)\d{2}(?:\.\d{1,2}){2}(?!\d)|\d{1,2}[:：]\d{2}"
    ),
    re.compile(r"第\d+|[表图附件注]\s?\d+|附件\d+"),
    re.compile(r"(?<![A-Za-z])[A-Za-z]{1,12}(?:[/\-][A-Za-z]{1,6})?[\s\-]?\d[\d.\-]*(?:[-—]\d+)?"),
    re.compile(r"^\s*(?:注：)?\d+[.．、)](?!\d)|^\s*[（(]\d+[)）]"),
    re.compile(r"[一二三四五六七八九十]?是\d+[.．、]"),
    re.compile(r"(?<!\d)\d{7,}(?![\d,.]|\s?[万亿元个人户吨])"),  # telephone and account numbers
)
_UNITS = (
    *("个百分点", "百分点", "%", "‰", "倍", "个点"),
    *("亿元", "万元", "百万元", "元/公斤", "元/吨", "元/平方米", "元", "亿美元", "万美元"),
    *("万公顷", "公顷", "万亩", "亩", "万平方米", "平方米", "平方公里", "公里"),
    *("亿吨", "万吨", "吨", "万千瓦时", "亿千瓦时", "千瓦时", "公斤", "微克/立方米", "毫克/立方米", "μg/m³", "mg/m³"),
    *(
        "万人次",
        "人次",
        "万人",
        "人",
        "万户",
        "户",
        "万件",
        "件",
        "例",
        "起",
        "家",
        "宗",
        "个",
        "项",
        "天",
        "辆",
        "名",
        "台",
    ),
)
_SCALES = {"百万": Decimal(10**6), "万": Decimal(10**4), "亿": Decimal(10**8), "千": Decimal(10**3)}
_EXACT = Context(prec=100)


@dataclass(frozen=True, slots=True)
class Token:
    """A number as written.

    Attributes:
        start, end: of number and unit in the text; text: both as written.
        value: signed; places: decimals; unit: as in figures.json, empty for none.
    """

    start: int
    end: int
    text: str
    value: Decimal
    places: int
    unit: str

    def in_base_unit(self) -> Decimal:
        """Return the value without 万 or 亿."""
        return self.value * scale_of(self.unit)[0]


def tokens_of(text: str, units: Iterable[str] = ()) -> list[Token]:
    """Return the numbers of ``text`` in order; ``units`` are those of the data beside the common ones."""
    return list(_tokens(text, sorted({*_UNITS, *filter(None, units)}, key=lambda unit: -len(unit))))


def _tokens(text: str, units: list[str]) -> Iterator[Token]:
    plain = "".join(_half_width(character) for character in text)
    masked = plain
    for pattern in _MASKED:
        masked = pattern.sub(lambda found: "#" * len(found[0]), masked)
    for found in _NUMBER.finditer(masked):
        if found.start() and masked[found.start() - 1] == "#" and found[0].startswith("-"):
            continue
        unit = next((unit for unit in units if plain.startswith(unit, found.end())), "")
        digits = found[0].replace(",", "")
        places = len(digits.partition(".")[2])
        end = found.end() + len(unit)
        name = unit.removeprefix("个") if unit in {"个百分点", "个点"} else unit
        yield Token(found.start(), end, text[found.start() : end], Decimal(digits), places, name)


def _half_width(character: str) -> str:
    if character in "，：；！？（）":
        return character  # punctuation parts sentences
    folded = unicodedata.normalize("NFKC", character)
    if character in "−–" and len(folded) == 1:
        return "-" if character == "−" else character
    return (
        folded if len(folded) == 1 and (folded.isdigit() or folded in "%.,") and character not in "²³¹" else character
    )


def scale_of(unit: str) -> tuple[Decimal, str]:
    """Return what a unit multiplies by, and the unit without it: ``(10000, 元)``."""
    for prefix, factor in _SCALES.items():
        if unit.startswith(prefix) and len(unit) > len(prefix) and not unit.startswith("千瓦"):
            return factor, unit.removeprefix(prefix)
    return Decimal(1), unit


def rounded(value: Decimal, places: int) -> Decimal:
    """Round half up to ``places`` decimals."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_EXACT)


def says(token: Token, value: Decimal, unit: str, *, signed: bool = False) -> bool:
    """Say whether a number as written states ``value`` in ``unit``, rounded as the writer chose; its sign only if ``signed``."""
    if token.unit == "倍" and unit == "%":
        value, unit = value / 100, "倍"
    own, base = scale_of(token.unit)
    factor, wanted = scale_of(unit)
    if token.unit and unit and base != wanted:
        return False
    if not token.unit:
        own = factor
    if own > factor and token.places == 0 and abs(token.value) < 10:
        return False  # 3亿元 would say too many amounts in 万元
    stated = rounded(value * factor / own, token.places)
    return stated == token.value if signed else abs(stated) == abs(token.value)
