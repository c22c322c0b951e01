"""What a plan says of itself: title, 文号, issuer, date, the years it binds. Nothing here reads a duty."""

from __future__ import annotations

import datetime as dt
import re

from obligations.words.plans import PlanFacts

_TITLE = re.compile(
    r"(?:20\d\d年度?)?[^。;,:!?\s|《》]{2,60}?(?:工作要点|实施方案|工作方案|分解表|要点清单|工作安排|的通知|行动计划)"
)
_NUMBER = re.compile(r"(?<![一-龥])([一-龥]{2,9}(?:办|政|府|函|发|字|规))\((20\d\d)\)(\d{1,4})号")
_DATE = re.compile(r"(20[0-4]\d)年(\d{1,2})月(\d{1,2})日|(20[0-4]\d)[.\-](\d{1,2})[.\-](\d{1,2})(?!\d)")
_ALONE = re.compile(r"(?:^|\n)(?:[^\n。]{0,6}日期\)?:?)?(20[0-4]\d[年.][^\n。,]{3,8}?)(?=\n|$|[•·])")
_YEAR = re.compile(r"(20[0-4]\d)年")
_SPAN = re.compile(r"(20[0-4]\d)[-—–~至](20[0-4]\d)年")
_SIGNED = re.compile(
    r"(?<![一-龥])([一-龥]{2,24}?(?:人民政府办公[室厅]|行政公署办公室|管委会办公室|管理委员会办公室|人民政府|行政公署))(?=[\n关]|$)"
)
_OTHERS = ("各", "国务院", "中共", "根据", "按照", "落实", "贯彻")
_PREFACE, _LATEST = 4000, 6000


def facts_of(text: str, fallback: str) -> PlanFacts:
    """Read the facts from the plain text of one plan; ``fallback`` is its title where none is found."""
    head = text[:_PREFACE]
    title = _title(head) or fallback
    number = next((match for match in _NUMBER.finditer(head) if not _is_cited(head, match.start())), None)
    span = _SPAN.search(title)
    issued = _issued(head, text[-_LATEST:], int(number[2]) if number else None)
    titled = _YEAR.search(title)
    year = int(titled[1]) if titled and span is None else int(number[2]) if number else None
    if year is None:
        year = issued.year if issued else _most_named(text)
    issuer = next((m[1] for m in _SIGNED.finditer(head) if not m[1].startswith(_OTHERS)), None)
    return PlanFacts(
        title=title,
        number=f"{number[1]}〔{number[2]}〕{number[3]}号" if number else None,
        issued_by=issuer,
        issued_on=issued,
        year=year,
        until=int(span[2]) if span else None,
    )


def _is_cited(text: str, position: int) -> bool:
    """Say whether a number stands in brackets behind another document's title."""
    return text[max(0, position - 2) : position].endswith(("》(", ">("))


def _title(head: str) -> str | None:
    found = re.search(
        r"《([^《》]{0,50}(?:〈[^《》]{2,50}〉[^《》]{0,30})?(?:要点|方案|分解表|计划))》(?:已经|印发)", head
    )
    if found:
        return found[1].replace("〈", "《").replace("〉", "》")
    match = _TITLE.search(head)
    return match[0] if match else None


def _issued(head: str, tail: str, year: int | None) -> dt.date | None:
    for text in (*(_ALONE.findall(part) for part in (head, tail)), [head], [tail]):
        for match in (found for piece in text for found in _DATE.finditer(piece)):
            found = [int(group) for group in match.groups() if group]
            try:
                date = dt.date(found[0], found[1], found[2])
            except ValueError:
                continue
            if year is None or date.year in {year, year + 1}:
                return date
    return None


def _most_named(text: str) -> int | None:
    years = [int(match[1]) for match in _YEAR.finditer(text[:20_000])]
    return max(set(years), key=years.count) if years else None
