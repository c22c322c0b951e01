"""The lane that incidents have to themselves: their own queue and pool, so that they never wait behind a month-end.

Where the installation names none, they go with everything else: one executor with one queue serves as well.
"""

from __future__ import annotations

from typing import Any

from obligations.orchestration.settings import Settings
from obligations.words.clocks import EventClock
from obligations.words.obligation import Obligation
from obligations.words.occurrence import FOLLOWUP, INCIDENT


def lane_of(obligation: Obligation, settings: Settings) -> dict[str, Any]:
    """Return the arguments of an obligation's tasks that send them to their queue and pool; none for ordinary ones."""
    clock = obligation.clock
    if isinstance(clock, EventClock) and clock.event in {INCIDENT, FOLLOWUP}:
        return incident_lane(settings)
    return {}


def incident_lane(settings: Settings) -> dict[str, Any]:
    """Return the arguments of tasks that incidents wait for."""
    named = {"queue": settings.incident_queue, "pool": settings.incident_pool}
    return {argument: value for argument, value in named.items() if value is not None}
