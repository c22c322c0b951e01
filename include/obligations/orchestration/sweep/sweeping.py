"""One pass over everything: expect, rebind, start, decide, queue, send, and alarm on itself.

It compares state, never a time window, so that two at once, one killed anywhere and one after a week's outage lead to
the same ledger. Everything is committed in short batches; nothing is sent or asked inside a transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

from obligations.orchestration.events.following import follow_incidents, following_keys
from obligations.orchestration.notices.sending import send_due
from obligations.orchestration.rulings.recording import end_lapsed_pause
from obligations.orchestration.settings import Settings
from obligations.orchestration.sweep import alarms
from obligations.orchestration.sweep.basis import Basis, basis_of
from obligations.orchestration.sweep.deciding import Decided, Levels, Recheck, decide_on, missed_event
from obligations.orchestration.sweep.expecting import expect_all, state_of_catalogue
from obligations.orchestration.sweep.freshness import Freshness
from obligations.orchestration.sweep.rebinding import rebind_all
from obligations.orchestration.sweep.report import Alarm, SweepReport, named
from obligations.orchestration.sweep.starting import Runs, start_ready
from obligations.orchestration.uploads.folder import take_edited
from obligations.orchestration.work import Work, compute, expect
from obligations.rules.catalogue import load, load_one
from obligations.rules.periods import has_periods
from obligations.steps.gather import Sources
from obligations.steps.ledger import Act, EventKind, Ledger, LedgerEvent, OccurrenceRow, Sweeps, act_many, open_ledger
from obligations.steps.ledger.lateness import is_unverified_in_time
from obligations.steps.notify import Transports
from obligations.words.errors import ObligationsError, UnusableInput
from obligations.words.telling import Tell, untold
from obligations.words.times import SHANGHAI

log = logging.getLogger(__name__)
Done = TypeVar("Done")


def sweep(
    settings: Settings,
    now: datetime,
    *,
    runs: Runs | None = None,
    transports: Transports | None = None,
    clock: Callable[[], datetime] | None = None,
    tell: Tell = untold,
) -> SweepReport:
    """Do one pass as of ``now``; without ``runs`` no run is started, without ``transports`` nothing is sent.

    ``clock`` tells the time while messages go out. A pass by an earlier time than the last one marks nothing.
    """
    basis = basis_of(settings)
    with open_ledger(settings.ledger_url) as ledger:
        sweeps = Sweeps(ledger)
        last, before = sweeps.last(), sweeps.last(finished=True)
        one = _Pass(settings, ledger, basis, now, SweepReport(now, sweeps.first_at()), tell)
        if went_back := alarms.clock_went_back(last, now):
            one.report.alarms.append(went_back)
            alarms.tell_operators(ledger, one.report.alarms, basis, now)
        else:
            facts = dict(last.facts) if last is not None else {}
            record = sweeps.begin(now, facts)
            one.report.first_sweep = sweeps.first_at()
            one.report.alarms += [
                *basis.alarms,
                *alarms.gap_since(before, now),
                *alarms.people_out_of_reach(basis, now),
            ]
            facts = one.guard("catalogue-unread", "目录没有读成", lambda: one.follow_catalogue(facts)) or facts
            one.guard("edited-failed", "没有读收件夹中的修改稿", one.take_edited)
            one.guard("followups-failed", "没有登记续报", lambda: one.follow_incidents(facts))
            if runs is not None:
                one.guard("starter-failed", "没有启动办理", lambda: one.start(runs))
            one.decide_all()
            one.mark_closed_late()
            facts = one.take_checkpoint(facts)
            alarms.tell_operators(ledger, one.report.alarms, basis, now)
            sweeps.finish(record, clock() if clock else now, facts)
        if transports is not None:
            one.send(transports, clock)
        stuck = list(alarms.stuck_outbox(ledger, now))
        alarms.tell_operators(ledger, stuck, basis, now)
        one.report.alarms += stuck
        return one.report


def look_at(settings: Settings, key: str, period: str, now: datetime) -> SweepReport:
    """Do for one occurrence what a pass does, and enter it first if it is not in the ledger; sends nothing.

    For Airflow's deadlines, 200 of which may fall on one midnight: whatever they leave undone, the next pass does.
    """
    with open_ledger(settings.ledger_url) as ledger:
        one = _Pass(settings, ledger, basis_of(settings), now, SweepReport(now, Sweeps(ledger).first_at()))
        one.decide([ledger.occurrence(key, period) or one.expect(key, period)])
        return one.report


def send_urgent(settings: Settings, now: datetime, transports: Transports) -> SweepReport:
    """Send what is urgent and due."""
    with open_ledger(settings.ledger_url) as ledger:
        one = _Pass(settings, ledger, basis_of(settings), now, SweepReport(now, Sweeps(ledger).first_at()))
        one.send(transports, None, urgent_only=True)
        return one.report


@dataclass
class _Pass:
    """One pass and what it has done so far."""

    settings: Settings
    ledger: Ledger
    basis: Basis
    now: datetime
    report: SweepReport
    tell: Tell = untold

    def guard(self, kind: str, said: str, act: Callable[[], Done]) -> Done | None:
        """Do what must not keep misses from being marked and told, whatever it meets; a failure is an alarm."""
        try:
            return act()
        except Exception as error:
            log.exception("the pass goes on after %s", kind)
            self.report.alarms.append(Alarm(kind, f"{said}（{type(error).__name__}），下一次巡检再试，请查看运行日志"))
            return None

    def follow_catalogue(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Expect and rebind if catalogue, calendar or day changed since the pass that left ``facts``; return the new facts."""
        settings, calendar = self.settings, self.basis.calendar
        state = state_of_catalogue(settings, calendar.version, self.now)
        if facts.get("catalogue") == state or not self.basis.may_compute_dates:
            return facts
        catalogue = load(settings.catalogue)
        first_sweep = self.report.first_sweep or self.now
        served = [one for one in catalogue.obligations.values() if settings.serves(one.jurisdiction.slug)]
        self.tell(f"正在登记 {len(served):,} 个事项的期次")
        expected, faults = expect_all(self.ledger, served, calendar, settings.go_live, first_sweep, self.now, self.tell)
        rebound, more = rebind_all(self.ledger, catalogue, calendar, self.now)
        self.report.expected += expected
        self.report.rebound += rebound
        open_keys = Sweeps(self.ledger).open_keys()
        self.report.alarms += [
            *faults,
            *more,
            *alarms.faults_of_catalogue(catalogue, open_keys, facts.get("obligations")),
            *alarms.gaps_in_contacts(served, self.basis, self.now),
        ]
        followed = following_keys(served)
        return facts | {"catalogue": state, "obligations": alarms.count_of(catalogue), "followups": followed}

    def follow_incidents(self, facts: dict[str, Any]) -> None:
        """Expect the next bulletin of every incident that goes on."""
        if self.basis.may_compute_dates:
            keys, first_sweep = facts.get("followups", []), self.report.first_sweep or self.now
            opened = follow_incidents(self.settings, self.ledger, keys, self.basis.calendar, self.now)
            self.report.expected += [
                {
                    "key": one.key,
                    "period": one.period.key,
                    "due_at": one.due_at,
                    "historical": one.due_at <= first_sweep,
                }
                for _, one in opened
            ]

    def take_edited(self) -> None:
        """Take the edited drafts that lie in the inbox, before their versions are started."""
        self.report.alarms += take_edited(self.settings, self.ledger, self.basis.calendar, self.now)

    def start(self, runs: Runs) -> None:
        """Start what is ready."""
        # Knows Airflow, which no other part of a pass needs.
        from obligations.orchestration.sources.connections import engine_for

        settings = self.settings
        sources = Sources(settings.inbox, settings.store, settings.quarantine, engine_for)
        done = start_ready(settings, self.ledger, runs, sources, self.now)
        self.report.started += done.started
        self.report.alarms += done.alarms

    def decide_all(self) -> None:
        """Decide on every occurrence about which something may be to decide."""
        sweeps, after, decided = Sweeps(self.ledger), 0, 0
        while rows := sweeps.to_look_at(self.now, self.basis.version, after_id=after):
            self.tell(f"正在判定，已判定 {decided:,} 期")
            after, decided = rows[-1].id, decided + len(rows)
            self.decide(rows)

    def mark_closed_late(self) -> None:
        """Mark the misses of what was closed late before any pass saw it late: an outage takes nothing off the record."""
        sweeps, after = Sweeps(self.ledger), 0
        while rows := sweeps.closed_late(after_id=after):
            after = rows[-1].id
            acts = [Act(row, (missed_event(row),)) for row in rows]
            act_many(self.ledger, acts, basis=self.basis.version, now=self.now)
            self.report.missed += [named(row, due_at=row.due_at) for row in rows]

    def decide(self, rows: Sequence[OccurrenceRow]) -> None:
        """Mark what is missed and queue what is to be told about these occurrences."""
        events = Sweeps(self.ledger).events_of(rows)
        levels, freshness = Levels(self.ledger), Freshness(self.ledger, self.settings)
        decided = []
        for row in rows:
            try:
                now_is, its_events = (row, events[row.id]) if row.paused_at is None else self._resume_if_lapsed(row)
                decided.append(decide_on(now_is, its_events, levels.of(row), self.basis, self.now, freshness))
            except Exception as error:
                # One occurrence that cannot be decided upon must not keep the others from being looked at.
                log.exception("%s %s cannot be decided upon", row.key, row.period)
                said = f"{row.key} {row.period} 无法判定（{type(error).__name__}），时限无人监看，请查看运行日志"
                self.report.alarms.append(Alarm("cannot-decide", said, f"{row.key} {row.period}"))
                if _is_plainly_missed(row, self.now):
                    decided.append(Decided(Act(row, (missed_event(row),), look_at=self.now)))
        act_many(self.ledger, [one.act for one in decided], basis=self.basis.version, now=self.now)
        for one in decided:
            self._tell(one)

    def expect(self, key: str, period: str) -> OccurrenceRow:
        """Enter one occurrence in the ledger, as its run would."""
        work = self._work(key, period)
        expect(work, self.now)
        row = self.ledger.occurrence(key, period)
        if row is None:
            raise UnusableInput(f"台账中没有 {key} 的 {period} 这一期")
        return row

    def send(self, transports: Transports, clock: Callable[[], datetime] | None, *, urgent_only: bool = False) -> None:
        """Send what is due, each rechecked at the last moment."""
        self.tell("正在发送提醒")
        done = send_due(
            self.ledger,
            self.basis.directory,
            self.basis.policies,
            self.settings,
            self.now,
            transports,
            still_applies=Recheck(self.ledger, self.settings, self.basis, self.now),
            clock=clock,
            urgent_only=urgent_only,
        )
        self.report.sent += map(asdict, done.sent)
        self.report.dropped += map(asdict, done.dropped)
        self.report.failed += map(asdict, done.failed)
        self.report.alarms += [Alarm("undelivered", said) for said in done.alarms]

    def take_checkpoint(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Chain the day's first state of the ledger."""
        day = self.now.astimezone(SHANGHAI).date().isoformat()
        if facts.get("checkpoint") != day:
            self.ledger.checkpoint(self.now)
        return facts | {"checkpoint": day}

    def _tell(self, decided: Decided) -> None:
        row = decided.act.row
        for event in (event for event in decided.act.events if event.kind == EventKind.MISSED):
            self.report.missed.append(named(row, due_at=event.happened_at))
        for notice in decided.act.notices:
            self.report.queued.append(
                named(row, tier=notice.tier, recipient=notice.recipient, send_after=notice.send_after)
            )
        if decided.unheard and self.basis.directory.file.people:
            labels = "、".join(reached.rule.label for reached in decided.unheard)
            said = f"{row.title}（{row.key} {row.period}）的{labels}无人可收，请在通讯录中补登"
            self.report.alarms.append(Alarm("nobody-told", said, f"{row.key} {row.period}"))

    def _resume_if_lapsed(self, row: OccurrenceRow) -> tuple[OccurrenceRow, list[LedgerEvent]]:
        """End a pause that has lasted as long as it may; without its obligation the dates stay, and may be missed."""
        try:
            end_lapsed_pause(self._work(row.key, row.period), self.now)
        except ObligationsError as error:
            said = f"{row.key} {row.period} 的中止已到最长期限，但时限不能重新计算：{error}"
            self.report.alarms.append(Alarm("cannot-resume", said, f"{row.key} {row.period}"))
        now_is = self.ledger.occurrence(row.key, row.period) or row
        return now_is, Sweeps(self.ledger).events_of([now_is])[row.id]

    def _work(self, key: str, period: str) -> Work:
        obligation = load_one(self.settings.catalogue, key)
        event = None if has_periods(obligation.clock) else self.ledger.get_reported_event(period)
        occurrence = compute(obligation, period, event, self.basis.calendar)
        return Work(self.settings, obligation, occurrence, event, self.basis.calendar, self.ledger, "sweep")


def _is_plainly_missed(row: OccurrenceRow, now: datetime) -> bool:
    """Whether the row alone shows a miss that is not on record; what is closed, 补录, paused or public in time is none."""
    owed = row.outcome is None and not row.historical and row.paused_at is None and row.missed_at is None
    return owed and now > row.due_at and not is_unverified_in_time(row)
