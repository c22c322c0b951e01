"""One document model for every publication, its canonical JSON, and what a drafted version is; rendering is ``steps``.

Every digit of a document comes from one of four places, and the model keeps them apart: a ``NumberRun`` (a measure), a
``BlankRun`` (a person's answer), a ``TextRun`` of origin ``date``, ``given`` or ``name``, or an ordinal that the
renderer counts (headings, tables, notes, pages). Words of a template hold none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

Origin = Literal["words", "date", "given", "name"]
Align = Literal["left", "center", "right"]
ChartShape = Literal["line", "bar", "share"]


class DateWords(str):
    """Text that names a date, time or period; a template may print its digits."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A table cell that prints the measure of this id."""

    measure: str


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column as printed: its header and how its cells are aligned."""

    header: str
    align: Align = "right"


@dataclass(frozen=True, slots=True)
class TablePlan:
    """What a publication kind hands over for one table.

    Attributes:
        caption: without its number; unit: printed at the right above the table.
        rows: one cell a column, text or ``Figure``.
    """

    caption: str
    unit: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[str | Figure, ...], ...]


@dataclass(frozen=True, slots=True)
class ChartPlan:
    """What a publication kind hands over for one chart: how to draw it, and the table that it draws.

    Attributes:
        shape: line (over time), bar (side by side) or share (parts of a whole, stacked; none may be negative).
        data: a row each point in time or item, named in its first cell; a column each series, a ``Figure`` a cell.
    """

    shape: ChartShape
    data: TablePlan


@dataclass(frozen=True, slots=True)
class TextRun:
    """Plain text.

    Attributes:
        origin: words (the template's own, no digits), date, given (from the source or the event) or name
            (a proper name with digits in it).
    """

    text: str
    origin: Origin = "words"
    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class NumberRun:
    """A measure as printed, unit included where the sentence shows one; ``value`` is exact and signed."""

    measure: str
    printed: str
    value: str
    type: Literal["number"] = "number"


@dataclass(frozen=True, slots=True)
class BlankRun:
    """A place that only a person can fill: 【待填写：label】 until ``answer`` is given.

    Attributes:
        suggestion: words to start from; offered: the numbers in them, in order.
    """

    name: str
    label: str
    required: bool
    suggestion: str = ""
    answer: str | None = None
    offered: tuple[NumberRun, ...] = ()
    type: Literal["blank"] = "blank"


Run = Annotated[TextRun | NumberRun | BlankRun, Field(discriminator="type")]
Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (一、), 2 (（一）) or 3 (1.); the number is counted when rendered."""

    id: str
    level: Literal[1, 2, 3]
    runs: Runs
    type: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the body, or the 附注 in brackets below the signature."""

    id: str
    runs: Runs
    style: Literal["body", "postscript"] = "body"
    type: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Table:
    """A table; every row has one cell a column, every cell is runs; ``number`` is None where it is the only one.

    Attributes:
        room: points that a row with an empty cell is high at least: it is filled in by hand.
    """

    id: str
    name: str
    number: int | None
    caption: str
    unit: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Runs, ...], ...]
    room: int = 0
    type: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart; ``data`` is what it draws, its caption and number, and its alternative for whoever cannot see it."""

    id: str
    shape: ChartShape
    data: Table
    type: Literal["chart"] = "chart"


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on scope or method, printed small after 注：."""

    id: str
    runs: Runs
    type: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class Signature:
    """The issuing department and the date; an undated draft leaves room for it."""

    id: str
    department: str
    date: str | None = None
    type: Literal["signature"] = "signature"


Block = Annotated[Heading | Paragraph | Table | Chart | Note | Signature, Field(discriminator="type")]


@dataclass(frozen=True, slots=True)
class DocumentModel:
    """One version of a publication, whatever it is rendered to.

    Attributes:
        kind: publication slug; kind_title: its Chinese name; key, period: the occurrence's.
        region: whose figures or event it is; publisher: issuing department, printed as 来源 too.
        created_at: ISO 8601 instant; dated: ISO day it was signed, None while it is a draft.
        watermark: words printed across it, in the final version too (演示数据).
        final: clean of marks, notes and open blanks.
        based_on: SHA-256 of the draft whose blanks were filled.
        warnings: to the author; never rendered into the document itself.
    """

    kind: str
    kind_title: str
    key: str
    period: str
    version: int
    title: str
    subtitle: str | None
    region: str
    publisher: str
    created_at: str
    dated: str | None
    watermark: str | None
    final: bool
    based_on: str | None
    warnings: tuple[str, ...]
    blocks: tuple[Block, ...]

    def blanks(self) -> tuple[BlankRun, ...]:
        """Return every blank in reading order, answered or not; a name printed twice is returned once."""
        found = {run.name: run for runs in self.each_runs() for run in runs if isinstance(run, BlankRun)}
        return tuple(found.values())

    def open_blanks(self) -> tuple[str, ...]:
        """Return the names of required blanks that nobody has answered."""
        return tuple(blank.name for blank in self.blanks() if blank.required and blank.answer is None)

    def each_runs(self) -> Iterator[Runs]:
        """Yield the runs of every block and table cell in reading order."""
        for block in self.blocks:
            yield from runs_of(block)

    def as_json(self) -> bytes:
        """Return the canonical JSON, equal for equal documents."""
        return canonical(_MODEL.dump_python(self, mode="json"))

    @classmethod
    def from_json(cls, data: bytes) -> DocumentModel:
        """Read ``as_json`` back; raises pydantic.ValidationError if it is not one."""
        return _MODEL.validate_json(data)


def runs_of(block: Block) -> Iterator[Runs]:
    """Yield the runs of ``block``, cell by cell for a table or what a chart draws."""
    if isinstance(block, Table | Chart):
        for row in (block.data if isinstance(block, Chart) else block).rows:
            yield from row
    elif not isinstance(block, Signature):
        yield block.runs


def canonical(value: Any) -> bytes:
    """Return the one JSON form of ``value``: UTF-8, sorted keys, no white space."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


_MODEL = TypeAdapter(DocumentModel)


@dataclass(frozen=True, slots=True)
class DraftVersion:
    """A version as it lies in its folder.

    Attributes:
        version: number, from 1; sha256: of ``manifest.json``, which names every file with its SHA-256.
        folder: where the files lie.
        files: SHA-256 by name of what may be published: DOCX, PDF, page, figures, tables.
        kept: SHA-256 by name of what stays inside: the model and the cover note (送审说明).
        blanks: every blank of the document, with label, suggestion and answer.
        warnings: to the author; text: the draft as plain text, for a review's body.
    """

    version: int
    sha256: str
    folder: Path
    title: str
    final: bool
    files: Mapping[str, str]
    kept: Mapping[str, str]
    blanks: tuple[BlankRun, ...]
    warnings: tuple[str, ...]
    text: str

    @property
    def shown(self) -> tuple[str, ...]:
        """Names of the files that reviewers may open: all but the model."""
        return tuple(sorted({*self.files, *self.kept} - {"model.json"}))

    @property
    def open_blanks(self) -> tuple[str, ...]:
        """Names of required blanks that nobody has answered; a version with one cannot be published."""
        return tuple(blank.name for blank in self.blanks if blank.required and blank.answer is None)
