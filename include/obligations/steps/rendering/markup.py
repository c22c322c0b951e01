"""Reads the line markup of draft templates into blocks. Departments' own words must hold no digits; tokens carry them.

    # 题目   ——副标题   ## 一级   ### 二级   #### 三级   [[表:名称]]   [[图:名称]]   | 栏 | 栏 |   注：…   【落款】   （此件公开发布）

Lines up to an empty line are one paragraph; lines in bars are one table, its head first, an empty cell to be filled in by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby

from obligations.steps.rendering.chart_data import undrawable
from obligations.steps.rendering.cleaning import OPEN_MARK, clean
from obligations.steps.rendering.vocabulary import PARAGRAPH_BREAK, TOKEN, Vocabulary
from obligations.words.draft import (
    Block,
    Chart,
    ChartPlan,
    Figure,
    Heading,
    Note,
    Paragraph,
    Run,
    Runs,
    Signature,
    Table,
    TableColumn,
    TablePlan,
    TextRun,
)

_HEADING = re.compile(r"(#{1,4})\s*(.+)")
_PLACE = re.compile(r"\[\[(表|图)[:：](.+)\]\]")
_SUBTITLE, _NOTE, _SIGNATURE, _POSTSCRIPT = "——", "注：", "【落款】", "（此件"
_BAR = "|"
_MARKERS = ("#", "[[", _BAR, _NOTE, _SIGNATURE, _POSTSCRIPT)
_ROOM = 34
"""Points: two lines of handwriting."""


@dataclass
class Page:
    """What the lines of one rendering come to; blocks get ids that say where they stand: ``s1-2.p1``."""

    vocabulary: Vocabulary
    tables: Mapping[str, TablePlan]
    charts: Mapping[str, ChartPlan]
    publisher: str
    title: str = ""
    subtitle: str | None = None
    blocks: list[Block] = field(default_factory=list)
    _section: list[int] = field(default_factory=lambda: [0, 0, 0])
    _count: dict[str, int] = field(default_factory=dict)

    def read(self, text: str) -> None:
        """Read all lines; raises TemplateFault for a missing title, a written digit or an unknown table or chart."""
        for is_form, lines in groupby(_joined(text), lambda line: line.startswith(_BAR)):
            if is_form:
                self._form(list(lines))
                continue
            for line in lines:
                self._read_line(line)
        if not self.title:
            self.vocabulary.fail("没有题目，应有一行以“# ”开头")

    def _read_line(self, line: str) -> None:
        if match := _HEADING.fullmatch(line):
            self._heading(len(match[1]), match[2])
        elif line.startswith(_SUBTITLE) and not self.blocks:
            self.subtitle = self._plain(line)
        elif match := _PLACE.fullmatch(line):
            self._place(match[1], self.vocabulary.plain(match[2]).strip())
        elif line.startswith(_NOTE):
            self.blocks.append(Note(self._id("n"), self._runs(line.removeprefix(_NOTE))))
        elif line == _SIGNATURE:
            self.blocks.append(Signature("signature", self.publisher))
        else:
            runs = self._runs(line)
            self.blocks.append(Paragraph(self._id("p"), runs, "postscript" if line.startswith(_POSTSCRIPT) else "body"))

    def _heading(self, hashes: int, text: str) -> None:
        if hashes == 1:
            self.title = self._plain(text)
            return
        level = hashes - 1
        self._section[level - 1] += 1
        self._section[level:] = [0] * (3 - level)
        runs = self._runs(text)
        self.blocks.append(Heading(self._section_id(), 1 if level == 1 else 2 if level == 2 else 3, runs))

    def _form(self, lines: list[str]) -> None:
        """Read lines in bars: a table that the template itself writes."""
        head, *rows = [
            [cell.strip() for cell in line.removeprefix(_BAR).removesuffix(_BAR).split(_BAR)] for line in lines
        ]
        for row in rows:
            if len(row) != len(head):
                said = self.vocabulary.plain("｜".join(row))
                self.vocabulary.fail(f"表格这一行有{len(row)}栏，表头有{len(head)}栏：{said}")
        columns = tuple(TableColumn(self._plain(name), "left") for name in head)
        cells = tuple(tuple(self._runs(cell) for cell in row) for row in rows)
        name = f"form-{sum(isinstance(block, Table) for block in self.blocks) + 1}"
        self.blocks.append(Table(f"t-{name}", name, None, "", "", columns, cells, _ROOM))

    def _place(self, sort: str, name: str) -> None:
        number = self.vocabulary.number_of(sort, name)
        if sort == "表":
            self.blocks.append(self._table(f"t-{name}", name, number, self.tables[name]))
            return
        plan = self.charts[name]
        chart = Chart(f"c-{name}", plan.shape, self._table(f"c-{name}-data", name, number, plan.data))
        if fault := undrawable(chart):
            self.vocabulary.fail(f"图“{name}”{fault}")
        self.blocks.append(chart)

    def _table(self, block_id: str, name: str, number: int | None, plan: TablePlan) -> Table:
        rows = tuple(tuple(self._cell(cell) for cell in row) for row in plan.rows)
        return Table(block_id, name, number, clean(plan.caption), plan.unit, plan.columns, rows)

    def _cell(self, cell: str | Figure) -> Runs:
        if isinstance(cell, Figure):
            return (self.vocabulary.cell(cell.measure),)
        return (TextRun(clean(cell), "given"),)

    def _plain(self, text: str) -> str:
        if not all(isinstance(run, TextRun) for run in self._runs(text)):
            self.vocabulary.fail(f"题目“{self.vocabulary.plain(text)}”里只能有文字和日期")
        return self.vocabulary.plain(text)

    def _runs(self, text: str) -> Runs:
        """Split a line into runs, neighbours of one origin joined; raises TemplateFault for digits in its words."""
        runs: list[Run] = []
        position = 0
        for match in TOKEN.finditer(text):
            runs.append(self._words(text[position : match.start()]))
            runs.append(self.vocabulary.runs[int(match[1])])
            position = match.end()
        runs.append(self._words(text[position:]))
        joined: list[Run] = []
        for run in runs:
            last = joined[-1] if joined else None
            if isinstance(run, TextRun) and isinstance(last, TextRun) and run.origin == last.origin:
                joined[-1] = TextRun(last.text + run.text, run.origin)
            elif not isinstance(run, TextRun) or run.text:
                joined.append(run)
        return tuple(joined)

    def _words(self, text: str) -> TextRun:
        self.vocabulary.require_no_digits(text)
        if OPEN_MARK in text:
            self.vocabulary.fail(f"直接写了“{OPEN_MARK}”，应使用 blank('名称')")
        return TextRun(text)

    def _section_id(self) -> str:
        return "s" + "-".join(str(number) for number in self._section if number)

    def _id(self, kind: str) -> str:
        place = f"{self._section_id()}.{kind}"
        self._count[place] = self._count.get(place, 0) + 1
        return f"{place}{self._count[place]}"


def _joined(text: str) -> list[str]:
    """Return paragraphs and marker lines, each on one line."""
    lines: list[str] = []
    for paragraph in text.split(PARAGRAPH_BREAK):
        is_open = False
        for line in filter(None, map(str.strip, paragraph.splitlines())):
            marked = line.startswith(_MARKERS)
            if is_open and not marked:
                lines[-1] += line
            else:
                lines.append(line)
            is_open = not marked or line.startswith(_NOTE)
    return lines
