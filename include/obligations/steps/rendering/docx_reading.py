"""Reads an edited Word file back into a document model: the inverse of ``docx``, for a file that was drafted here.

Bookmarks say which block, number and blank is which, styles say what everything else is. A part that cannot be read back
is an error that names it. Whether what it says is right is ``rules.drafts_check``.
"""

from __future__ import annotations

import re
from dataclasses import replace

from obligations.rules.delivery import Delivery, shown
from obligations.rules.drafts_check.margins import margin_troubles
from obligations.rules.edited_word.pieces import EditedWord, Grid, Line
from obligations.steps.rendering.cleaning import clean
from obligations.steps.rendering.docx_drafted import DraftedBlocks
from obligations.steps.rendering.docx_runs import Drafted, matched
from obligations.steps.rendering.docx_tables import table_from
from obligations.steps.rendering.text import NO_DATE
from obligations.words.draft import (
    Block,
    Chart,
    DocumentModel,
    Heading,
    Note,
    Paragraph,
    Runs,
    Signature,
    Table,
    TextRun,
)

_HEADINGS = {"heading 1": 1, "heading 2": 2, "heading 3": 3, "标题 1": 1, "标题 2": 2, "标题 3": 3}
_TITLES, _SUBTITLES = {"title", "标题"}, {"subtitle", "副标题"}
_CAPTIONS, _UNITS, _PICTURE_CAPTIONS = {"caption", "题注"}, {"表格单位"}, {"图题"}
_NOTES, _BODY = {"表注"}, {"body text", "正文文本"}
_SIGNATURES = {"signature", "签名"}
_POSTSCRIPT = "（此件"
_EDITED = re.compile(r"edited-(\d+)")


def read_back(word: EditedWord, base: DocumentModel, delivery: Delivery) -> DocumentModel:
    """Return the document that an edited file now is; who registers it sets its version and what it is based on.

    Args:
        word: the file as read.
        base: the model it was drafted as.
        delivery: names the file in errors.

    Raises BadInput naming every part that cannot be read back: nothing is dropped.
    """
    troubles = (*word.troubles, *margin_troubles(word, base.watermark))
    problems = [(f"{each.where}有{each.what}", each.fix) for each in troubles]
    reading = _Reading(base)
    reading.read(word)
    problems += reading.problems
    if problems:
        said = [delivery.problem(f"{fact}，不能读回", fix) for fact, fix in problems]
        raise delivery.refuse_all(list(dict.fromkeys(said)))
    return replace(base, title=reading.title, subtitle=reading.subtitle or None, blocks=tuple(reading.blocks))


class _Reading:
    """Turns the pieces of one file into blocks, in order."""

    def __init__(self, base: DocumentModel) -> None:
        self.blocks: list[Block] = []
        self.problems: list[tuple[str, str]] = []
        self.title = self.subtitle = ""
        self._drafted = DraftedBlocks(base)
        self._base = base
        # An edited version may be edited again: what is new in it gets ids that no block has yet.
        ids = (_EDITED.fullmatch(block.id) for block in base.blocks)
        self._new = max((int(found[1]) for found in ids if found), default=0)
        self._above: tuple[Line | None, Table | None, str] | None = None
        self._chart: tuple[Line, Chart] | None = None
        self._signed: list[str] = []

    def read(self, word: EditedWord) -> None:
        for piece in word.pieces:
            if isinstance(piece, Grid):
                self._table(piece)
            elif piece.text.strip() or piece.pictures or piece.block():
                self._line(piece)
        self._flush()
        if not self.title:
            self.problems.append(("没有题目", "写上题目，并用“标题”样式"))

    def _line(self, line: Line) -> None:
        if line.pictures:
            self._picture(line)
            return
        block = self._drafted.block(line.block())
        if line.style in _PICTURE_CAPTIONS or (isinstance(block, Chart) and line.style not in _HEADINGS):
            self._picture_caption(line, block)
            return
        if line.style in _UNITS:
            caption = self._above[:2] if self._above and not self._above[2] else None
            if not caption:
                self._flush()
            self._above = (*(caption or (None, None)), line.text)
            return
        self._flush(signature=line.style in _SIGNATURES)
        if not self.blocks and not block and self._head(line):
            return
        if line.style in _CAPTIONS or isinstance(block, Table):
            self._above = (line, block if isinstance(block, Table) else None, "")
        elif line.style in _SIGNATURES or (not block and self._drafted.is_signature(line.text, bool(self._signed))):
            self._signed.append(line.text)
        elif line.text.strip():
            self._text(line, block)

    def _head(self, line: Line) -> bool:
        """Take a line of the title or subtitle; a title on several lines is one."""
        if line.style in _TITLES or (not self.title and line.text == self._base.title):
            self.title += clean(line.text)
        elif line.style in _SUBTITLES or (not self.subtitle and line.text == self._base.subtitle):
            self.subtitle += clean(line.text)
        else:
            return False
        return True

    def _text(self, line: Line, block: Block | None) -> None:
        level = _HEADINGS.get(line.style) or line.outline
        if level is not None and level > 3:
            self.problems.append((f"{line.place}有第 {level} 级标题，标题最多三级", "改为正文或较高一级的标题"))
            return
        block_id = block.id if block else self._new_id()
        drafted = self._drafted.runs(block) if block else Drafted()
        if level or (isinstance(block, Heading) and line.style not in _BODY | _NOTES):
            rank = level or (block.level if isinstance(block, Heading) else 1)
            start = self._drafted.ordinal(line, block, f"heading{rank}")
            runs = matched(line, start, drafted)
            self.blocks.append(Heading(block_id, 1 if rank == 1 else 2 if rank == 2 else 3, runs))
        elif line.style in _NOTES or (isinstance(block, Note) and line.style not in _BODY):
            self.blocks.append(Note(block_id, matched(line, self._drafted.ordinal(line, block, "note"), drafted)))
        elif isinstance(block, Paragraph):
            self.blocks.append(replace(block, runs=matched(line, 0, drafted)))
        else:
            runs = matched(line, 0, drafted)
            self.blocks.append(Paragraph(block_id, runs, "postscript" if line.text.startswith(_POSTSCRIPT) else "body"))

    def _table(self, grid: Grid) -> None:
        above = self._above
        self._above = None
        self._flush()
        line, block, unit = above or (None, None, "")
        marked = self._drafted.block(grid.headers[0].block())
        block = block or (marked if isinstance(marked, Table) else None) or self._drafted.table_of(grid)
        self.blocks.append(table_from(grid, line, block, unit, self._drafted, block.id if block else self._new_id()))

    def _picture(self, line: Line) -> None:
        self._flush()
        for alternative in line.pictures:
            chart = self._drafted.chart(alternative)
            if chart is None:
                what = f"图片（{shown(alternative) or '没有替代文字'}）"
                self.problems.append((f"{line.place}有{what}", "删去；图由数据生成，其他图片不能放进稿件"))
            else:
                self._flush()
                self._chart = (line, chart)
        if line.text.strip():
            self.problems.append((f"{line.place}有与图片同在一段的文字", "把文字另起一段"))

    def _picture_caption(self, line: Line, block: Block | None) -> None:
        self._flush(chart=False)
        if self._chart is None:
            name = shown(line.text) or "图"
            self.problems.append((f"{line.place}有题注“{name}”而没有图", "恢复这张图，或把题注一并删去"))
            return
        _, chart = self._chart
        self._chart = None
        if isinstance(block, Chart) and block.id != chart.id:
            self.problems.append((f"{line.place}有别的图的题注", "把题注放回它自己的图下"))
            return
        number, caption = self._drafted.chart_caption(line, chart)
        self.blocks.append(replace(chart, data=replace(chart.data, number=number, caption=caption)))

    def _flush(self, *, signature: bool = False, chart: bool = True) -> None:
        """End what the next line does not go on with: a caption without its table, a chart without caption, a signature."""
        if self._above:
            line, _, unit = self._above
            self._above = None
            for text in (line.text if line else "", unit):
                if text.strip():
                    self.blocks.append(Paragraph(self._new_id(), _typed(text)))
        if self._chart and chart:
            self.problems.append((f"{self._chart[0].place}有图而没有题注", "恢复图下的题注"))
            self._chart = None
        if self._signed and not signature:
            self._sign()

    def _sign(self) -> None:
        department, *rest = self._signed
        self._signed = []
        if len(rest) > 1:
            self.problems.append((f"落款有 {len(rest) + 1} 行", "只留发布机构和日期两行"))
            return
        date = rest[0] if rest and rest[0].strip() != NO_DATE.strip() else ""
        self.blocks.append(Signature(self._drafted.signature_id(), clean(department), clean(date) or None))

    def _new_id(self) -> str:
        self._new += 1
        return f"edited-{self._new}"


def _typed(text: str) -> Runs:
    return (TextRun(clean(text), "given"),)
