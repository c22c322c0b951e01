"""Takes personal identifiers out of whatever a draft is made from, and tells where they stood. What is one is ``personal``.

Kinds that publish decisions about persons read names and numbers themselves, because they judge them: they are left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from obligations.publications.personal import hide_identifiers
from obligations.words.material import GivenHeading, GivenParagraph, GivenPart, Holdings, Manuscript
from obligations.words.occurrence import Event

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.publication import Material

MOST_TOLD = 20
_ADVICE = "含有身份证号或手机号码，属个人信息，稿中已隐去；确须公布的办公电话，请在修改稿中补写。"
_READ_BY_THEIR_KIND = {"permits-and-penalties", "enforcement-decisions"}


@dataclass(slots=True)
class _Found:
    """Where something was hidden, in reading order."""

    places: list[str] = field(default_factory=list)

    def hide(self, text: str, place: str) -> str:
        hidden = hide_identifiers(text)
        if hidden != text:
            self.places.append(place)
        return hidden

    @property
    def warnings(self) -> tuple[str, ...]:
        told = tuple(f"{place}{_ADVICE}" for place in self.places[:MOST_TOLD])
        left = len(self.places) - MOST_TOLD
        return (*told, f"另有 {left} 处{_ADVICE}") if left > 0 else told


def without_identifiers(kind: str, material: Material) -> tuple[Material, tuple[str, ...]]:
    """Return ``material`` without identifiers, and a Chinese sentence for each place that held one.

    Args:
        kind: name of the publication kind.
        material: rows indexed by source row, an event, a manuscript, or what is held.
    """
    found = _Found()
    if kind in _READ_BY_THEIR_KIND:
        return material, ()
    if isinstance(material, Event):
        return event_without_identifiers(material)
    if isinstance(material, Manuscript):
        return _manuscript(material, found.hide), found.warnings
    if isinstance(material, Holdings):
        files = tuple(replace(file, name=found.hide(file.name, "文件夹中一个文件的名称")) for file in material.files)
        return replace(material, files=files), found.warnings
    return _rows(material, found.hide), found.warnings


def event_without_identifiers(event: Event) -> tuple[Event, tuple[str, ...]]:
    """Return the same of an event, which may have started the clock of what is drafted from other material."""
    found = _Found()
    fields = {name: found.hide(text, f"事件报告的字段 {name} ") for name, text in event.fields.items()}
    return replace(event, title=found.hide(event.title, "事件名称"), fields=fields), found.warnings


def _rows(frame: pd.DataFrame, hide: Callable[[str, str], str]) -> pd.DataFrame:
    columns = {}
    for name in frame.columns:
        cells = frame[name]
        shown = [
            hide(cell, f"第 {row} 行“{name}”列") if isinstance(cell, str) else cell
            for row, cell in zip(frame.index, cells, strict=True)
        ]
        if any(new is not old for new, old in zip(shown, cells, strict=True)):
            columns[name] = shown
    return frame.assign(**columns) if columns else frame


def _manuscript(manuscript: Manuscript, hide: Callable[[str, str], str]) -> Manuscript:
    title = None if manuscript.title is None else hide(manuscript.title, "标题")
    reason = None if manuscript.nil_reason is None else hide(manuscript.nil_reason, "零报告的说明")
    parts = tuple(_part(part, number, hide) for number, part in enumerate(manuscript.parts, start=1))
    return replace(manuscript, title=title, nil_reason=reason, parts=parts)


def _part(part: GivenPart, number: int, hide: Callable[[str, str], str]) -> GivenPart:
    place = f"第 {number} 部分"
    if isinstance(part, GivenHeading | GivenParagraph):
        return replace(part, text=hide(part.text, f"{place}“{hide_identifiers(part.text)[:10]}……”"))
    rows = tuple(
        tuple(hide(cell, f"{place}表格第 {row} 行") for cell in cells) for row, cells in enumerate(part.rows, start=1)
    )
    headers = tuple(hide(header, f"{place}表头") for header in part.headers)
    return replace(part, caption=hide(part.caption, f"{place}题注"), headers=headers, rows=rows)
