"""The timetable of every obligation that the calendar alone opens. It only asks the pure rules; no I/O, no holidays.

The reporting period is the run's partition: key ``2026-09``, date its first day at 00:00 Asia/Shanghai. A run opens when
data can first be gathered (``rules.openings``); when it is due is the ledger's and the deadline reference's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pendulum
from airflow.exceptions import InvalidPartitionKeyError
from airflow.sdk import timezone
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from airflow.utils.types import DagRunType
from pydantic import TypeAdapter

from obligations.orchestration.duties import duty_of
from obligations.rules.occurrences import binding_range, period_has_limit
from obligations.rules.openings import opens_at
from obligations.rules.periods import has_periods, period_from_key, periods_in_force
from obligations.rules.wording import say_cadence
from obligations.words.clocks import Clock
from obligations.words.errors import UnusableInput
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Period
from obligations.words.times import SHANGHAI, midnight, say_day

_CLOCK: TypeAdapter[Clock] = TypeAdapter(Clock)
_ONE_YEAR = timedelta(days=366)


class ObligationTimetable(Timetable):
    """One run for each period of a recurring, deadline, quota or standing clock that closes while the obligation binds.

    Attributes:
        clock: the clock, serialized whole.
        in_force_from, in_force_until: days between which the obligation binds, 延续执行 included; None for no end.
        has_limit: a limit is counted from the period's end, so the run opens after it.
        duty: what its due dates depend on, for the weight of its tasks; the timetable itself does not read it.
    """

    partitioned = True
    run_ordering = ("partition_date", "run_after")

    def __init__(
        self, clock: Clock, *, in_force_from: date, in_force_until: date | None, has_limit: bool, duty: str = ""
    ) -> None:
        if not has_periods(clock):
            raise UnusableInput("由事件触发或按次检查的事项没有期间，不能排定时间表")
        self.clock = clock
        self.in_force_from = in_force_from
        self.in_force_until = in_force_until
        self.has_limit = has_limit
        self.duty = duty

    @classmethod
    def of(cls, obligation: Obligation) -> ObligationTimetable:
        """Return the timetable of ``obligation``; raises UnusableInput for a clock without periods."""
        begins, ends = binding_range(obligation)
        has_limit, duty = period_has_limit(obligation), duty_of(obligation)
        return cls(obligation.clock, in_force_from=begins, in_force_until=ends, has_limit=has_limit, duty=duty)

    def serialize(self) -> dict[str, Any]:
        """Return the rule itself, as JSON."""
        return {
            "clock": self.clock.model_dump(mode="json", exclude_none=True),
            "in_force_from": self.in_force_from.isoformat(),
            "in_force_until": self.in_force_until.isoformat() if self.in_force_until else None,
            "has_limit": self.has_limit,
            "duty": self.duty,
        }

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> ObligationTimetable:
        """Read it back."""
        until = data["in_force_until"]
        return cls(
            _CLOCK.validate_python(data["clock"]),
            in_force_from=date.fromisoformat(data["in_force_from"]),
            in_force_until=date.fromisoformat(until) if until else None,
            has_limit=data["has_limit"],
            duty=data.get("duty", ""),  # of a DAG that an earlier release serialized there is none yet
        )

    @property
    def summary(self) -> str:
        """Return the cadence in Chinese, as the list of DAGs shows it."""
        return say_cadence(self.clock)

    @property
    def description(self) -> str:  # type: ignore[override]  # Airflow's is an attribute that it only reads
        """Return cadence and time in force in Chinese."""
        until = f"至{say_day(self.in_force_until)}" if self.in_force_until else "起"
        return f"{self.summary}；执行期{say_day(self.in_force_from)}{until}；时区 Asia/Shanghai"

    def next_dagrun_info_v2(
        self, *, last_dagrun_info: DagRunInfo | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Return the run of the first period after the last one, or from go-live on; None when none is left.

        Without catch-up the newest period that is open by now is taken instead of older ones.
        """
        last = last_dagrun_info.partition_date if last_dagrun_info else None
        if last is not None:
            periods = self._starting_from(_local_day(last) + timedelta(days=1))
        elif restriction.earliest is not None:
            periods = self._starting_from(_first_day_from(restriction.earliest))
        else:
            periods = self._starting_from(date.min)
        period = next(periods, None)
        if period is None:
            return None
        if not restriction.catchup:
            period = self._newest_open(period, periods)
        info = self._info(period)
        if restriction.latest is not None and midnight(period.start) > restriction.latest:
            return None
        return info

    def _newest_open(self, period: Period, later: Iterator[Period]) -> Period:
        now = timezone.utcnow()
        for following in later:
            if opens_at(self.clock, following, has_limit=self.has_limit) > now:
                break
            period = following
        return period

    def _starting_from(self, day: date) -> Iterator[Period]:
        """Yield, year by year, the periods in force that start on ``day`` or later."""
        begins = max(day, self.in_force_from - _ONE_YEAR)
        end = (self.in_force_until or date(2099, 12, 31)) + _ONE_YEAR
        for period in periods_in_force(self.clock, self.in_force_from, self.in_force_until, begins, end):
            if period.start >= begins:
                yield period

    def _info(self, period: Period) -> DagRunInfo:
        return DagRunInfo(
            run_after=_utc(opens_at(self.clock, period, has_limit=self.has_limit)),
            data_interval=None,
            partition_date=_utc(midnight(period.start)),
            partition_key=period.key,
        )

    def iter_partition_dagrun_infos(self, *, earliest: datetime, latest: datetime) -> Iterable[DagRunInfo]:
        """Yield the runs of a backfill: every period whose first day lies between the two wall-clock times."""
        first = _first_day_from(self.localize_partition_datetime(earliest))
        last = self.localize_partition_datetime(latest)
        for period in self._starting_from(first):
            if midnight(period.start) > last:
                return
            yield self._info(period)

    def localize_partition_datetime(self, dt: datetime) -> pendulum.DateTime:
        """Read the wall-clock time of ``dt`` as Asia/Shanghai."""
        return pendulum.instance(dt.replace(tzinfo=SHANGHAI))

    def _decode_partition_date(self, partition_key: str) -> datetime:
        """Return the first instant of the period that a person typed; raises InvalidPartitionKeyError in Chinese.

        A person may run a period outside the time in force, to make up a record (补录); the timetable itself never does.
        """
        try:
            period = period_from_key(self.clock, partition_key)
        except UnusableInput as error:
            raise InvalidPartitionKeyError(str(error)) from error
        return _utc(midnight(period.start))

    def infer_manual_data_interval(self, *, run_after: pendulum.DateTime) -> DataInterval:
        """Return an empty interval: a manual run is told its period by its partition key."""
        return DataInterval.exact(run_after)

    def generate_run_id(
        self,
        *,
        run_type: DagRunType,
        run_after: pendulum.DateTime,
        data_interval: DataInterval | None,
        partition_key: str | None = None,
        **extra: Any,
    ) -> str:
        """Return ``scheduled__2026-09__v1`` for the timetable's own run of a period, else an id that no other run has.

        A hand-made run must never take an id that the timetable makes later: that kills the scheduler.
        """
        if run_type == DagRunType.SCHEDULED and partition_key:
            return f"{run_type.value}__{partition_key}__v1"
        plain = super().generate_run_id(run_type=run_type, run_after=run_after, data_interval=data_interval, **extra)
        return "__".join(part for part in (plain, partition_key, _nonce()) if part)


def _nonce() -> str:
    """Return eight random characters: a second backfill of one period opens at the same instant as the first."""
    return uuid4().hex[:8]


def _local_day(instant: datetime) -> date:
    return instant.astimezone(SHANGHAI).date()


def _first_day_from(instant: datetime) -> date:
    """Return the first day whose 00:00 is not before ``instant``."""
    day = _local_day(instant)
    return day if midnight(day) >= instant else day + timedelta(days=1)


def _utc(instant: datetime) -> pendulum.DateTime:
    return pendulum.instance(instant).in_timezone("UTC")
