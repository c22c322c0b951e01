"""How much an office has to do while it is attacked, and where every occurrence must stand in the end. Does nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest
from demo_catalogue import BULLETIN, CONFERENCE, FISCAL, LAND, LIST, PRICES, REPORT

from obligations.steps.ledger import Stage

WHOLE = os.environ.get("OBLIGATIONS_TEST_CHAOS") == "whole"
MINUTES_MORE = pytest.mark.skipif(
    "OBLIGATIONS_TEST_CHAOS" not in os.environ, reason="takes minutes that CI has not: make chaos CHAOS=part"
)
SEED = int(os.environ.get("OBLIGATIONS_TEST_CHAOS_SEED", "20261122"))


@dataclass(frozen=True)
class Plan:
    """How much is done and how much is broken.

    Attributes:
        seed: of every choice; kills: of processes; pause: longest time between two in seconds.
        months: periods of each monthly duty of ours; fiscal: of the fiscal report, six at most; incidents: reported.
        patience: seconds for everything to come to its end once nothing is broken any more.
    """

    seed: int
    kills: int
    pause: float
    months: int
    fiscal: int
    incidents: int
    patience: float

    @property
    def served(self) -> dict[str, list[str]]:
        """The periods of each recurring DAG whose input is there."""
        months = [f"2016-{month:02d}" for month in range(1, 13)] + [f"2017-{month:02d}" for month in range(1, 13)]
        return {
            LIST: months[: self.months],
            REPORT: months[: self.months],
            FISCAL: months[12 : 12 + self.fiscal],
            LAND: ["2012-Q1"],
            PRICES: ["2020-W14"],
        }

    @property
    def refused(self) -> dict[str, list[str]]:
        """The periods whose input cannot be used."""
        return {PRICES: ["2020-W15"]}

    @property
    def undelivered(self) -> dict[str, list[str]]:
        """The periods whose input never comes."""
        return {LAND: ["2012-Q2"]}

    @property
    def returned(self) -> tuple[str, str]:
        """What the first reviewer sends back, and nobody corrects."""
        return LIST, self.served[LIST][0]

    @property
    def events(self) -> list[str]:
        """Ids of the incidents."""
        return [f"incident-{number}" for number in range(1, self.incidents + 1)]

    def wanted(self, dag_id: str, period: str) -> Stage:
        """Return where an occurrence must stand in the end."""
        if period in self.undelivered.get(dag_id, []):
            return Stage.WAITING
        if period in self.refused.get(dag_id, []):
            return Stage.BAD_INPUT
        return Stage.RETURNED if (dag_id, period) == self.returned else Stage.MET

    @property
    def occurrences(self) -> list[tuple[str, str]]:
        """Every (DAG, period) that is worked on."""
        recurring = [
            (dag_id, period)
            for group in (self.served, self.refused, self.undelivered)
            for dag_id, periods in group.items()
            for period in periods
        ]
        return recurring + [(dag_id, event) for event in self.events for dag_id in (BULLETIN, CONFERENCE)]


def storm(*, whole_kills: int, kills: int) -> Plan:
    """Return the plan of one topology: half of the fifty occurrences of ``make chaos``, or half of that."""
    if WHOLE:
        return Plan(SEED, whole_kills, pause=7, months=6, fiscal=3, incidents=4, patience=330)
    return Plan(SEED, kills, pause=8, months=2, fiscal=2, incidents=2, patience=600)
