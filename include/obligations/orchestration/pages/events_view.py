"""What the form of an incident offers, and what a report would start, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from obligations.rules.periods import opening_event
from obligations.words.errors import UnusableInput
from obligations.words.obligation import Obligation
from obligations.words.occurrence import INCIDENT, Occurrence
from obligations.words.times import say_due


@dataclass(frozen=True, slots=True)
class Reporting:
    """For which jurisdictions an incident may be reported.

    Attributes:
        places: name of the government by slug; whole: they are all that this installation serves, so that one report may
            be for all of them.
    """

    places: dict[str, str]
    whole: bool

    def jurisdiction(self, chosen: str) -> str | None:
        """Return the one that was chosen, None for all; raises UnusableInput where it is none of these."""
        if len(self.places) == 1 and chosen in {"", *self.places}:
            return next(iter(self.places))
        if not chosen and self.whole:
            return None
        if chosen not in self.places:
            raise UnusableInput(f"字段“辖区”的值是“{chosen}”，应为 {'、'.join(self.places.values())} 之一")
        return chosen


@dataclass(frozen=True, slots=True)
class Started:
    """One duty that a report starts."""

    title: str
    government: str
    departments: str
    due: str
    live: str
    derivation: tuple[str, ...]


def reporting_of(places: frozenset[str], obligations: Iterable[Obligation]) -> Reporting:
    """Return what may be reported for; a jurisdiction without a duty that an incident opens needs no report."""
    bound = {
        each.jurisdiction.slug: each.jurisdiction.name for each in obligations if opening_event(each.clock) == INCIDENT
    }
    mine = {slug: name for slug, name in sorted(bound.items()) if slug in places}
    return Reporting(mine, mine.keys() == bound.keys())


def started_by(opened: Iterable[tuple[Obligation, Occurrence]]) -> list[Started]:
    """Say what a report starts."""
    return [
        Started(
            title=obligation.title,
            government=obligation.jurisdiction.name,
            departments="、".join(obligation.department_names or obligation.departments) or "未登记",
            due=say_due(occurrence.due_at),
            live=occurrence.due_at.isoformat(),
            derivation=occurrence.due.derivation,
        )
        for obligation, occurrence in opened
    ]
