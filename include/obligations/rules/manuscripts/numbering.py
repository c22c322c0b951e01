"""The ordinals that Word counts by itself in lists: they are not in the text and would be lost. Layout is not read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

BULLET = "• "
_PLACE = re.compile(r"%([1-9])")
_DIGITS = "零一二三四五六七八九"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_CHINESE = {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand"}


class UnknownNumbering(Exception):
    """The list counts in a way that is not read here; the caller names the paragraph."""


@dataclass(frozen=True)
class _Level:
    start: int
    form: str
    text: str


@dataclass
class Numbering:
    """Counts the lists of one document, paragraph by paragraph, as Word does.

    Attributes:
        root: the ``w:numbering`` element, None where the document has no list.
    """

    root: Any | None
    _counts: dict[str, list[int]] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)
    _named: dict[tuple[str, str | None], Any] = field(default_factory=dict)

    def marker(self, number_id: str, level: int) -> str:
        """Return what Word prints before the next paragraph of a list, ``（一）``, a bullet, or nothing.

        Raises UnknownNumbering for a form that is not read here.
        """
        if number_id == "0":
            return ""
        abstract, overrides = self._definition(number_id)
        levels = {position: self._level(abstract, position) for position in range(level + 1)}
        counts = self._counts.setdefault(abstract.get(qn("w:abstractNumId")), [0] * 9)
        for position, start in overrides.items():
            if (number_id, position) not in self._begun:
                self._begun.add((number_id, position))
                counts[position] = start - 1
                counts[position + 1 :] = [0] * (8 - position)
        if counts[level] == 0 and (number_id, level) not in self._begun:
            counts[level] = levels[level].start - 1
        counts[level] += 1
        counts[level + 1 :] = [0] * (8 - level)
        own = levels[level]
        if own.form == "bullet":
            return BULLET
        if own.form == "none" or not own.text:
            return ""

        def printed(match: re.Match[str]) -> str:
            position = int(match[1]) - 1
            if position > level:
                raise UnknownNumbering
            return _printed(levels[position].form, counts[position] or levels[position].start)

        text = _PLACE.sub(printed, own.text)
        return text if text.endswith(("、", "）", ")", "．")) else f"{text} "

    def _definition(self, number_id: str) -> tuple[Any, dict[int, int]]:
        number = self._find("w:num", number_id)
        reference = None if number is None else number.find(qn("w:abstractNumId"))
        wanted = None if reference is None else reference.get(qn("w:val"))
        abstract = None if wanted is None else self._find("w:abstractNum", wanted)
        if number is None or abstract is None or abstract.find(qn("w:numStyleLink")) is not None:
            raise UnknownNumbering
        overrides: dict[int, int] = {}
        for override in number.findall(qn("w:lvlOverride")):
            start = override.find(qn("w:startOverride"))
            if override.find(qn("w:lvl")) is not None:
                raise UnknownNumbering
            if start is not None:
                overrides[int(override.get(qn("w:ilvl"), "0"))] = int(start.get(qn("w:val"), "1"))
        return abstract, overrides

    def _find(self, tag: str, value: str) -> Any | None:
        if self.root is not None and not self._named:
            for element in reversed(self.root):  # of two with one name, Word takes the first
                for kind, attribute in (("w:num", "w:numId"), ("w:abstractNum", "w:abstractNumId")):
                    if element.tag == qn(kind):
                        self._named[kind, element.get(qn(attribute))] = element
        return self._named.get((tag, value))

    def _level(self, abstract: Any, position: int) -> _Level:
        for level in abstract.findall(qn("w:lvl")):
            if level.get(qn("w:ilvl")) == str(position):
                if level.find(qn("w:lvlRestart")) is not None:
                    raise UnknownNumbering
                return _Level(
                    int(_value(level, "w:start", "1")),
                    _value(level, "w:numFmt", "decimal"),
                    _value(level, "w:lvlText", ""),
                )
        raise UnknownNumbering


def _value(level: Any, tag: str, default: str) -> str:
    found = level.find(qn(tag))
    return default if found is None else str(found.get(qn("w:val"), default))


def _printed(form: str, number: int) -> str:
    if form == "decimal":
        return str(number)
    if form in _CHINESE and 1 <= number <= 99:
        tens, units = divmod(number, 10)
        head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
        return head + (_DIGITS[units] if units else "")
    if form in {"decimalEnclosedCircle", "decimalEnclosedCircleChinese"} and number <= len(_CIRCLED):
        return _CIRCLED[number - 1]
    if form in {"lowerLetter", "upperLetter"} and number <= 26:
        return chr(ord("a" if form == "lowerLetter" else "A") + number - 1)
    raise UnknownNumbering
