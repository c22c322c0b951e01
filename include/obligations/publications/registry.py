"""The publication kinds there are, by slug. Nothing heavy is imported until a kind's measures are computed."""

from __future__ import annotations

from importlib import import_module

from obligations.words.errors import UnusableInput
from obligations.words.publication import PublicationKind

NAMES = (
    "accountability",
    "annual-report",
    "annual-statement",
    "check-sheet",
    "drinking-water-quarterly",
    "economic-indicators",
    "enforcement-decisions",
    "environment-monthly",
    "epidemic-monthly",
    "fiscal-monthly",
    "grain-purchase-five-daily",
    "incident-bulletin",
    "incident-followup",
    "land-price-quarterly",
    "land-supply-quarterly",
    "permits-and-penalties",
    "press-conference",
    "social-assistance-quarterly",
    "soe-indicators",
    "submission",
    "website-check-quarterly",
    "wholesale-prices-weekly",
)


def kind(name: str) -> PublicationKind:
    """Return the publication kind of this slug; raises UnusableInput naming the kinds there are."""
    if name not in NAMES:
        raise UnusableInput(f"没有名为“{name}”的发布类型，应为：{'、'.join(NAMES)}")
    found = import_module(f"obligations.publications.{name.replace('-', '_')}").KIND
    if not isinstance(found, PublicationKind):
        raise TypeError(f"{name}: KIND is not a PublicationKind")
    return found
