"""How often or how much at least, at most or exactly: 每周不少于3次, 至少听取一次, 抽查比例不低于50%. Patterns are bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from obligations.rules.plans.marks import Mark, Rank
from obligations.rules.plans.numerals import NUMERAL, value_of
from obligations.words.clocks import Per, QuotaClock

_LEAST = r"不少于|不低于|至少|不得少于|不应少于|最少|不得低于|不应低于|不少于"
_MOST = r"不高于|不超过|不得高于|不得超过|不多于|不应高于|不应超过"
_TIMES = r"(?:次|场|期|篇|条|场次|批次)"
_NUMBER = re.compile(
    rf"(?P<side>{_LEAST}|{_MOST})(?P<between>[^,;。]{{0,24}}?)(?:(?P<pct>\d{{1,3}}(?:\.\d+)?)%|(?P<count>{NUMERAL}){_TIMES})"
)
_EXACT = re.compile(
    rf"(?:每(?:周|月|季度|半年|年)(?=\d|[一二三四五六七八九十两]次|[一二三四五六七八九十两]场)|组织|开展|召开|进行|举办|举行|听取|发布)(?:开展|召开)?(?P<count>{NUMERAL}){_TIMES}(?!以上|性)"
)
_WHOLE = re.compile(r"(?:全年|年度|年内)?(?:实现)?(?P<period>全年|每年|年内|每季度)(?:实现)?全覆盖")
_PERIODS = re.compile(r"(?:每(?:个)?|按)(?P<unit>周|星期|月|季度?|半年|年)|(?P<year>年内|全年|年度内)")
_UNITS: dict[str, Per] = {
    "周": "week", "星期": "week", "月": "month", "季": "quarter", "季度": "quarter", "半年": "half-year", "年": "year",
}  # fmt: skip
_EACH = re.compile(r"每(?:次|轮|批)")
_OTHER_PERIOD = re.compile(
    rf"每(?:个)?(?:{NUMERAL}|双)?(?:个)?(?:工作)?[日天旬周月季年]|[隔双][日天周月]|每(?:{NUMERAL}|双)星期"
)
_WEIGHT = re.compile(r"分值|权重|考核(?:成绩|总分)|得分|分数|占比不(?:得|应)低于")
WEIGHT = "考核分值或权重，不是次数或比例任务"
NO_SHARE = "百分比不在0到100之间（多为增长目标），不是比例任务"
NO_TIMES = "次数为零，不要求做什么"
NO_PERIOD = "次数的周期不是周、月、季、半年或年，不能登记为数量要求，请人工判断"


def quotas(text: str) -> Iterator[Mark]:
    """Yield the quotas of a sentence; the period is the nearest one before, in the same segment first."""
    counted = False
    for match in _EXACT.finditer(text):
        segment = _segment(text, match.start())
        period = _period(segment)
        if period is not None and not re.search(rf"(?:{_LEAST}|{_MOST})[^,;。]{{0,12}}$", text[: match.start("count")]):
            begun = match.start() - len(segment)
            counted = True
            clock = QuotaClock(kind="quota", count=value_of(match["count"]) or 1, per=period)
            words = f"{_period_words(segment)}{match[0]}"
            yield Mark(max(begun, 0), match.end(), clock, Rank.QUOTA, words, reach=_to_comma(text, match.end()))
    for match in _NUMBER.finditer(text):
        segment = _segment(text, match.start())
        before = f"{segment}{match['between']}"
        if _why_none(text, match):
            continue
        of_each = match["pct"] and (counted or _EACH.search(before))
        period = _period(before) or ("check" if of_each else _period(text[: match.start()])) or "year"
        yield Mark(
            start=match.start() - len(segment),
            end=match.end(),
            clock=_clock(match, segment, period),
            rank=Rank.QUOTA,
            words=f"{_period_words(before)}{match[0]}",
            reach=_to_comma(text, match.end()),
            why="" if _period(text[: match.end()]) else "原文未写周期，按计划年度计",
        )
    for match in _WHOLE.finditer(text):
        quota = _NUMBER.search(text[: match.start()])
        if quota is not None and quota["pct"]:
            per: Per = "quarter" if match["period"] == "每季度" else "year"
            of = _share_of(quota, text[: quota.start()])
            clock = QuotaClock(kind="quota", min_pct=100, of=of, per=per)
            yield Mark(match.start(), match.end(), clock, Rank.QUOTA, match[0], reach=match.end())


def no_quotas(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield numbers that order nothing to be done so often or of so many, each with the reason."""
    for match in _NUMBER.finditer(text):
        if reason := _why_none(text, match):
            yield match.start(), match.end(), reason


def _why_none(text: str, match: re.Match[str]) -> str | None:
    if _WEIGHT.search(text[max(0, match.start() - 16) : match.end()]):
        return WEIGHT
    least = re.fullmatch(_LEAST, match["side"]) is not None
    before = f"{_segment(text, match.start())}{match['between']}"
    if _period(before) is None and _OTHER_PERIOD.search(before):
        return NO_PERIOD
    if match["pct"]:
        share = float(match["pct"])
        return None if 0 < share <= 100 or (share == 0 and not least) else NO_SHARE
    return NO_TIMES if least and value_of(match["count"]) == 0 else None


def _clock(match: re.Match[str], segment: str, period: Per) -> QuotaClock:
    least = re.fullmatch(_LEAST, match["side"]) is not None
    if match["pct"]:
        of = _share_of(match, segment)
        share = float(match["pct"])
        return QuotaClock(
            kind="quota", min_pct=share if least else None, max_pct=None if least else share, of=of, per=period
        )
    count = value_of(match["count"])
    return QuotaClock(kind="quota", min=count if least else None, max=None if least else count, per=period)


def _share_of(match: re.Match[str], segment: str) -> str:
    """Name what a percentage is of: 不少于X总数的15 %, 对X抽查比例, X的重复率."""
    between = match["between"].removesuffix("的")
    if len(between) >= 2:
        return between
    named = re.search(
        r"对(?P<of>[^,;。对]{2,20}?)(?:的)?(?:抽查|检查|覆盖|监测)?(?:比例|数量|率|面)[^,;。]{0,4}$", segment
    )
    named = named or re.search(r"(?P<of>[^,;。]{2,24}?)(?:的)[^,;。的]{1,6}(?:率|比例|比重)[^,;。]{0,4}$", segment)
    return named["of"] if named else _PERIODS.sub("", segment)[-16:] or "有关事项"


def _segment(text: str, position: int) -> str:
    """Return the words of the segment before ``position``."""
    begun = max(text.rfind(mark, 0, position) for mark in ",;。:")
    return text[begun + 1 : position]


def _period(words: str) -> Per | None:
    found = list(_PERIODS.finditer(words))
    if not found:
        return "year" if re.search(r"(?:1|一)年内", words) else None
    last = found[-1]
    return "year" if last["year"] else _UNITS[last["unit"]]


def _period_words(words: str) -> str:
    found = list(_PERIODS.finditer(words))
    return found[-1][0] if found else ""


def _to_comma(text: str, position: int) -> int:
    ends = [found for mark in ",;。:" if (found := text.find(mark, position)) >= 0]
    return min(ends, default=len(text))
