"""A table's row as the one line of text that plans are read from, whatever kind of file it stood in."""

from __future__ import annotations


def row_line(cells: list[str]) -> str:
    """Write the cells of a row as one line, with ``|`` behind each."""
    return " | ".join(" ".join(cell.replace("|", "｜").split()) for cell in cells) + " |"
