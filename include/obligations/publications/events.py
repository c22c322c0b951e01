"""What a draft may take from an event's fields, and what its author must be warned of. Nothing is judged or added."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from obligations.publications.personal import IDENTITY, PHONE
from obligations.words.draft import DateWords
from obligations.words.occurrence import Event
from obligations.words.times import SHANGHAI, say_day

LABELS = {"summary": "简况", "casualties": "伤亡情况", "measures": "已采取措施"}
_CAUSE = re.compile(r"原因(?:是|为|系)|由于|系[^，。；]{1,20}所致|因[^，。；]{1,20}(?:引发|引起|导致|造成|所致)")
_NAMED = re.compile(
    r"(?:死者|伤者|伤员|司机|驾驶员|嫌疑人|遇难者|失联者)[：:]?[一-鿿]{2,4}?(?:[（(，,]\s*(?:男|女|\d)|、)"
)


def event_words(event: Event) -> dict[str, Any]:
    """Return the words of an event's fields for a template; None for a field that was left empty."""
    place = sentence(event.fields.get("place"))
    title = event.title.strip()
    casualties = sentence(event.fields.get("casualties"))
    dated = casualties is not None and (casualties.startswith("截至") or "正在核查" in casualties)
    named = title.removeprefix(place) if place else title
    return {
        "event_title": title,
        "event_place": place,
        # 某某路发生一起事故 carries its own verb; 某某事故 needs one.
        "what_happened": title if "发生" in title else f"发生{named or title}",
        "tells_place": "发生" in title,
        "happened": say_around(event.happened_at),
        "as_of": None if dated else say_hour(event.reported_at),
        "lead": sentence(event.fields.get("lead")),
        **{name: sentence(event.fields.get(name)) for name in LABELS},
    }


def event_warnings(event: Event, labels: Mapping[str, str] = LABELS) -> tuple[str, ...]:
    """Warn of what must not be published: conclusions on the cause, names of persons, personal identifiers.

    ``labels``: what the fields to look at are called, by name.
    """
    found = []
    for name, label in labels.items():
        value = event.fields.get(name) or ""
        if match := _CAUSE.search(value):
            found.append(f"{label}中“{match[0]}”似为原因结论，原因未查明前不发布，请删改。")
        if _NAMED.search(value):
            found.append(f"{label}中似有当事人姓名，不得公开，请删改。")
        if IDENTITY.search(value) or PHONE.search(value):
            found.append(f"{label}中似有身份证号或手机号码，属个人信息，不得公开，请删改。")
    if event.noticed_at and event.noticed_at < event.happened_at:
        found.append("知悉时间早于发生时间，请核对发生时间；公开时限从发生时起算。")
    return tuple(found)


def sentence(value: str | None) -> str | None:
    """Return a field without the full stop at its end, None where it is empty."""
    return (value or "").strip().rstrip("。；;，,. ") or None


def say_hour(instant: datetime) -> DateWords:
    """Write an instant of this year as bulletins do: ``9月12日14时``, ``9月12日14时05分``."""
    local = instant.astimezone(SHANGHAI)
    minutes = f"{local.minute:02}分" if local.minute else ""
    return DateWords(f"{say_day(local.date(), year=False)}{local.hour}时{minutes}")


def say_around(instant: datetime) -> DateWords:
    """Write when something happened: ``9月12日14时许``."""
    return DateWords(f"{say_hour(instant)}许")
