"""Keeps the figures in documents those of ``results.json``: each stands before a comment that says which one it is.

``1.6 秒<!-- sweep › 100,000 on PostgreSQL › nothing to do s -->`` shows the number; whoever measures anew has it rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

DOCUMENTS = (Path(__file__).parents[1] / "docs" / "deployment.zh-CN.md",)
_FIGURE = re.compile(r"(?P<number>[\d.]+)(?P<unit>[^|<\d]*)<!-- (?P<path>[^<>]+ › [^<>]+ › [^<>]+) -->")


def figures(text: str) -> Iterator[tuple[str, str]]:
    """Yield every figure of a document: the number as it is written, and the path of the one it is."""
    for match in _FIGURE.finditer(text):
        yield match["number"], match["path"]


def figure_at(results: Mapping[str, Any], path: str) -> str:
    """Return the number at a path of ``results.json``, as documents write it; raises KeyError for one that is not there."""
    bench, measurement, figure = path.split(" › ")
    return str(results[bench]["measurements"][measurement][figure])


def rewrite(text: str, results: Mapping[str, Any]) -> str:
    """Return a document with the figures of ``results``; raises KeyError for a figure that is no longer measured."""

    def renewed(match: re.Match[str]) -> str:
        return f"{figure_at(results, match['path'])}{match['unit']}<!-- {match['path']} -->"

    return _FIGURE.sub(renewed, text)


def rewrite_documents(results: Mapping[str, Any]) -> None:
    """Write the figures of ``results`` into the documents."""
    for document in DOCUMENTS:
        document.write_text(rewrite(document.read_text("utf-8"), results), "utf-8")
