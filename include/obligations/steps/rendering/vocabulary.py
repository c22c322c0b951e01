"""The functions a draft template may call, and nothing else it may: numbers, changes, blanks, names.

What they print becomes a run behind a token, so that neither a value nor an answer can ever be read as markup, and
every number in the document knows its measure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from jinja2 import Undefined
from markupsafe import Markup

from obligations.publications.wording import (
    contradiction,
    places_of,
    rounded,
    say_counting,
    say_number,
    say_unit,
)
from obligations.steps.rendering.cleaning import clean
from obligations.words.draft import BlankRun, DateWords, NumberRun, Origin, Run, TextRun
from obligations.words.errors import TemplateFault
from obligations.words.publication import Blank, Measure

TOKEN = re.compile("\ue000(\\d+)\ue001")
"""Stands for a run while a template is rendered; private-use characters are stripped from every value."""
PARAGRAPH_BREAK = "\ue002"
DIGIT = re.compile(r"[0-9０-９]")
_VALUE_PLACES = 12
_SORTS = {"表": "表格", "图": "图"}


class Given(str):
    """Text that came from the source, the event or the catalogue; it may hold digits, and is never markup."""

    __slots__ = ()


class Vocabulary:
    """What one rendering of one template may say, and the runs it has said.

    Args:
        measures, blanks: what its kind declares.
        tables, charts: names of those it may place; a single one is not numbered.
    """

    def __init__(
        self, measures: Mapping[str, Measure], blanks: Iterable[Blank], tables: Iterable[str], charts: Iterable[str]
    ) -> None:
        self._measures = measures
        self._blanks = {blank.name: blank for blank in blanks}
        self._placed = {"表": tuple(tables), "图": tuple(charts)}
        self._numbered: dict[str, list[str]] = {"表": [], "图": []}
        self.runs: list[Run] = []

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the functions by the name templates use."""
        return {
            "n": self.number,
            "change": self.change,
            "blank": self.blank,
            "name": self.name,
            "names": self.names,
            "counting": self.counting,
            "table_number": self.table_number,
            "chart_number": self.chart_number,
        }

    def number(self, measure: str | None, bare: bool = False) -> Markup:
        """``n(id)``: the number with its unit; ``bare=true`` leaves the unit out."""
        found = self.measure(measure)
        return self.token(self._number(found, found.value, bare=bare))

    def change(
        self,
        measure: str | None,
        rising: str = "增长",
        falling: str = "下降",
        flat: str = "持平",
        *,
        than: str = "",
        target: str = "",
        multiples: bool = False,
    ) -> Markup:
        """``change(id, '增收', '减收')``: the word that fits the sign, then the amount without it.

        ``than`` gives 比1—5月回落7.3个百分点, ``target`` 超过序时进度9.5个百分点; what prints as zero is 持平, or 基本持平
        if it is not exactly zero. ``multiples=true`` writes a rise of 100 % and more as 倍; nothing falls by 倍.
        """
        if fault := contradiction(rising, falling):
            self.fail(fault)
        found = self.measure(measure)
        value = found.value or Decimal(0)
        if not rounded(value, found.places):
            word = flat if not value else flat.replace("持平", "基本持平")
            return self._said("与" if than or target else "") + self.text(than or target) + self._said(word)
        size = abs(value)
        word = rising if value > 0 else falling
        run = self._times(found, value) if multiples and value >= 100 else self._number(found, size, signed=value)
        before = self._said("比") + self.text(than) if than else Markup("")
        return before + self._said(word) + self.text(target) + self.token(run)

    def blank(self, name: str, suggestion: str = "") -> Markup:
        """``blank('reason')``: 【待填写：…】, with words to start from if any; each number in them is a measure's."""
        if name not in self._blanks:
            self.fail(f"没有名为“{name}”的待填写栏，应为：{'、'.join(self._blanks) or '（本类没有）'}")
        blank = self._blanks[name]
        if not isinstance(suggestion, Given | DateWords):
            self.require_no_digits(TOKEN.sub("", suggestion))
        offered = tuple(run for run in self._tokens(suggestion) if isinstance(run, NumberRun))
        words = clean(self.plain(suggestion))
        return self.token(BlankRun(blank.name, blank.label, blank.required, words, offered=offered))

    def name(self, text: str) -> Markup:
        """``name('国办发〔2016〕80号')``: a proper name that has digits."""
        return self.token(TextRun(clean(text), "name"))

    def names(self, texts: Iterable[str], separator: str = "、") -> Markup:
        """``names(list)``: texts of the data, joined."""
        return self._said(separator).join([self.text(text) for text in texts])

    def counting(self, number: int) -> Markup:
        """``counting(loop.index)``: 一、二、三 for ordinals."""
        return self.token(TextRun(say_counting(number)))

    def table_number(self, table: str) -> Markup:
        """``table_number('prices')``: 表1, or 下表 where there is only one."""
        return self._mentioned("表", table)

    def chart_number(self, chart: str) -> Markup:
        """``chart_number('trend')``: 图1, or 下图 where there is only one."""
        return self._mentioned("图", chart)

    def number_of(self, sort: str, name: str) -> int | None:
        """Return the number of the 表 or 图 in order of first mention; None where it is the only one."""
        known, numbered = self._placed[sort], self._numbered[sort]
        if name not in known:
            self.fail(f"没有名为“{name}”的{_SORTS[sort]}，应为：{'、'.join(known) or '（本类没有）'}")
        if len(known) == 1:
            return None
        if name not in numbered:
            numbered.append(name)
        return numbered.index(name) + 1

    def measure(self, measure: str | None) -> Measure:
        """Return a measure by id; raises TemplateFault where the data have no such number."""
        found = self._measures.get(measure or "")
        if found is None or found.value is None:
            self.fail(f"本期数据没有指标“{measure}”，请先用 if 判断有无再写")
        return found

    def cell(self, measure: str) -> NumberRun:
        """Return a measure as a table cell prints it: signed, without its unit."""
        found = self.measure(measure)
        return self._number(found, found.value, bare=True)

    def text(self, value: object) -> Markup:
        """Turn any value of an expression into a token; numbers and missing names are faults."""
        if isinstance(value, Undefined):
            str(value)  # raises UndefinedError, which names what is missing
        if isinstance(value, Markup):
            return value.strip()  # the line breaks around a macro's body are not paragraphs
        if isinstance(value, bool | int | float | Decimal):
            self.fail(f"不能直接印出数字“{value}”，应使用 n('指标')")
        if value is None:
            self.fail("不能印出空值，请先用 if 判断有无再写")
        if not isinstance(value, str):
            self.fail(f"不能印出{type(value).__name__}，只能印出文字")
        origin: Origin = "date" if isinstance(value, DateWords) else "given" if isinstance(value, Given) else "words"
        return self._said(value) if origin == "words" else self.token(TextRun(clean(value), origin))

    def token(self, run: Run) -> Markup:
        """Register a run and return what stands for it."""
        self.runs.append(run)
        return Markup(f"\ue000{len(self.runs) - 1}\ue001")  # noqa: S704 - an index between two private-use characters

    def _tokens(self, text: str) -> list[Run]:
        return [self.runs[int(match[1])] for match in TOKEN.finditer(text)]

    def plain(self, text: str) -> str:
        """Return text with its tokens written out."""

        def written(match: re.Match[str]) -> str:
            run = self.runs[int(match[1])]
            return run.text if isinstance(run, TextRun) else run.printed if isinstance(run, NumberRun) else ""

        return TOKEN.sub(written, text)

    def require_no_digits(self, text: str) -> None:
        """Raise TemplateFault if a template's own words hold a number."""
        if match := DIGIT.search(text):
            around = text[max(0, match.start() - 12) : match.end() + 12]
            self.fail(f"直接写了数字“{around}”，应使用 n('指标')；带数字的专有名称使用 name('…')")

    def fail(self, message: str) -> NoReturn:
        """Raise TemplateFault; whoever runs the template adds its name and the line."""
        raise TemplateFault(message)

    def _mentioned(self, sort: str, name: str) -> Markup:
        number = self.number_of(sort, name)
        return self.token(TextRun(f"{sort}{number}", "name") if number else TextRun(f"下{sort}"))

    def _said(self, words: str) -> Markup:
        self.require_no_digits(words)
        return self.token(TextRun(clean(words))) if words else Markup("")

    def _number(
        self, found: Measure, value: Decimal | None, *, bare: bool = False, signed: Decimal | None = None
    ) -> NumberRun:
        printed = say_number(value or Decimal(0), found.places) + ("" if bare else say_unit(found.unit))
        return NumberRun(found.id, printed, _exact(value if signed is None else signed))

    def _times(self, found: Measure, percent: Decimal) -> NumberRun:
        times = percent / 100
        places = min(2, places_of(rounded(times, 2)))
        return NumberRun(found.id, f"{say_number(abs(times), places)}倍", _exact(times))


def _exact(value: Decimal | None) -> str:
    return f"{rounded(value or Decimal(0), _VALUE_PLACES).normalize():f}"
