"""What an edited Word file holds, piece by piece in reading order. No judgement and no reading."""

from __future__ import annotations

from dataclasses import dataclass

BLOCK, NUMBER, BLANK = "b_", "n_", "f_"
"""How the names of our bookmarks begin: a block's id, a number's count in figures.json, a blank's name."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A bookmark and the part of its line that it spans; a block's spans nothing."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Format:
    """How a part of a line looks; None where the file does not say, as with a font of the theme.

    Attributes:
        font: for Chinese characters; size: points.
        hidden: why a reader cannot see it (隐藏文字, 白色文字, 极小的文字); empty for what can be seen.
    """

    start: int
    end: int
    font: str | None
    size: float | None
    bold: bool
    highlighted: bool
    hidden: str


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, or the text of a cell.

    Attributes:
        place: where it stands, for people: ``第 3 段（“一、财政收支”）``.
        style: name of its style in lower case, empty for the default.
        outline: level of heading by its style or its own setting, None for text.
        text: the ordinal of an automatic list included.
        marks, formats: ordered by where they start.
        pictures: alternative text of each picture in it.
    """

    place: str
    style: str
    outline: int | None
    text: str
    marks: tuple[Mark, ...] = ()
    formats: tuple[Format, ...] = ()
    pictures: tuple[str, ...] = ()

    def block(self) -> str | None:
        """Return the name of the bookmark of the block that this line begins."""
        return next((mark.name for mark in self.marks if mark.name.startswith(BLOCK)), None)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its first row and the others, as many cells each."""

    place: str
    headers: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that cannot be read as text or should not be in the file.

    Attributes:
        code: ``tracked-change``, ``comment``, ``hidden-text``, ``unreadable``.
        where: the line's place; what: found; fix: what to do.
    """

    code: str
    where: str
    what: str
    fix: str


@dataclass(frozen=True, slots=True)
class PageSetting:
    """Size and margins of one section, in millimeters; None where the file does not say."""

    width: float | None
    height: float | None
    top: float | None
    bottom: float | None
    left: float | None
    right: float | None


@dataclass(frozen=True, slots=True)
class Margin:
    """What stands in a header (页眉) or footer (页脚).

    Attributes:
        drawn: 图片, 图表, 文本框 … where there is a drawing; words across the page are none.
    """

    name: str
    text: str
    drawn: str | None


@dataclass(frozen=True, slots=True)
class EditedWord:
    """An edited file as read.

    Attributes:
        file: its name.
        pieces: of the body, in order.
        margins: headers and footers.
        troubles: each once.
        pages: one setting a section.
        all_text: every text of the package, text boxes, notes, comments and properties included, a part a string.
    """

    file: str
    pieces: tuple[Line | Grid, ...]
    margins: tuple[Margin, ...]
    troubles: tuple[Trouble, ...]
    pages: tuple[PageSetting, ...]
    all_text: tuple[str, ...]

    def lines(self) -> tuple[Line, ...]:
        """Return every line of the body, cells included, in reading order."""
        return tuple(line for piece in self.pieces for line in lines_of(piece))


def lines_of(piece: Line | Grid) -> tuple[Line, ...]:
    """Return the lines of one piece: itself, or its cells row by row."""
    if isinstance(piece, Line):
        return (piece,)
    return (*piece.headers, *(cell for row in piece.rows for cell in row))
