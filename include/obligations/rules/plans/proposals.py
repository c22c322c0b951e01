"""A finding and its bodies into a candidate: title, items, duty, how sure it is, and the sentences that say why."""

from __future__ import annotations

import re
from collections.abc import Iterator

from obligations.rules.plans.actions import duty_of
from obligations.rules.plans.clauses import Clause
from obligations.rules.plans.marks import Rank
from obligations.rules.plans.reading import Finding
from obligations.rules.plans.sentences import Span
from obligations.rules.plans.stream import Stream, plain
from obligations.words.clocks import QuotaClock, RecurringClock
from obligations.words.obligation import Duty
from obligations.words.plans import Bodies, Candidate, Confidence

_LONGEST_TITLE = 44
_POINT_WITHIN = 1500
_PRINTED = str.maketrans("(),;:", "（），；：")
_ITEMS = re.compile(
    r"(?:公开|公布|发布|公示|更新|披露|解读)(?P<things>[^,;。]{4,160}?)(?:等)?(?:情况|信息|内容|数据|政策|事项|措施)?$"
)
_ANNUAL = re.compile(r"(?:政府信息公开|信息公开|政务公开)(?:工作)?年度(?:工作)?报告|年报")
_GOVERNMENTS = re.compile(r"政府|府办|政府办|各县区$|各市$|各县|各区|管委|镇街|乡镇|街道|功能区")


def propose(clause: Clause, stream: Stream, piece: Span, finding: Finding, bodies: Bodies) -> Iterator[Candidate]:
    """Yield the candidate of a finding; an annual report is one for governments and one for departments.

    The law gives the two different days (条例 art. 49 and 50), so one entry for both could never be right.
    """
    start, end = piece.start + finding.start, piece.start + finding.end
    quote = stream.quote(start, end).rstrip("。；;，,、")
    shape = plain("".join(quote.split()))
    quota = isinstance(finding.mark.clock, QuotaClock)
    duty = _duty(shape, finding, quota=quota)
    for names in _by_law(finding, shape, bodies):
        yield Candidate(
            slug="",
            clause=clause.label + _point(stream, piece.start, clause.start),
            line=stream.line(start),
            quote=quote,
            title=_title(shape, finding),
            duty=duty,
            clock=finding.mark.clock,
            departments=names,
            limit=finding.mark.limit,
            leads=tuple(name for name in names if name in bodies.leads),
            items=_items(quote, duty),
            words=finding.mark.words,
            reasons=tuple(_reasons(finding, bodies)),
            confidence=_confidence(finding, names),
            document=clause.document,
            publication="check-sheet" if finding.mark.clock.kind in {"quota", "standing"} else "submission",
        )


def _duty(shape: str, finding: Finding, *, quota: bool) -> Duty:
    """Return the duty of the words from the time on, up to the next number, where a quote holds several; else of all."""
    at = max(0, finding.mark.start - finding.start)
    own = re.split(r"[,;、](?=\d)", shape[at:])[0] if re.search(r"[,;、]\d", shape[at:]) else shape
    if quota:
        own = shape[at : finding.mark.end - finding.start]
    told = (
        own if len(own) < len(shape) and re.search("报送|上报|公开|公布|发布|公示|更新|解读|答复|回应", own) else shape
    )
    return duty_of(told, quota=quota)


def _by_law(finding: Finding, shape: str, bodies: Bodies) -> Iterator[tuple[str, ...]]:
    names = bodies.names
    clock = finding.mark.clock
    yearly = isinstance(clock, RecurringClock) and clock.rule == "FREQ=YEARLY"
    if yearly and _ANNUAL.search(shape) and "高校" not in shape:
        governments = tuple(name for name in names if _GOVERNMENTS.search(plain(name)) and "部门" not in name)
        departments = tuple(name for name in names if name not in governments)
        if governments and departments:
            yield departments
            yield governments
            return
    yield names


def _point(stream: Stream, position: int, begun: int) -> str:
    """Return 四是 where the clause is parted by such words before ``position``."""
    found = list(
        re.finditer(
            r"(?:^|[。;):])([一二三四五六七八九]是)", stream.plain[max(begun, position - _POINT_WITHIN) : position + 2]
        )
    )
    return found[-1][1] if found else ""


def _title(shape: str, finding: Finding) -> str:
    """Shorten the words that order to a title: its thing, then its time."""
    text = shape
    if finding.mark.words == "年度" and (own := _named_year(finding, shape)):
        return own
    begun = finding.mark.start - finding.start
    if 0 <= begun < len(shape):
        text = shape[max(shape.rfind(mark, 0, begun) for mark in ",;:") + 1 :]
    first = re.split(r"[,;。]", text)[0]
    words = finding.mark.words
    first = first.split("|")[0] or first
    title = first if len(first) >= 6 and first != words else "，".join(re.split(r"[,;。]", text)[:2])
    if title.startswith(words) and (
        verb := re.match(r"(?:[^,;。不起]{0,8}?)(公开|公布|发布|公示|更新|报送|上报)", title[len(words) :])
    ):
        thing = title[len(words) + verb.end() :]
        if len(thing) >= 4:
            title = f"{thing}{words}{verb[1]}"
    title = title.translate(_PRINTED)
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"


def _named_year(finding: Finding, shape: str) -> str:
    """Name the annual report, plan or list itself: a sentence may order several of them."""
    at = finding.mark.start - finding.start
    before = re.search(r"[^,;。、和:]{0,20}$", shape[: max(at, 0)])
    after = re.match(r"年度[^,;。、和]{0,24}", shape[max(at, 0) :])
    return f"{before[0] if before else ''}{after[0]}"[:_LONGEST_TITLE] if after else ""


def _items(quote: str, duty: Duty) -> tuple[str, ...]:
    """List the things under one time word, where the clause counts three or more."""
    if duty not in {Duty.PUBLISH, Duty.INTERPRET}:
        return ()
    found = _ITEMS.search(plain("".join(quote.split())))
    if found is None:
        return ()
    things = [thing for thing in re.split(r"、|以及|及其", found["things"]) if thing]
    return tuple(things) if len(things) >= 3 and all(2 <= len(thing) <= 24 for thing in things) else ()


def _reasons(finding: Finding, bodies: Bodies) -> Iterator[str]:
    yield f"时限依据“{finding.mark.words}”"
    if finding.mark.why:
        yield finding.mark.why
    if bodies.told_by:
        yield f"责任单位依据“{bodies.told_by[:40]}”"
    else:
        yield "原文未写明责任单位"


def _confidence(finding: Finding, names: tuple[str, ...]) -> Confidence:
    if not names or "推定" in finding.mark.why or "暂拟" in finding.mark.why:
        return "低"
    return "高" if finding.mark.rank <= Rank.CADENCE and not finding.mark.why else "中"
