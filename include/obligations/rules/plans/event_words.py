"""Limits counted from an event, and relations to one: 印发后5个工作日内, 决策前, 结束后及时, 同步, 制定…时要, 先审后发.

The anchor is free text, except for incidents, whose event type the system reports. Patterns are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obligations.rules.plans.marks import Mark, Rank
from obligations.rules.plans.numerals import NUMERAL, value_of
from obligations.rules.plans.time_words import AFTER_PERIOD
from obligations.words.clocks import EventClock
from obligations.words.limits import Limit, Unit
from obligations.words.occurrence import INCIDENT

_UNITS: dict[str, Unit] = {
    "小时": "hour",
    "工作日": "working_day",
    "日": "day",
    "天": "day",
    "自然日": "day",
    "周": "day",
    "月": "month",
}
_DAYS_A_WEEK = 7
_LIMIT = re.compile(
    rf"(?<![第月每\d一二三四五六七八九十百两])(?P<amount>{NUMERAL})个?(?P<unit>小时|工作日|自然日|日|天|周|月)(?:之内|以内|内|(?=答复|办结|反馈|公开|公示|公布|公告|发布|告知|通知|回应|转载|完成|响应))"
)
_ANCHOR = re.compile(r"(?P<anchor>[^,;。、]{2,40}?)(?:之日起|之日后|之后|以后|后|结束|起)(?:的|最迟|一般应?在)?$")
_AHEAD = re.compile(r"(?P<anchor>[^,;。、]{0,40}?)(?:应当?|须|要)*(?:提前|之前|以前|(?<![目此当日])前)(?:的)?$")
_LEAD = re.compile(r"^(?:并|同时|应当?|要|须|一般应?|自|在|于|从|对|并自|一般|且)+")
_ORDERED = re.compile(
    r"(?P<who>.*)(?:(?:应当?|须|必须|要|可)(?:自|在|于)|(?<![关对由属位基用等大小低高少多不至处终鉴])于)(?P<what>.+)"
)
_SHORTEST = 2
_WHOLE_EVENT = 4
"""Characters from which what stands after 应当自 names an event by itself: 收到申请; 印发 needs its subject."""
_LEVELS = re.compile(r"(?:特别)?(?:重大|较大|一般)")
_OCCURRENCE = re.compile(r"突发[一-龥]{0,8}?事件|安全事故|重大事故|灾害事件")
_RELATED = (
    "决策|公布|发布|开展|报批|印发|实施|召开|出台|作出|开设|审议|审签|上会|执法|执行|印制|签发|启动|信息|政策|文件"
)
_BEFORE = re.compile(
    rf"(?P<anchor>[^,;。、]{{0,24}}?(?:{_RELATED}))(?:之前|以前|前)(?=,|应|要|须|必须|先|由|向|将|公开|公布|检测|做好|进行|审|报|的?检|听取|征求)"
)
_AFTER = re.compile(
    r"(?P<anchor>[^,;。]{2,30}?)(?<!先审)(?<!事)(?:之后|以后|后)(?=,?(?:[^,;。]{0,8},)?(?:要|应|须)?(?:按照?规定)?(?:及时|第一时间|立即|尽快|注重|要注重))"
)
_UPON = re.compile(r"(?:^|,)(?P<all>遇(?:有|到)?(?P<anchor>[^,;。]{3,40}?)(?:时)?)(?=,)")
_PROMPT = re.compile(r"及时|立即|第一时间|要|应|须|必须")
_DURING = re.compile(
    r"(?:^|,|;|在|:)(?P<all>(?:在)?(?P<anchor>(?:[^,;。、]{0,12}?)(?:制定|起草|拟制|办理|出具|出台|印发|上报|报批|公布|召开|举办|审议|组织)[^,;。]{0,34}?)时)"
    r"(?=,(?:必须|应当?|要|须|(?:应)?对|[^,;。]{0,24}?(?:应与|要与))|必须|应当?将|应将|要将|,[^,;。]{2,30}?同步)"
)
_FREE = re.compile(
    r"(?:^|,|;)(?P<all>(?P<anchor>(?:出具|作出|送达)[^,;。]{2,20}?))(?=(?:主动|应当?|要|须)(?:告知|说明|公示|标注))"
)
_THROUGHOUT = re.compile(r"(?P<all>(?P<anchor>执法|办理|施工|服务|监管)全(?:程|过程))(?=公示|公开|公布|记录|亮明|出示)")
_TOGETHER = re.compile(
    r"同步(?!缩|增长|发展)|一并(?=附|报|报批|审|公开|发布|提交|送|报送)|一同(?=报|公开|发布|提交)|(?<=并)同时(?=在|向|于)"
)
_WITH_WHAT = re.compile(r"(?:随|与|和)(?P<anchor>[^,;。、]{2,24}?)(?:同步|一并|一同)$")
_BEFOREHAND = re.compile(r"(?P<anchor>[^,;。、]{0,8}(?:决策))预公开(?!等|制度(?:机制)?[。;])")
_STAGED = re.compile(
    r"(?P<prior>事前(?=公示|公开|公告|告知|征求))|(?P<post>事后(?=公告|公示|公开(?!,行政)))|(?P<mid>事中(?=公示|公开))|(?P<first>先审后发|先审查后公开)"
)
_REPORTED_FIRST = re.compile(
    r"(?:报备|备案|批准|审核|审查|审批|审签)(?:同意)?后(?=开设|发布|公开|印发|实施|上线|方可|再)"
)
_BY_LAW = re.compile(
    r"(?:按|按照|依照|在)(?:法律)?(?:法定|规定的?)(?:时限|期限)(?:内)?(?:进行|予以|作出|及时)?(?=答复|办理|回复)"
)
_BY_CHANGE = re.compile(
    r"(?:根据|随)(?P<anchor>[^,;。]{0,12}?(?:调整|变化|变动|修订))(?:情况)?(?:及时|做好|进行|同步)*(?=更新|公布|公开|发布)"
)


def limits(text: str) -> Iterator[Mark]:
    """Yield limits with a number, each with the event it counts from; without one in reach it is what the text treats."""
    periodic = [match.span() for match in AFTER_PERIOD.finditer(text)]
    named = ""
    for match in _LIMIT.finditer(text):
        amount = value_of(match["amount"])
        if amount is None or (match["unit"] == "月" and text[match.end("amount")] != "个"):
            continue
        if any(start <= match.start() < end for start, end in periodic):
            continue
        before = text[max(0, match.start() - 60) : match.start()].rstrip("在最迟于应须,")
        ahead = _AHEAD.search(before)
        levels: tuple[str, ...] = ()
        if ahead is not None:
            event, why = _event_of(ahead["anchor"]) or _treated(text, match), ""
        else:
            event, levels, why = _counted_from(text, match, before, named)
        named = event
        clock = EventClock(
            kind="event",
            event=event or "有关事项发生",
            levels=levels,
            rule=Limit(amount * _DAYS_A_WEEK if match["unit"] == "周" else amount, _UNITS[match["unit"]]),
            relation="after" if ahead is None else "before",
        )
        yield Mark(match.start(), match.end(), clock, Rank.EVENT_LIMIT, match[0], why=why)


def _counted_from(text: str, match: re.Match[str], before: str, named: str) -> tuple[str, tuple[str, ...], str]:
    """Return the event that a limit counts from, its levels, and why where the text does not say so at that place."""
    incident, anchored = _OCCURRENCE.search(text), _ANCHOR.search(before)
    elsewhere = anchored is not None and not re.search("事件|事故|发生|灾", anchored["anchor"])
    if incident is not None and incident.start() < match.start() and not elsewhere:
        return INCIDENT, tuple(_levels(text[: match.start()])), "突发事件发生起算"
    if anchored is not None:
        return _event_of(anchored["anchor"]), (), ""
    if named and not _names_its_own(before):
        return named, (), "与同句前一时限同时起算"
    return _treated(text, match), (), "原文未写明起算点，由上下文推定"


def _names_its_own(before: str) -> bool:
    """Say whether a later limit of a sentence has a thing of its own before it: 重大舆情5小时内, not 并在24小时内."""
    own = _LEAD.sub("", re.split(r"[,;。“、]", before)[-1])
    return len(own) >= _WHOLE_EVENT and not own.endswith("的") and not _LIMIT.search(own)


def _event_of(anchor: str) -> str:
    """Name the event without the words that order: 文件公开 of 解读材料应于文件公开, 规范性文件印发 of 规范性文件应当自印发."""
    ordered = _ORDERED.fullmatch(anchor)
    if ordered is None:
        return _LEAD.sub("", anchor)
    what = ordered["what"]
    return what if len(what) >= _WHOLE_EVENT else _LEAD.sub("", ordered["who"]) + what


def _levels(text: str) -> list[str]:
    found = [word for word in _LEVELS.findall(text) if word != "一般"]
    return list(dict.fromkeys(found))


def _treated(text: str, match: re.Match[str]) -> str:
    """Name the event of a limit without an anchor by the words around it."""
    *earlier, before = re.split(r"[,;。“]", text[: match.start()])
    about = earlier[-1].lstrip("针") if earlier else ""
    if len(before.strip("在于")) >= _SHORTEST:
        return f"收到{before.strip('在于')}"
    if about.startswith("对") and len(about) > _SHORTEST:
        return f"收到{about[1:].lstrip('于')}"
    return re.split(r"[,;。”、]", text[match.end() :])[0][:20]


def relations(text: str) -> Iterator[Mark]:
    """Yield what stands before, with or after an event without a number."""
    yield from _staged(text)
    for match in _BEFORE.finditer(text):
        anchor = _LEAD.sub("", match["anchor"])
        if len(anchor) >= 2:
            yield _mark(match.start(), match.end(), anchor, "before", f"{anchor}前")
    for match in _REPORTED_FIRST.finditer(text):
        yield _mark(match.start(), match.end(), text[match.end() : match.end() + 10].rstrip(",。;"), "before", match[0])
    for match in _AFTER.finditer(text):
        yield _mark(match.start(), match.end(), _LEAD.sub("", match["anchor"]), "after", f"{match['anchor']}后")
    yield from _occasions(text)
    for match in _BY_LAW.finditer(text):
        yield _mark(match.start(), match.end(), "收到政府信息公开申请", "after", match[0])
    for match in _BY_CHANGE.finditer(text):
        yield _mark(match.start(), match.end(), match["anchor"], "after", match[0])
    for match in _BEFOREHAND.finditer(text):
        yield _mark(match.start(), match.end(), match["anchor"], "before", match[0])
    yield from _together(text)


def _staged(text: str) -> Iterator[Mark]:
    """Yield 事前, 事中, 事后 and 先审后发."""
    for match in _STAGED.finditer(text):
        relation = "before" if match["prior"] or match["first"] else "after" if match["post"] else "with"
        anchor = "发布" if match["first"] else _topic(text, match.start())
        yield _mark(match.start(), match.end(), anchor, relation, match[0])


def _occasions(text: str) -> Iterator[Mark]:
    """Yield what is to be done on an occasion: 遇…, 制定…时, 出具…, 执法全程."""
    for match in _UPON.finditer(text):
        if not _PROMPT.search(text, match.end()):
            continue
        yield _mark(match.start("all"), match.end(), f"发生{match['anchor']}", "after", match["all"])
    for match in (*_DURING.finditer(text), *_FREE.finditer(text), *_THROUGHOUT.finditer(text)):
        yield _mark(match.start("all"), match.end(), _LEAD.sub("", match["anchor"]), "with", match["all"])


def _together(text: str) -> Iterator[Mark]:
    """Yield 同步, once for a run of them: 同步组织、同步审签、同步部署 is one duty."""
    last = -100
    for match in _TOGETHER.finditer(text):
        if match.start() - last <= 12 and "," not in text[last : match.start()].strip(","):
            last = match.end()
            continue
        last = match.end()
        anchored = _WITH_WHAT.search(text[max(0, match.start() - 40) : match.end()])
        event = _LEAD.sub("", anchored["anchor"]) if anchored else _topic(text, match.start())
        clock = EventClock(kind="event", event=event, rule=Limit(0, "hour"), relation="with")
        yield Mark(match.start(), match.end(), clock, Rank.EVENT, match[0])


def _topic(text: str, position: int) -> str:
    """Return the words before a place that name what it is about."""
    before = [piece for piece in re.split(r"[,;。:“”]", text[:position]) if len(piece) > 1]
    return before[-1][-24:] if before else "有关事项"


def _mark(start: int, end: int, anchor: str, relation: str, words: str) -> Mark:
    clock = EventClock.model_validate({"kind": "event", "event": anchor or "有关事项", "relation": relation})
    return Mark(start, end, clock, Rank.EVENT, words)
