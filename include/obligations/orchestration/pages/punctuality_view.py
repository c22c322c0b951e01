"""Figures of punctuality as the page and its CSV write them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from obligations.orchestration.accountability.tallies import StageMedians, Tally
from obligations.orchestration.pages.item_view import say_rate
from obligations.steps.ledger.timing import STAGES
from obligations.words.accountability import APART

CSV_COLUMNS = (
    "月份", "责任单位", "到期", "按期（分子）", "应考核（分母）", "按期率", "逾期", "其中未完成", *APART, "另计", "补录",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """One row: a department of a month, or a month."""

    name: str
    tally: Tally
    rate: str


def figures_of(name: str, tally: Tally) -> Figures:
    """Return a row with its rate."""
    return Figures(name, tally, say_rate(tally["on_time"], tally["owed"]))


def csv_row(month: str, figures: Figures) -> dict[str, str]:
    """Return one row of the CSV."""
    tally = figures.tally
    names = ("late", "open", "upstream", "system", "ruled", "outcomes", "historical")
    cells = (
        month, figures.name, str(tally["due"]), str(tally["on_time"]), str(tally["owed"]), figures.rate,
        *(str(tally[name]) for name in names),
    )  # fmt: skip
    return dict(zip(CSV_COLUMNS, cells, strict=True))


def stages_of(medians: Mapping[str, StageMedians]) -> list[tuple[str, int, list[str]]]:
    """Return, for each department, how many were fulfilled and the median of each stage in words."""
    return [
        (name, found.number, [f"{found.hours[code]:.1f}" if code in found.hours else "—" for code in STAGES])
        for name, found in sorted(medians.items())
    ]
