"""What a document was drafted as, looked up the way an edited Word file names it: by bookmark, ordinal and picture."""

from __future__ import annotations

import re

from obligations.rules.edited_word.pieces import BLANK, NUMBER, Grid, Line
from obligations.steps.rendering.chart_data import caption_of, described
from obligations.steps.rendering.docx import bookmark_of
from obligations.steps.rendering.docx_runs import Drafted
from obligations.steps.rendering.numbering import numbered
from obligations.steps.rendering.text import NO_DATE
from obligations.words.draft import BlankRun, Block, Chart, DocumentModel, NumberRun, Signature, Table, runs_of

_ORDINALS = {
    "heading1": re.compile(r"[一二三四五六七八九十]+、"),
    "heading2": re.compile(r"[（(][一二三四五六七八九十]+[）)]"),
    "heading3": re.compile(r"\d+[.．]\s?"),
    "note": re.compile(r"注：(?:\d+[.．]\s?)?|\d+[.．]\s?"),
}
_NUMBERED = {"表": re.compile(r"表\s?(\d+)[　 ]+"), "图": re.compile(r"图\s?(\d+)[　 ]+")}


class DraftedBlocks:
    """The blocks of one drafted document."""

    def __init__(self, base: DocumentModel) -> None:
        self._base = base
        self._blocks = {bookmark_of(block.id): block for block in base.blocks if not isinstance(block, Signature)}
        self._ordinals = {block.id: ordinal for block, ordinal in numbered(base.blocks)}
        self._charts = {described(block): block for block in base.blocks if isinstance(block, Chart)}
        self._marks: dict[str, list[Drafted]] = {}
        self._owners: dict[str, str] = {}
        numbers, blanks = 0, set[str]()
        for block in base.blocks:
            for runs in runs_of(block):
                names: list[str | None] = []
                for run in runs:
                    name = None
                    if isinstance(run, NumberRun):
                        numbers += 1
                        name = f"{NUMBER}{numbers}"
                        self._owners[name] = block.id
                    elif isinstance(run, BlankRun) and run.name not in blanks:
                        blanks.add(run.name)
                        name = f"{BLANK}{run.name}"[:40]
                    names.append(name)
                self._marks.setdefault(block.id, []).append(Drafted(runs, tuple(names)))

    def block(self, mark: str | None) -> Block | None:
        """Return the block of a bookmark, None for none of ours."""
        return self._blocks.get(mark or "")

    def runs(self, block: Block) -> Drafted:
        """Return the runs of a block of text; nothing for any other."""
        found = self._marks.get(block.id, [])
        return found[0] if len(found) == 1 and not isinstance(block, Table | Chart) else Drafted()

    def rows(self, table: Table) -> list[tuple[Drafted, ...]]:
        """Return the cells of a table, row by row."""
        cells = iter(self._marks.get(table.id, []))
        return [tuple(next(cells) for _ in row) for row in table.rows]

    def ordinal(self, line: Line, block: Block | None, sort: str) -> int:
        """Return how long the ordinal is that stands before the words of a heading or note."""
        expected = self._ordinals.get(block.id, "") if block else ""
        if expected and line.text.startswith(expected):
            return len(expected)
        found = _ORDINALS[sort].match(line.text)
        if not found or (block and self.runs(block).text().startswith(found[0])):
            return 0  # nothing, or words of a heading that is alone and has no ordinal
        return found.end()

    def table_caption(self, text: str, table: Table | None) -> tuple[int | None, str]:
        """Return number and words of a table's caption as it stands."""
        return self._numbered("表", text, table.number if table else None, table.caption if table else None)

    def chart_caption(self, line: Line, chart: Chart) -> tuple[int | None, str]:
        """Return number and words of a chart's caption, its unit left out."""
        unit = f"（{chart.data.unit}）" if chart.data.unit else ""
        if line.text == caption_of(chart, self._ordinals[chart.id]):
            return chart.data.number, chart.data.caption
        return self._numbered("图", line.text.removesuffix(unit), chart.data.number, chart.data.caption)

    def table_of(self, grid: Grid) -> Table | None:
        """Return the table that a grid without its caption was drafted as, by the numbers marked in it."""
        owners = (self._owners.get(mark.name) for row in grid.rows for cell in row for mark in cell.marks)
        found = next((owner for owner in owners if owner), None)
        return next((block for block in self._base.blocks if isinstance(block, Table) and block.id == found), None)

    def chart(self, alternative: str) -> Chart | None:
        """Return the chart whose picture has this alternative text."""
        return self._charts.get(alternative)

    def signature_id(self) -> str:
        """Return the id of the signature."""
        return next((block.id for block in self._base.blocks if isinstance(block, Signature)), "signature")

    def is_signature(self, text: str, begun: bool) -> bool:
        """Say whether a line that has lost its style is the department's name, or the date below it."""
        drafted = next((block for block in self._base.blocks if isinstance(block, Signature)), None)
        if drafted is None:
            return False
        return text.strip() == ((drafted.date or NO_DATE).strip() if begun else drafted.department)

    def _numbered(self, sort: str, text: str, number: int | None, caption: str | None) -> tuple[int | None, str]:
        if caption is not None and text == (f"{sort}{number}　{caption}" if number else caption):
            return number, caption
        found = _NUMBERED[sort].match(text)
        return (int(found[1]), text[found.end() :]) if found else (None, text)
