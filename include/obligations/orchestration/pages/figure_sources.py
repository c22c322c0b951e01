"""Where every figure of a draft comes from, in words; and the draft's own page with each figure answering it. Pure.

The answer is there on hover and on focus, by style alone: the frame that shows the page runs no script.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

MOST_CELLS = 8
"""Source cells that one answer names; a sum of hundreds of rows says how many more there are."""
_DATA = re.compile(r'<data value="([^"]*)" data-measure="([^"]*)">')
_DOWNLOADS = re.compile(r'<nav aria-label="附件下载">.*?</nav>', re.DOTALL)
_STYLE = """<style>
data[data-source] { border-bottom: 1px dotted currentColor; cursor: help; }
data[data-source]:focus { outline: 3px solid #0b5cad; outline-offset: 2px; }
data[data-source]:is(:hover, :focus)::after {
  content: attr(data-source); position: fixed; inset: auto 0 0; z-index: 2; max-height: 45vh; overflow: hidden; padding: .6rem 1rem;
  background: #1f2328; color: #ffffff; font: .875rem/1.6 sans-serif; text-align: left; text-indent: 0; white-space: pre-line;
}
</style>
"""


@dataclass(frozen=True, slots=True)
class FigureSource:
    """One measure of a draft.

    Attributes:
        measure: its id; label: Chinese name.
        printed: as it stands in the text, each way once.
        formula: how it was computed, in words.
        cells: ``文件 第3行“累计数”：151735``, all of them; addresses: where the rows are public.
        is_offered: it is offered inside a blank, and printed only if the author takes it.
    """

    measure: str
    label: str
    printed: tuple[str, ...]
    formula: str
    cells: tuple[str, ...]
    addresses: tuple[str, ...]
    is_offered: bool = False

    @property
    def said(self) -> str:
        """The whole answer, one thing a line."""
        more = len(self.cells) - MOST_CELLS
        cells = [*self.cells[:MOST_CELLS], *([f"……另有{more}处"] if more > 0 else [])]
        return "\n".join([f"{self.label}：{self.formula}", *(f"来源：{cell}" for cell in cells)])


def sources_of(figures: Mapping[str, Any]) -> tuple[FigureSource, ...]:
    """Read ``figures.json``: the printed measures in reading order, then what is offered."""
    printed = [
        _source(entry, [place["printed"] for place in entry["printed"]], is_offered=False)
        for entry in figures["measures"]
    ]
    offered = [_source(entry, entry["printed"], is_offered=True) for entry in figures.get("offered", [])]
    return (*printed, *offered)


def with_sources(page: str, sources: tuple[FigureSource, ...]) -> str:
    """Return a draft's page with every figure that it prints reachable by keyboard and telling its source.

    The links to files of the draft are left out: the page that frames it has them.
    """
    known = {source.measure: (count, source) for count, source in enumerate(sources) if not source.is_offered}

    def told(match: re.Match[str]) -> str:
        value, measure = match.groups()
        found = known.get(measure)
        if found is None:
            return match[0]
        count, source = found
        return (
            f'<data value="{value}" data-measure="{measure}" tabindex="0" aria-describedby="figure-source-{count}" '
            f'data-source="{_attribute(source.said)}">'
        )

    page = _DATA.sub(told, _DOWNLOADS.sub("", page))
    answers = "".join(f'<p id="figure-source-{count}">{escape(source.said)}</p>\n' for count, source in known.values())
    page = page.replace("</head>", f"{_STYLE}</head>", 1)
    head, end, tail = page.rpartition("</body>")
    return f"{head}<div hidden>\n{answers}</div>\n{end}{tail}"


def _attribute(text: str) -> str:
    return escape(text).replace("\n", "&#10;")


def _source(entry: Mapping[str, Any], printed: list[str], *, is_offered: bool) -> FigureSource:
    cells = (f"{cell['file']} 第{cell['row']}行“{cell['column']}”：{cell['value']}" for cell in entry["inputs"])
    return FigureSource(
        measure=entry["id"],
        label=entry["label"],
        printed=tuple(dict.fromkeys(printed)),
        formula=entry["formula"],
        cells=tuple(cells),
        addresses=tuple(entry["addresses"]),
        is_offered=is_offered,
    )
