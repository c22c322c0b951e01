"""The starter: every open, ready occurrence gets a run if it has none. Idempotent: run ids are its memory, and the ledger.

The timetable goes first. What it cannot start (a quarter that began before go-live, a period behind a backfill, an event
whose report was cut off, a version after a return) starts here. The claim of a run that Airflow lost, or that ended
without a word, is released on record. Which occurrence wants a run is ``versions``; Airflow itself is ``runs``.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from obligations.orchestration.settings import Settings
from obligations.orchestration.sweep.report import Alarm, named
from obligations.orchestration.sweep.versions import History, wants_run
from obligations.steps.gather import Sources
from obligations.steps.ledger import Act, EventKind, Ledger, NewEvent, OccurrenceRow, Stage, Sweeps, act_many
from obligations.steps.ledger.follow_ups import open_correction
from obligations.words.errors import ObligationsError
from obligations.words.occurrence import Event

log = logging.getLogger(__name__)

LIVE = ("queued", "running")
"""States of a run that still works, or will."""
_CLOSED = {Stage.MET, Stage.NIL, Stage.WAIVED, Stage.WITHHELD, Stage.MERGED}
_OPEN = tuple(stage for stage in Stage if stage not in _CLOSED)
_ENDED = {"failed": "以失败结束", "success": "已被标记为成功，台账中没有完成的依据"}


class DagUnavailable(ObligationsError):
    """Airflow has no such DAG or cannot run it now; the message says what to do."""


class AirflowSilent(ObligationsError):
    """Airflow gave no answer that can be used; the next pass asks again."""


class Runs(Protocol):
    """Airflow's runs, as far as the starter needs them; every method may raise AirflowSilent."""

    def require_startable(self, dag_id: str) -> None:
        """Raise DagUnavailable for a DAG that is missing or paused."""

    def start(self, dag_id: str, run_id: str, conf: dict[str, Any]) -> bool:
        """Start a run; False if it exists already. Raises DagUnavailable."""

    def state(self, dag_id: str, run_id: str) -> str | None:
        """Return a run's state, None if Airflow has no such run."""

    def count_live(self, dag_id: str, run_ids: Collection[str]) -> int:
        """Return how many of these runs are queued or running."""

    def clear(self, dag_id: str, run_id: str) -> None:
        """Let a run that there is begin anew, whatever it waits for. Raises DagUnavailable."""


@dataclass(slots=True)
class Started:
    """What the starter did.

    Attributes:
        started: small objects with key, period and run_id; alarms: DAGs that cannot run, approvals nobody acts on.
    """

    started: list[dict[str, Any]] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)


def start_ready(
    settings: Settings,
    ledger: Ledger,
    runs: Runs,
    sources: Sources,
    now: datetime,
    *,
    only: Collection[tuple[str, str]] | None = None,
) -> Started:
    """Start a run for each open, ready occurrence that has none, the first due first; ``only`` for some (key, period).

    Called by every sweep, and at once when something is reported or delivered. What Airflow refuses is an alarm.
    """
    starter = _Starter(settings, ledger, runs, sources, now)
    histories = list(_histories(ledger, now, only))
    try:
        starter.release_lost(histories)
        starter.end_replaced(histories)
        waiting = [history for history in histories if history.live_run is None]
        for history in sorted(waiting, key=lambda history: (history.row.due_at, history.row.id)):
            starter.start_or_tell(history)
    except AirflowSilent as silent:
        starter.done.alarms.append(Alarm("airflow-silent", str(silent)))
    # To be looked at again in this very pass, so that a failure is told.
    act_many(ledger, starter.acts, basis="", now=now)
    return starter.done


def _histories(ledger: Ledger, now: datetime, only: Collection[tuple[str, str]] | None) -> Iterator[History]:
    """Yield the occurrences that are ready to be worked on, with their events: open, or to be corrected."""
    sweeps = Sweeps(ledger)
    for page in _pages(ledger, now) if only is None else [_named(ledger, now, only)]:
        events = sweeps.events_of(page)
        for row in page:
            if row.outcome is None or open_correction(events[row.id]) is not None:
                yield History(row, events[row.id])


def _pages(ledger: Ledger, now: datetime) -> Iterator[list[OccurrenceRow]]:
    after = 0
    while page := Sweeps(ledger).startable(now, grace=timedelta(0), stages=_OPEN, after_id=after):
        yield page
        after = page[-1].id
    after = 0
    while page := Sweeps(ledger).followed(after_id=after):
        yield page
        after = page[-1].id


def _named(ledger: Ledger, now: datetime, only: Collection[tuple[str, str]]) -> list[OccurrenceRow]:
    """Return those of the named that may be worked on; what an event opens may be from when it is reported."""
    found = (ledger.occurrence(key, period) for key, period in only)
    going = (row for row in found if row is not None and row.paused_at is None)
    return [row for row in going if row.event_id is not None or row.opens_at <= now]


@dataclass(slots=True)
class _Starter:
    """One go of the starter; ``acts`` are what it has to say about runs that ended without a word."""

    settings: Settings
    ledger: Ledger
    runs: Runs
    sources: Sources
    now: datetime
    done: Started = field(default_factory=Started)
    acts: list[Act] = field(default_factory=list)
    _refused: dict[str, str | None] = field(default_factory=dict)

    def release_lost(self, histories: Iterable[History]) -> None:
        """End, on record, the claims of runs that Airflow no longer has or that are over without having said so."""
        by_dag: dict[str, dict[str, History]] = defaultdict(dict)
        for history in histories:
            if history.live_run is not None:
                by_dag[history.dag_id][history.live_run] = history
        for dag_id, owners in by_dag.items():
            if self.runs.count_live(dag_id, owners) == len(owners):
                continue
            for run_id, history in owners.items():
                state = self.runs.state(dag_id, run_id)
                if state not in LIVE:
                    self._end(history, run_id, f"failed:{history.claim.number}" if history.claim else None, state)

    def end_replaced(self, histories: Iterable[History]) -> None:
        """Let runs begin anew that still wait for a review of what an uploaded file has replaced: they end at once."""
        for history in histories:
            claim = history.claim
            if claim is None or not claim.replaced:
                continue
            # Only one that lives: asking Airflow to clear a run that is gone would make it, under an id that a
            # timetable may make again.
            if self.runs.state(history.dag_id, claim.run_id) in LIVE:
                try:
                    self.runs.clear(history.dag_id, claim.run_id)
                except DagUnavailable as refused:
                    self._refuse(history.dag_id, str(refused))

    def start_or_tell(self, history: History) -> None:
        """Start a run of one occurrence; whatever is wrong with it is an alarm and keeps no other from being started."""
        try:
            self.start(history)
        except AirflowSilent:
            raise
        except Exception as error:
            row = history.row
            log.exception("%s %s cannot be started", row.key, row.period)
            said = f"{row.key} {row.period} 没有启动办理（{type(error).__name__}），下一次巡检再试，请查看运行日志"
            self.done.alarms.append(Alarm("cannot-start", said, f"{row.key} {row.period}"))

    def start(self, history: History) -> None:
        """Start a run of one occurrence if it wants one and Airflow can."""
        row = history.row
        # A page that is public waits for its proof, not for a run.
        if history.is_approved and row.stage != Stage.PUBLISHED:
            said = f"{row.key} {row.period} 的稿件已审签，但办理的运行已经结束；请在 Airflow 中清除其失败的任务重试，运行已被删除的请登记重拟"
            self.done.alarms.append(Alarm("approved-but-idle", said, f"{row.key} {row.period}"))
        if not wants_run(history, self.settings, self.sources, self.now) or self._cannot_run(history.dag_id):
            return
        if history.next_number == 1 and self.runs.state(history.dag_id, f"scheduled__{row.period}__v1") in LIVE:
            return
        run_id = history.next_run
        try:
            if self.runs.start(history.dag_id, run_id, self._conf(row)):
                self.done.started.append(named(row, run_id=run_id))
                return
        except DagUnavailable as refused:
            self._refuse(history.dag_id, str(refused))
            return
        state = self.runs.state(history.dag_id, run_id)
        if state is not None and state not in LIVE:
            self._end(history, run_id, f"failed:{run_id}", state)

    def _cannot_run(self, dag_id: str) -> bool:
        if dag_id not in self._refused:
            self._refused[dag_id] = None
            try:
                self.runs.require_startable(dag_id)
            except DagUnavailable as refused:
                self._refuse(dag_id, str(refused))
        return self._refused[dag_id] is not None

    def _refuse(self, dag_id: str, said: str) -> None:
        self._refused[dag_id] = said
        self.done.alarms.append(Alarm("dag-unavailable", said, dag_id))

    def _end(self, history: History, run_id: str, once: str | None, state: str | None) -> None:
        ended = _ENDED.get(state or "", "在 Airflow 中已不存在")
        payload = {"run_id": run_id, "stage": history.row.stage_label, "reason": f"运行 {run_id} {ended}"}
        event = NewEvent(EventKind.FAILED, self.now, payload, once)
        self.acts.append(Act(history.row, (event,), look_at=self.now))

    def _conf(self, row: OccurrenceRow) -> dict[str, Any]:
        """Say what the run serves: its period, or the event as first reported, which its deadlines are computed from."""
        if row.event_id is None:
            return {"period": row.period}
        return conf_of(self.ledger.get_reported_event(row.event_id))


def conf_of(event: Event) -> dict[str, Any]:
    """Return the conf of a run that serves ``event``."""
    return {
        "event_id": event.id,
        "happened_at": event.happened_at.isoformat(),
        "reported_at": event.reported_at.isoformat(),
        "level": event.level,
    }
