"""Which task goes first when more wait than there is room for: that of the occurrence that is due first.

Airflow 3.3.2 asks for a weight when a run's tasks are made, in the scheduler and under its lock, and shows a task and its
run's id, not the run. So the ids that we make say which period or event they serve, the DAG's timetable carries what its
dates depend on, and an event's DAG its limit; nothing is read or remembered but the calendar. The due date is the one that
the clause gives: an extension or a pause, which only the ledger knows, does not change a task's place.
"""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from airflow.task.priority_strategy import PriorityWeightStrategy

from obligations.orchestration.duties import occurrence_of_duty
from obligations.orchestration.timetable import ObligationTimetable
from obligations.words.clocks import EventClock
from obligations.words.errors import ObligationsError
from obligations.words.limits import Limit
from obligations.words.obligation import Obligation
from obligations.words.times import SHANGHAI

if TYPE_CHECKING:
    from airflow.models.taskinstance import TaskInstance

log = logging.getLogger(__name__)

EARLIEST_DUE_FIRST = f"{__name__}.EarliestDueFirst"
"""The strategy by its name: an instance among a DAG's default arguments would be serialized by its place in memory."""
ABOVE_ALL = 2_000_000_000
"""Of the sweep and of what people report and decide: nothing waits for room behind drafts. The column takes 2**31 - 1."""
_TOP = 1_000_000_000
"""Of what was due on 1970-01-01; one less for every minute after it, so that nothing before the year 3871 falls below 1."""
_OWN_LANE = 900_000_000
"""More for what has a pool of its own (incidents). The scheduler of Airflow 3.3.2 looks at the sixteen heaviest tasks a loop;
where those are overdue reports, a lighter one is not looked at while their pool has a place left, however free its own is."""
_SHARED_POOL = "default_pool"
_LAST = 1
_EVENT_ID = re.compile(r"(?:incident|event)-(\d{8}-\d{4})-")
_MINUTES = {"hour": 60, "day": 1440, "working_day": 1440 * 7 // 5, "month": 1440 * 30}


class EarliestDueFirst(PriorityWeightStrategy):
    """Weighs the tasks of a run by when its occurrence is due; what does not say its period goes last."""

    def get_weight(self, ti: TaskInstance) -> int:
        """Return the weight; never raises, for that would end the scheduler."""
        try:
            return weight_of(ti.run_id, ti.task)
        except Exception:
            log.exception("run %s of %s has no weight of its own and goes last", ti.run_id, ti.dag_id)
            return _LAST


def weight_of(run_id: str, task: Any) -> int:
    """Return the weight of a task of the run: the earlier due, the larger; what has a pool of its own before all others."""
    parts = run_id.split("__")[1:]
    dag = task.get_dag()
    timetable = dag.timetable if dag is not None else None
    if isinstance(timetable, ObligationTimetable):
        minutes = (_due_minute(timetable.duty, part) for part in parts)
    else:
        minutes = (_event_minute(part, task.priority_weight) for part in parts)
    due = next((minute for minute in minutes if minute is not None), None)
    by_due = _LAST if due is None else max(_LAST, _TOP - due)
    return by_due if task.pool == _SHARED_POOL else by_due + _OWN_LANE


def minutes_of_limit(obligation: Obligation) -> int:
    """Return how long after its event it is due, for the weight: 1, Airflow's own, where it is due before or with it.

    Hours and days exactly; a working day as seven fifths of a day and a month as 30 days, without holidays, for what events
    open is urgent before what a month opens either way.
    """
    clock = obligation.clock
    if not isinstance(clock, EventClock) or clock.relation != "after":
        return 1
    limit: Limit | None = obligation.due.limit if obligation.due is not None else clock.rule
    return max(1, limit.amount * _MINUTES[limit.unit]) if limit is not None else 1


@lru_cache(maxsize=65536)
def _due_minute(duty: str, period: str) -> int | None:
    """Return when a period is due; None for a part of a run's id that is no period.

    Each of a run's tasks asks twice, so that thousands of runs that open at once must not each ask the calendar's files; a
    period that was weighed keeps its place when a holiday is announced later.
    """
    try:
        return _minute(occurrence_of_duty(duty, period, {}).due_at)
    except (ObligationsError, KeyError, ValueError):
        return None


def _event_minute(part: str, minutes: int) -> int | None:
    """Return when what an event opened is due; an event's id that somebody chose tells no time, and its tasks go first."""
    happened = _EVENT_ID.match(part)
    if happened is None:
        return 0
    return _minute(datetime.strptime(happened[1], "%Y%m%d-%H%M").replace(tzinfo=SHANGHAI)) + minutes


def _minute(instant: datetime) -> int:
    return int(instant.astimezone(UTC).timestamp()) // 60
