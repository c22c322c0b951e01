"""Reads one clause into findings: each time expression, the verb it governs and the words to quote; or why it was left out.

Of several expressions for one verb the strongest gives the clock (``marks.Rank``). Who must act, titles and files are
``candidates``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from obligations.rules.plans.actions import act_of, why_vague
from obligations.rules.plans.event_words import limits, relations
from obligations.rules.plans.marks import Mark, Rank
from obligations.rules.plans.quota_words import no_quotas, quotas
from obligations.rules.plans.sentences import Span, segments
from obligations.rules.plans.standing_words import standing
from obligations.rules.plans.time_words import cadences, dates
from obligations.words.clocks import EventClock, QuotaClock, RecurringClock
from obligations.words.occurrence import INCIDENT

NO_ACT = "时间词后没有公开、报送、更新等具体动作"
HEADING = "只是标题，具体要求见其下各句"
COVERED = "同一句中另有更具体的时限"
CROWDED = "一句中的时间词过多，其后未读，请人工判断"
MOST_MARKS = 24
"""Time expressions that are read of one sentence: no sentence that a person wrote has as many."""
UNREAD = "像是时间词，但规则未能识别，请人工判断"
LISTED = "是所列举内容的一部分，不是时限"
_LONGEST_QUOTE = 220
_SHORT, _NEEDS_CONTEXT = 4, 26
_GOES_ON = re.compile(r"并(?!且)|清理结果|以及|结果(?:向|应)")
_TAIL = re.compile(r"引导|方便|确保|切实|增强|提升|促进|让|不断|以|接受|防止|营造|为")
_MEETING = re.compile(r"(?:召开|举行|举办)")
_TIME_LIKE = re.compile(
    r"(?:[1-9一二三两]|\d{2})年内|不定期|限期|按期(?=公|报|完)|按时(?=公|报|完|发)|尽快(?=公|报|完|发|出台)|每(?:个)?(?:[两双三四]|\d{1,2})?(?:个)?[日天旬周月季年半][^,;。]{0,6}"
    r"|[隔双][周月](?=[^,;。]{0,4}[公发更报通])|逢(?:\d{1,2}|[一五十])|(?:元旦|春节|清明|五一|劳动节|端午|中秋|国庆)(?:节|假期)?(?:之前|以前|前)"
    r"|每(?:个)?工作日|半个?月内|(?:同日|当[天日]|次日|翌日|即日)(?=[^,;。]{0,4}[公发报更答反转])|(?:最后一个|末)月\d{1,2}日|上半年[、和及]下半年|(?:不(?:得)?少于|不低于|至少)\d{1,3}[日天]"
    r"|\d{1,3}(?:个)?(?:工作日|小时|日内|天内)|\d{1,2}月\d{1,2}日(?=[前报公完])|\d{1,2}月(?:底|末)"
)
_HEARD = re.compile(r"[^,;。]{0,40}听取[^,;。]{0,6}意见")
_INHERITED = re.compile(r"[^,;。]{2,40}?(?:应|要|须)(?:当)?(?:对外|向社会)(?:公布|公开|公示)")
_IN_LIST = re.compile(r"、[^,;。]{0,40}等[^,;。、]{0,20}(?:公开|信息)")


@dataclass(frozen=True, slots=True)
class Finding:
    """One duty of a sentence: where its quote stands in the sentence, its mark, and its verb, if one was needed."""

    start: int
    end: int
    mark: Mark
    act: Span | None


@dataclass(frozen=True, slots=True)
class Left:
    """A time expression that makes no duty, and why."""

    start: int
    end: int
    words: str
    reason: str


def read_sentence(text: str, year: int | None, *, is_heading: bool = False) -> tuple[list[Finding], list[Left]]:
    """Read one sentence of plain text; ``year`` is that of the plan, for dates without one."""
    pieces = segments(text)
    left = [Left(start, end, text[start:end], reason) for start, end, reason in no_quotas(text)]
    marks = sorted(_marks(text, year), key=lambda mark: (mark.start, mark.rank))
    if len(marks) > MOST_MARKS:
        left.append(Left(marks[MOST_MARKS].start, len(text), marks[MOST_MARKS].words, CROWDED))
        del marks[MOST_MARKS:]
    read: list[tuple[Mark, Span | None]] = []
    for mark in marks:
        segment = next((piece for piece in pieces if piece.end > mark.start), Span(0, len(text)))
        if any(_absorbs(other, mark) for other in marks if other is not mark):
            continue
        act = None if mark.reach is not None else act_of(text, mark, pieces)
        reason = _why_not(text, mark, act, segment, is_heading=is_heading)
        if reason is None:
            read.append((mark, act))
        else:
            left.append(Left(segment.start, segment.end, mark.words, reason))
    taken = [(mark, act) for mark, act in read if not _is_covered(text, mark, [other for other, _ in read])]
    left += [Left(mark.start, mark.end, mark.words, COVERED) for mark, act in read if (mark, act) not in taken]
    left += [Left(start, end, text[start:end], UNREAD) for start, end in _unread(text, marks)]
    kept = _strongest(taken)
    findings = [_finding(text, pieces, mark, act, [other for other, _ in kept]) for mark, act in kept]
    findings += _inherited(text, kept)
    return findings, left


def _unread(text: str, marks: list[Mark]) -> Iterator[tuple[int, int]]:
    """Yield what looks like a time and became no mark, so that a reader sees what the rules do not know."""
    for match in _TIME_LIKE.finditer(text):
        if not any(mark.start <= match.start() < mark.end for mark in marks):
            yield match.start(), match.end()


def _marks(text: str, year: int | None) -> Iterator[Mark]:
    yield from quotas(text)
    yield from dates(text, year)
    yield from limits(text)
    yield from cadences(text)
    yield from relations(text)
    yield from standing(text)


def _absorbs(other: Mark, mark: Mark) -> bool:
    """Say whether ``mark`` is only a part of what ``other`` says: 每周 of 每周不少于3次, 年内 of 年内至少一次."""
    if other.rank is Rank.QUOTA and mark.rank is not Rank.QUOTA:
        return other.start <= mark.start < other.end
    if other.rank is Rank.EVENT_LIMIT and mark.rank > Rank.EVENT_LIMIT:
        return mark.start < other.end <= mark.end + 14 and mark.start >= other.start - 40 and mark.end <= other.end
    if other.rank in {Rank.YEARLY_DATE, Rank.DEADLINE} and mark.rank > other.rank:
        return other.start <= mark.start < other.end
    return False


def _why_not(text: str, mark: Mark, act: Span | None, segment: Span, *, is_heading: bool) -> str | None:
    if mark.rank >= Rank.EVENT and act is None and not mark.words.startswith(("从2", "同步", "先审")):
        return NO_ACT
    if (
        mark.rank is Rank.CADENCE
        and act is None
        and isinstance(mark.clock, RecurringClock)
        and mark.words.startswith(("每", "按", "逐"))
    ):
        return NO_ACT
    if is_heading and mark.words == "持续":
        return HEADING
    if mark.words == "持续" and not re.search("公开|发布|解读|公布|公报", text[mark.end : segment.end]):
        return NO_ACT
    if (
        mark.rank is Rank.CONTINUOUS
        and _IN_LIST.match(text, mark.end + 2, segment.end)
        and "、" in text[segment.start : mark.start]
    ):
        return LISTED
    return why_vague(text, mark, act, segment) if act is not None else None


def _is_covered(text: str, mark: Mark, marks: list[Mark]) -> bool:
    """Say whether the general words of a sentence (例行, 持续推进) only lead up to a more exact time in it."""
    later = [other for other in marks if other.start >= mark.end and other.words != mark.words]
    if mark.words == "例行":
        return any(_MEETING.match(text, other.end) for other in later)
    if isinstance(mark.clock, EventClock) and mark.rank is Rank.EVENT and mark.words.endswith("时"):
        together = [other for other in later if other.words in {"一并", "同步", "一同"}]
        return any(text.count(",", mark.end, other.start) <= 1 for other in together)
    if mark.words.endswith("预公开"):
        return any(other.words.endswith("决策前") for other in later)
    if mark.rank is Rank.CADENCE and mark.words in {"年度", "年报"}:
        return any(other.rank in {Rank.YEARLY_DATE, Rank.DEADLINE} for other in marks)
    return mark.words == "持续" and bool(later)


def _strongest(taken: list[tuple[Mark, Span | None]]) -> list[tuple[Mark, Span | None]]:
    """Keep for each verb the marks of the strongest rank."""
    best: dict[int, Rank] = {}
    for mark, act in taken:
        place = act.start if act is not None else -1 - mark.start
        best[place] = min(best.get(place, mark.rank), mark.rank)
    kept = []
    for mark, act in taken:
        place = act.start if act is not None else -1 - mark.start
        if mark.rank == best[place]:
            kept.append((mark, act))
    return kept


def _finding(text: str, pieces: list[Span], mark: Mark, act: Span | None, kept: list[Mark]) -> Finding:
    """Cut the shortest run of segments that carries the rule and the thing."""
    first = next((number for number, piece in enumerate(pieces) if piece.end > mark.start), 0)
    reach = max(mark.end, act.end if act else 0, mark.reach or 0)
    last = max(first, next((number for number, piece in enumerate(pieces) if piece.end >= reach), len(pieces) - 1))
    if mark.reach is None:
        last = _with_thing(text, pieces, last, reach, kept)
    first = _with_context(text, pieces, first, last, mark)
    end = pieces[last].end if pieces else len(text)
    start = pieces[first].start if pieces else 0
    return Finding(start, min(end, start + _LONGEST_QUOTE * 2), mark, act)


def _with_thing(text: str, pieces: list[Span], last: int, reach: int, kept: list[Mark]) -> int:
    """Take what follows as long as nothing but a short rest stands behind the verb, or it goes on with 并."""
    while last + 1 < len(pieces):
        following = pieces[last + 1]
        barred = any(following.start <= other.start < following.end for other in kept)
        short = pieces[last].end - reach < _SHORT and not _TAIL.match(text, following.start)
        if barred or not (short or _GOES_ON.match(text, following.start)):
            break
        last += 1
        if short:
            break
    return last


def _with_context(text: str, pieces: list[Span], first: int, last: int, mark: Mark) -> int:
    """Take the segment before, where the time word opens its own and what is meant stands there."""
    if mark.rank is Rank.EVENT_LIMIT and isinstance(mark.clock, EventClock) and mark.clock.event == INCIDENT:
        found = [number for number in range(first + 1) if "事" in text[pieces[number].start : pieces[number].end]]
        return found[0] if found else first
    opens = mark.start - pieces[first].start <= 6 if pieces else False
    if first and opens and pieces[last].end - pieces[first].start < _NEEDS_CONTEXT and _leans_back(mark):
        return first - 1
    return first


def _leans_back(mark: Mark) -> bool:
    """Say whether what an expression is about may stand before it; a date or a cadence comes first itself."""
    return mark.rank not in {Rank.DEADLINE, Rank.CADENCE} or mark.words in {"年度", "年报"}


def _inherited(text: str, kept: list[tuple[Mark, Span | None]]) -> Iterator[Finding]:
    """Yield what later parts of a sentence order by the time of the first: 每年…,有关情况应对外公布; 决策前公布…,听取意见."""
    for mark, act in kept:
        if (
            isinstance(mark.clock, EventClock)
            and mark.clock.relation == "before"
            and "决策" in mark.words
            and act is not None
        ):
            heard = _HEARD.search(text, act.end)
            if heard:
                begun = text.rfind(",", 0, mark.start) + 1
                yield Finding(begun, heard.end(), mark, Span(heard.start(), heard.end()))
        if isinstance(mark.clock, QuotaClock) and mark.clock.per == "year":
            found = _INHERITED.search(text, mark.reach or mark.end)
            if found:
                clock = RecurringClock(kind="recurring", rule="FREQ=YEARLY")
                why = "随同句的每年一次要求公布"
                begun = text.rfind(",", 0, found.start() + 1) + 1
                yield Finding(
                    begun, found.end(), Mark(mark.start, mark.end, clock, Rank.CADENCE, mark.words, why=why), None
                )
            return
