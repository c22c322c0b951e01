"""Whether the words around numbers fit them: 增长 and 下降, 同比 and 环比, 增收 and 减支, and sums done in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from obligations.rules.drafts_check.figures_file import PERIOD, YEAR
from obligations.rules.drafts_check.findings import ERROR, Finding, House
from obligations.rules.drafts_check.numbers import Stated
from obligations.rules.drafts_check.subjects import clause_before, sentence_start
from obligations.rules.drafts_check.tokens import Token, rounded, scale_of, tokens_of
from obligations.rules.edited_word.pieces import Line

_BASES = {
    YEAR: re.compile(r"同比|[比较](?:上年|去年)(?:同期|同月|同季)?"),
    PERIOD: re.compile(r"环比|[比较](?:上个?月|上周|上季度?|上旬|上期)"),
}
_BETWEEN = r"(?:了|约|近|超|逾)?(?:序时进度|总额增幅|增幅|降幅)?$"
_MISGROUPED = re.compile(r"(?<![\d.,])\d+(?:,\d+)*,(?:\d{4,}|\d{1,2}(?![\d]))|(?<![\d.,])\d{4,},\d{3}(?!\d)")
_SIDES = ("收窄", "扩大")
"""Words that turn with 增幅 and 降幅."""
_REVENUE = re.compile(r"收入|税收|支出")
_SPENT = re.compile(r"(增支|减支|增收|减收)约?(?=\d)")
_PROGRESS = re.compile(r"[，]?(?:完成|占|为)[^\d，。；]*")
_SHARE = re.compile(r"的")
_TOLERANCE = Decimal("0.1")
"""Points that a published percentage may differ by: it was computed from unrounded numbers."""


def sign_findings(stated: list[Stated], house: House) -> Iterator[Finding]:
    """Yield numbers whose direction or basis of comparison contradicts the data."""
    for each in stated:
        before = clause_before(each.line.text, each.token.start)
        word = _direction(before, house)
        yield from _contradicted(each, word, before, house)
        yield from _wrong_basis(each)


def _contradicted(each: Stated, word: str, before: str, house: House) -> Iterator[Finding]:
    changes = [measure for measure in each.measures if measure.is_change and measure.value]
    if not word or len(changes) < len(each.measures):
        return
    rises = word in house.rising
    if word in _SIDES and "增幅" in before:
        rises = not rises
    if all((measure.value > 0) != rises for measure in changes):
        measure = changes[0]
        said = f"稿中写“{word}{each.token.text}”，而“{measure.label}”的数据为{measure.value:f}{measure.unit}，方向相反"
        right = measure.printed[0]
        yield Finding(ERROR, "sign-wrong", each.line.place, said, right, f"{word}{each.token.text}", measure.id)


def _wrong_basis(each: Stated) -> Iterator[Finding]:
    text, place = each.line.text, each.token.start
    start = sentence_start(text, place)
    found = [(hit.end(), basis) for basis, words in _BASES.items() for hit in words.finditer(text, start, place)]
    if not found or not all(measure.basis for measure in each.measures):
        return
    _, basis = max(found)
    if all(measure.basis != basis for measure in each.measures):
        measure = each.measures[0]
        said = f"稿中把“{each.token.text}”写成{basis}，数据中它是“{measure.label}”，应为{measure.basis}"
        yield Finding(ERROR, "comparison-wrong", each.line.place, said, measure.basis, basis, measure.id)


def line_findings(line: Line, house: House) -> Iterator[Finding]:
    """Yield what is wrong in a line whatever the data say: contradictory words, and sums that do not add up."""
    tokens = tokens_of(line.text)
    for hit in _MISGROUPED.finditer(line.text):
        said = f"“{hit[0]}”的千分位写错，应每三位一个逗号"
        yield Finding(ERROR, "number-malformed", line.place, said, None, hit[0])
    for token in tokens:
        word = _direction(clause_before(line.text, token.start), house)
        if word and token.value < 0:
            said = f"“{word}{token.text}”用词与负号重复，下降应写“下降”加绝对值，不写“增长-X%”"
            yield Finding(ERROR, "negative-with-word", line.place, said, None, f"{word}{token.text}")
    for hit in _SPENT.finditer(line.text):
        sentence = line.text[sentence_start(line.text, hit.start()) : hit.start()]
        named = [found[0] for found in _REVENUE.finditer(sentence)]
        if named and (named[-1] == "支出") != hit[1].endswith("支"):
            right = hit[1][0] + ("支" if named[-1] == "支出" else "收")
            said = f"“{hit[1]}”用于{named[-1]}不当，收入用“增收”“减收”，支出用“增支”“减支”"
            yield Finding(ERROR, "revenue-word", line.place, said, right, hit[1])
    yield from _progress(line, tokens)
    yield from _growth(line, tokens, house)


def _progress(line: Line, tokens: list[Token]) -> Iterator[Finding]:
    """完成A万元，完成年初预算B万元的P%."""
    for amount, whole, percent in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if percent.unit != "%" or not _same_sort(amount, whole) or not whole.value:
            continue
        if not _PROGRESS.fullmatch(line.text[amount.end : whole.start]):
            continue
        if not _SHARE.fullmatch(line.text[whole.end : percent.start]):
            continue
        right = amount.in_base_unit() / whole.in_base_unit() * 100
        if abs(right - percent.value) > _TOLERANCE + _half(percent):
            shown = f"{rounded(right, max(percent.places, 1))}%"
            said = f"“{amount.text}”是“{whole.text}”的{shown}，稿中写成“{percent.text}”"
            yield Finding(ERROR, "arithmetic", line.place, said, shown, percent.text)


def _growth(line: Line, tokens: list[Token], house: House) -> Iterator[Finding]:
    """完成A万元，…同比增收D万元、增长P%: 上年同期 is A - D."""
    text = line.text
    for position, (change, percent) in enumerate(pairwise(tokens)):
        between = text[change.end : percent.start]
        first, second = _direction(clause_before(text, change.start), house), between.lstrip("、，")
        if percent.unit != "%" or not first or second not in {*house.rising, *house.falling}:
            continue
        found = f"{first}{change.text}、{second}{percent.text}"
        if (first in house.rising) != (second in house.rising):
            said = f"“{found}”前后方向相反"
            yield Finding(ERROR, "sign-wrong", line.place, said, None, found)
            continue
        start = sentence_start(text, change.start)
        amounts = [
            each
            for each in tokens[:position]
            if each.start >= start and _same_sort(each, change) and text[: each.start].endswith("完成")
        ]
        if not amounts or not re.search(r"同比|上年|去年", text[amounts[-1].end : change.start]):
            continue
        signed = change.in_base_unit() * (1 if first in house.rising else -1)
        base = amounts[-1].in_base_unit() - signed
        if base <= 0:
            continue
        right = abs(signed / base * 100)
        spread = _half(change) * scale_of(change.unit)[0] / base * 100
        if abs(right - percent.value) > _TOLERANCE + _half(percent) + spread:
            shown = f"{rounded(right, max(percent.places, 1))}%"
            said = f"按“{amounts[-1].text}”和“{first}{change.text}”计算，应{second}{shown}，稿中写成“{percent.text}”"
            yield Finding(ERROR, "arithmetic", line.place, said, shown, percent.text)


def _direction(before: str, house: House) -> str:
    """Return the word for a rise or fall that ends a clause, empty for none; 增长到 says no change."""
    words = "|".join(sorted((*house.rising, *house.falling), key=len, reverse=True))
    found = re.search(rf"({words}){_BETWEEN}", before)
    return found[1] if found else ""


def _same_sort(one: Token, other: Token) -> bool:
    return bool(one.unit) and scale_of(one.unit)[1] == scale_of(other.unit)[1] and one.unit not in {"%", "百分点"}


def _half(token: Token) -> Decimal:
    return Decimal(5).scaleb(-token.places - 1)
