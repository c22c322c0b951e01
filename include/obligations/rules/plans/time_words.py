"""Dates and cadences: 6月底前, 年内, 到2025年, 每年6月底前, 按季度, 每五日, 月度、季度、年度…发布会.

Patterns are bounded, so that a sentence is read in time linear in its length. Events, quotas and standing duties have
modules of their own.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator

from obligations.rules.plans.marks import Mark, Rank
from obligations.rules.plans.numerals import NUMERAL, value_of
from obligations.words.clocks import DeadlineClock, RecurringClock, Season
from obligations.words.limits import Limit

_MONTH = r"(?:1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])"
_MONTH_DAY = rf"(?<![\d十])(?P<month>{_MONTH})月(?:(?P<day>3[01]|[12]\d|[1-9])日|(?P<end>底|末|份))?"
_YEAR = r"(?P<year>20\d\d)年(?:度)?"
_BEFORE = r"(?:之前|以前|前)(?![一-龥]{0,1}期)"
_DATE = re.compile(rf"(?:{_YEAR}|今年|本年|(?P<next>次年|明年|下一年))?{_MONTH_DAY}{_BEFORE}")
_POINT = rf"(?:次年|明年|20\d\d年)?(?<![\d十]){_MONTH}月(?:3[01]日|[12]\d日|[1-9]日|底|末|份)?"
_YEARLY = re.compile(rf"每年(?:的)?(?P<dates>(?:{_POINT}(?:{_BEFORE})?[、和及]){{0,5}}{_POINT}{_BEFORE})")
_YEARLY_END = re.compile(r"每年(?:年)?(?:底|末)(?:之前|以前|前)")
_MONTHLY = re.compile(
    r"(?:每(?:个)?|(?P<next>[次下])(?:个)?)(?P<unit>月|季度?)(?:首月|第一个月|初)?(?:第|前)?"
    r"(?P<amount>3[01]|[12]\d|[1-9])(?:日|(?P<working>个工作日))(?:之前|以前|前|之内|以内|内)"
)
AFTER_PERIOD = re.compile(
    rf"(?:每(?:个)?|(?<![个次下\d一二三四五六七八九十两半几满数]))(?P<unit>周|月|季度?|半年|年(?=度|结|终))(?:度)?(?:结束|终了|末)?(?:后|之日起)(?:的)?"
    rf"(?P<amount>{NUMERAL})(?:日|天|(?P<working>个工作日))(?:之内|以内|内)"
)
"""每季度结束后10日内, 季后15日内: counted from the end of a period, which is no event that anybody reports."""
_YEAR_END = re.compile(
    r"(?:(?P<year>20\d\d)|今|本)?(?:年(?=年|上|第|[一二三四]季))?(?P<part>年底|年末|上半年|第?[一二三四]季度(?:末|底)?)"
    r"(?:之前|以前|前|(?=[,完实建基]))"
)
_WITHIN = re.compile(r"(?<![\d一二三四五六七八九十两半])(?:今|本)?年(?:度)?内")
_BY_YEAR = re.compile(rf"(?<!截至)(?<!截)(?:到|至)(?<![—\-]){_YEAR}(?:年)?(?:底|末)?(?:前)?(?![至\-—\d月以])")
_DONE = re.compile(rf"(?<![—\-\d~至]){_YEAR}(?:年)?(?:底|末)?(?:前)?(?:全面|基本)?(?=完成|实现|建成|全面)")
_POINTS = re.compile(
    rf"于?(?P<dates>(?:{_POINT}(?:{_BEFORE})?[、和及]){{1,5}}{_POINT})(?:之前|以前|前|(?:\w{{1,2}}个)?(?:时间)?节点)"
)
_ONE_DATE = re.compile(
    rf"(?:(?P<next>次年|明年)|(?P<year>20\d\d)年)?(?P<month>{_MONTH})月"
    rf"(?:(?P<day>\d{{1,2}})日|(?P<end>底|末|份))?(?P<before>{_BEFORE})?"
)
_EVERY = re.compile(
    r"(?:每(?:个)?|按|逐)(?P<unit>周|星期|月|季度|季|半年|年)(?:度)?(?!\d|[一二三四五六七八九十]月|度?(?:计划|末月|第[二三]个?月|第[一二三四]个?周|最后)|内)"
)
_WEEKDAY = re.compile(r"[一二三四五六日天]")
_EVERY_DAYS = re.compile(rf"(?:每(?P<days>{NUMERAL})(?:个)?|每|逐|按)(?:日|天)(?!起|常)")
_SPOKEN = r"(?:月度|季度|半年度|年度|月|周)"
_REGULAR = re.compile(
    rf"(?<![每逐按个\d一二三四五六七八九十])(?P<list>{_SPOKEN}(?:[、和及]{_SPOKEN}){{0,3}})(?=[^,;。、]{{0,20}}?(?:发布会|通报会|例会|抽查|检查|通报|评估|巡检|排名))"
)
_REPORTED = re.compile(
    r"年度(?=[^,;。、和及]{0,16}?(?P<thing>报告|计划(?!的)|方案|清单|重点(?!工作[、以]|工程|项目)|目录|总结|安排))|年报(?=[^,;。]{0,8}(?:编制|发布|公开|格式))"
)
_NOT_EVERY = re.compile(
    r"(?:上一|上|本|当|20\d\d|各|按照[^,;。]{0,40}|根据[^,;。]{0,40}|围绕[^,;。]{0,60}|以[^,;。]{0,20})$"
)
_ORDERED = re.compile(r"公开|公布|发布|公示|编制|制定|形成|明确|报送|上报|报[省市县区行国]|提交")
_ASSESSED = re.compile(r"对[^,;。]{2,400}进行(?:评估|检查|考核|督查|核查)")
_UNITS = {"周": "FREQ=WEEKLY", "星期": "FREQ=WEEKLY", "月": "FREQ=MONTHLY", "季度": "FREQ=MONTHLY;INTERVAL=3",
          "季": "FREQ=MONTHLY;INTERVAL=3", "半年": "FREQ=MONTHLY;INTERVAL=6", "年": "FREQ=YEARLY"}  # fmt: skip
_ADJECTIVES = {"月度": "月", "季度": "季度", "半年度": "半年", "年度": "年", "月": "月", "周": "周"}
_SEASONS = (("夏秋", "06-01", "09-30"), ("夏", "06-01", "08-31"), ("秋", "09-01", "11-30"), ("汛期", "06-01", "09-30"),
            ("采暖", "01-01", "04-15"))  # fmt: skip
_ENDS = {"年底": (12, 31), "年末": (12, 31), "上半年": (6, 30)}
_QUARTERS = {"一": (3, 31), "二": (6, 30), "三": (9, 30), "四": (12, 31)}
_REST = 3
_ALL_YEAR = re.compile(r"全年|常年|长期|长效|持续(?:推进|开展)?|常态化?|年内|实时|及时|贯穿全年")


def is_limit(text: str) -> bool:
    """Say whether a table cell holds a limit and nothing else: 12月底前, 全年, 每季度."""
    if len(text) > 24 or not text:
        return False
    patterns = (
        _ALL_YEAR,
        _POINTS,
        _DATE,
        _YEAR_END,
        _WITHIN,
        _EVERY,
        _YEARLY,
        _BY_YEAR,
        _EVERY_DAYS,
        _MONTHLY,
        AFTER_PERIOD,
    )
    if any((match := pattern.match(text)) and len(text) - match.end() <= _REST for pattern in patterns):
        return True
    return bool(re.fullmatch(r"(?:20\d\d年)?(?:\d{1,2}月(?:底|末|\d{1,2}日)?|\d{1,2}[.-]\d{1,2})", text))


def is_all_year(text: str) -> bool:
    """Say whether a table cell asks for something all year."""
    return bool(_ALL_YEAR.match(text))


def dates(text: str, year: int | None) -> Iterator[Mark]:
    """Yield the fixed dates of a sentence; without a year of their own they fall into ``year``."""
    taken: list[tuple[int, int]] = []
    for match in _POINTS.finditer(text):
        on = year
        for point, month, day in _points(match["dates"]):
            on = int(point["year"]) if point["year"] else year + 1 if point["next"] and year is not None else on
            if mark := _deadline(match, on, month, day):
                yield mark
        taken.append(match.span())
    for match in _YEARLY_END.finditer(text):
        clock = RecurringClock(kind="recurring", rule="FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31")
        yield Mark(match.start(), match.end(), clock, Rank.YEARLY_DATE, match[0])
    for match in _YEARLY.finditer(text):
        for _, named, last in _points(match["dates"]):
            month, day = ((named - 2) % 12 + 1, -1) if last == 0 else (named, last)
            most = calendar.monthrange(2023, month)[1]
            rule = f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={min(day if day > 0 else 31, most)}"
            clock = RecurringClock(kind="recurring", rule=rule)
            yield Mark(match.start(), match.end(), clock, Rank.YEARLY_DATE, match[0])
        taken.append(match.span())
    for match in _DATE.finditer(text):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        on = int(match["year"]) if match["year"] else year
        month, day = value_of(match["month"]) or 1, _last(match)
        on = year + 1 if match["next"] and year is not None else on
        if mark := _deadline(match, on, month, day):
            yield mark
    yield from _year_ends(text, year)


def _points(dates: str) -> Iterator[tuple[re.Match[str], int, int]]:
    """Yield each date of a list with its month and last day; 6月 in 6月、12月底前 ends as the last of them does."""
    found = list(_ONE_DATE.finditer(dates))
    for point in found:
        own = point["day"] or point["end"] or point["before"]
        yield point, value_of(point["month"]) or 1, _last(point if own else found[-1])


def _last(match: re.Match[str]) -> int:
    """Return the day, −1 for a month's end, 0 for the end of the month before: 5月前."""
    if match["day"]:
        return int(match["day"])
    return -1 if match["end"] in {"底", "末"} else 0


def _deadline(match: re.Match[str], year: int | None, month: int, day: int) -> Mark | None:
    if year is None or not 1 <= month <= 12:
        return None
    if day == 0:
        year, month, day = (year - 1, 12, -1) if month == 1 else (year, month - 1, -1)
    most = calendar.monthrange(year, month)[1]
    date = dt.date(year, month, most if day < 0 else min(day, most))
    return Mark(match.start(), match.end(), DeadlineClock(kind="deadline", date=date), Rank.DEADLINE, match[0])


def _year_ends(text: str, year: int | None) -> Iterator[Mark]:
    taken: list[tuple[int, int]] = []
    for pattern in (_YEAR_END, _WITHIN, _BY_YEAR, _DONE):
        for match in pattern.finditer(text):
            named = match.groupdict().get("year")
            on = int(named) if named else year
            part = match.groupdict().get("part")
            month, day = (12, 31) if part is None else _ENDS.get(part) or _QUARTERS[part.strip("第季度末底")]
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            if pattern is _BY_YEAR and _is_range(text, match):
                continue
            if mark := _deadline(match, on, month, day):
                taken.append((match.start(), match.end()))
                yield mark


def _is_range(text: str, match: re.Match[str]) -> bool:
    """Say whether 至2025年 ends a range of years, which limits nothing."""
    return bool(re.search(r"20\d\d年?$", text[: match.start()]))


def cadences(text: str) -> Iterator[Mark]:
    """Yield what recurs without a date: 每周, 按季度, 每五日, 月度…发布会, an annual report that is to be published."""
    for match in _EVERY_DAYS.finditer(text):
        days = value_of(match["days"]) if match["days"] else 1
        if days and days < 100:
            season = next(
                (Season(start=a, end=b) for word, a, b in _SEASONS if word in text[: match.start()][-30:]), None
            )
            rule = f"FREQ=DAILY;INTERVAL={days}"
            clock = RecurringClock(kind="recurring", rule=rule, season=season or Season(start="01-01", end="12-31"))
            why = "原文未写旺季的起止日期，起止日为暂拟，须核定" if season else "原文未写起止日期，暂拟全年，须核定"
            yield Mark(match.start(), match.end(), clock, Rank.CADENCE, match[0], why=why)
    limited = [*_MONTHLY.finditer(text), *AFTER_PERIOD.finditer(text)]
    for match in limited:
        limit = Limit(value_of(match["amount"]) or 1, "working_day" if match["working"] else "day")
        clock = RecurringClock(kind="recurring", rule=_UNITS[match["unit"]])
        exact = match.re is AFTER_PERIOD or match["next"]
        why = "" if exact else f"原文限定每期{limit.say()}前，按上一期结束后{limit.say()}内计"
        yield Mark(match.start(), match.end(), clock, Rank.CADENCE, match[0], why=why, limit=limit)
    for match in _EVERY.finditer(text):
        if not any(other.start() <= match.start() < other.end() for other in limited):
            weekday = match["unit"] in {"周", "星期"} and _WEEKDAY.match(text, match.end())
            why = f"原文限定每周{weekday[0]}，时限只计到周末，须核对" if weekday else ""
            yield _cadence(match.start(), match.end(), match["unit"], match[0], why)
    for match in _REGULAR.finditer(text):
        if _NOT_EVERY.search(text[: match.start()][-60:]):
            continue
        for word in re.findall(_SPOKEN, match["list"]):
            yield _cadence(match.start(), match.end(), _ADJECTIVES[word], word)
    yield from _annual(text)


def _cadence(start: int, end: int, unit: str, words: str, why: str = "") -> Mark:
    return Mark(start, end, RecurringClock(kind="recurring", rule=_UNITS[unit]), Rank.CADENCE, words, why=why)


def _annual(text: str) -> Iterator[Mark]:
    """Yield annual reports, plans and lists that the sentence orders to be made or published."""
    for match in _REPORTED.finditer(text):
        if _NOT_EVERY.search(_segment_before(text, match.start())) or text[match.end() : match.end() + 5] == "目标任务":
            continue
        segment = _segment_before(text, match.end() + 1) + re.split(r"[,;。]", text[match.end() + 1 :])[0]
        following = text[match.end() : match.end() + 60]
        if _ORDERED.search(segment + following) and not _ASSESSED.search(segment):
            yield _cadence(match.start(), match.end(), "年", match[0], "年度文件，按年一次")


def _segment_before(text: str, position: int) -> str:
    begun = max(text.rfind(mark, 0, position) for mark in ",;。:")
    return text[begun + 1 : position]
