"""A numbered follow-up to the first bulletin on an incident (续报): what is new since the last one, only verified facts.

Written from the event with the fields of this follow-up. ``followup``: its number, from 1; ``last_at`` and ``as_of``: when
the last bulletin came out and up to when the facts are verified, as ISO 8601 instants; ``news``, ``casualties``,
``measures``, ``aftercare``: what is verified now; ``last_casualties``, ``last_measures``: what the last bulletin said;
``incident_at``: when the incident happened, where the event's own time is that of the last bulletin, which the limit
counts from. How such an event arises is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from obligations.publications.events import LABELS, event_warnings, event_words, say_hour, sentence
from obligations.publications.wording import say_counting
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import Event
from obligations.words.publication import Analysis, Blank, PublicationKind
from obligations.words.times import parse_instant

BLANKS = (
    Blank("place", "发生地点（写到乡镇、路名）"),
    Blank("since", "上次通报的时间和本次续报的截止时间"),
    Blank("news", "上次通报以来已核实的新情况"),
    Blank("casualties", "截至本次续报时已核实的伤亡、失联情况；尚未核实的写“人员伤亡情况正在核查”"),
    Blank("measures", "上次通报以来采取的处置措施"),
    Blank("aftercare", "善后和救助安排，没有的留空", required=False),
)
_TOLD = {**LABELS, "news": "新情况", "aftercare": "善后和救助安排"}
_MOST = 99
_UNVERIFIED = re.compile(r"据传|网传|据说|据称|听说|疑似|可能|大概|大约|估计|初步判断|不排除")
_DEAD = re.compile(r"(\d+)人(?:死亡|遇难|罹难)|(?:死亡|遇难|罹难)(\d+)人")


def describe(event: Event) -> Analysis:
    """Return the words of the follow-up, and warnings to the author.

    Raises UnusableInput for a number or an instant that cannot be read.
    """
    incident_at = _instant(event, "incident_at")
    event = event if incident_at is None else replace(event, happened_at=incident_at)
    number, last_at, as_of = _number(event), _instant(event, "last_at"), _instant(event, "as_of")
    words: dict[str, Any] = {
        **event_words(event),
        "number": say_counting(number),
        "last_at": say_hour(last_at) if last_at else None,
        "until": say_hour(as_of) if as_of else None,
        "news": sentence(event.fields.get("news")),
        "aftercare": sentence(event.fields.get("aftercare")),
        "same_casualties": _is_same(event, "casualties"),
        "same_measures": _is_same(event, "measures"),
    }
    return Analysis({}, {}, words, (*event_warnings(event, _TOLD), *_warnings(event, last_at, as_of)))


def _number(event: Event) -> int:
    text = (event.fields.get("followup") or "").strip()
    if not text:
        return 1
    if text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST:
        return int(text)
    raise UnusableInput(f"续报次数“{text}”无法识别，应为1至{_MOST}的整数，例如 2")


def _instant(event: Event, name: str) -> datetime | None:
    text = (event.fields.get(name) or "").strip()
    if not text:
        return None
    try:
        return parse_instant(text)
    except ValueError:
        label = {"last_at": "上次通报时间", "incident_at": "事件发生时间"}.get(name, "续报截止时间")
        raise UnusableInput(f"{label}“{text}”无法识别，应写作 2026-09-12T18:00") from None


def _is_same(event: Event, name: str) -> bool:
    """Say whether a field says what the last bulletin said: then there is nothing new to tell of it."""
    now, before = (sentence(event.fields.get(field)) for field in (name, f"last_{name}"))
    return now is not None and now == before


def _warnings(event: Event, last_at: datetime | None, as_of: datetime | None) -> Iterator[str]:
    for name, label in _TOLD.items():
        if match := _UNVERIFIED.search(event.fields.get(name) or ""):
            yield f"{label}中“{match[0]}”似未经核实，续报只写已核实的情况，请核实或删改。"
    if last_at and as_of and as_of <= last_at:
        yield "续报截止时间不晚于上次通报时间，请核对。"
    if as_of and as_of < event.happened_at:
        yield "续报截止时间早于事件发生时间，请核对。"
    now, before = (_dead(event.fields.get(name)) for name in ("casualties", "last_casualties"))
    if now is not None and before is not None and now < before:
        yield f"死亡人数{now}人少于上次通报的{before}人，请核实，确属核减的应在正文中说明原因。"


def _dead(text: str | None) -> int | None:
    match = _DEAD.search(text or "")
    return int(match[1] or match[2]) if match else None


KIND = PublicationKind("incident-followup", "突发事件情况续报", None, BLANKS, None, describe)
