"""The deadline that Airflow shows and wakes up for: computed with the pure clock from the run's period or event.

It is evaluated once, in the scheduler or API server, when a run is created; extensions and rebinds are the ledger's.
No ledger, no catalogue file: what the dates depend on is serialized with the DAG.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from airflow.sdk.definitions.deadline import BaseDeadlineReference, deadline_reference
from sqlalchemy import select
from sqlalchemy.orm import Session

from obligations.orchestration.duties import duty_of, occurrence_of_duty
from obligations.orchestration.runs.periods import period_of
from obligations.words.errors import ObligationsError
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Occurrence

log = logging.getLogger(__name__)
Moment = Literal["draft_by", "due_at", "half", "four_fifths"]
_SHARES = {"half": 0.5, "four_fifths": 0.8}


@deadline_reference()
@dataclass
class OccurrenceDeadline(BaseDeadlineReference):
    """A moment of the occurrence that a run serves: ``draft_by``, ``due_at``, or half or four fifths of the way there.

    Attributes:
        limit: which of them.
        duty: JSON of what the dates of the obligation depend on.
    """

    limit: Moment = "due_at"
    duty: str = ""
    required_kwargs: ClassVar[set[str]] = {"dag_id", "run_id"}

    @classmethod
    def of(cls, obligation: Obligation, limit: Moment) -> OccurrenceDeadline:
        """Make the reference for one moment of ``obligation``."""
        return cls(limit=limit, duty=duty_of(obligation))

    def serialize_reference(self) -> dict[str, Any]:
        """Return what Airflow keeps with the DAG."""
        return {"reference_type": self.reference_name, "limit": self.limit, "duty": self.duty}

    @classmethod
    def deserialize_reference(cls, reference_data: dict[str, Any]) -> OccurrenceDeadline:
        """Read it back."""
        return cls(limit=reference_data["limit"], duty=reference_data["duty"])

    def occurrence(self, period: str, conf: dict[str, Any]) -> Occurrence:
        """Compute the occurrence of ``period``; an event's conf carries ``happened_at``, ``reported_at`` and ``level``."""
        return occurrence_of_duty(self.duty, period, conf)

    def _evaluate_with(self, *, session: Session, **kwargs: Any) -> datetime | None:
        """Return the instant, or None for a run without a period: raising here would cost the run its deadlines."""
        from airflow.models import DagRun  # takes a second, which parsing and task starts need not pay

        query = select(DagRun).where(DagRun.dag_id == kwargs["dag_id"], DagRun.run_id == kwargs["run_id"])
        run = session.scalar(query)
        if run is None:
            return None
        try:
            occurrence = self.occurrence(period_of(run), run.conf or {})
        except (ObligationsError, KeyError, ValueError):
            log.exception("run %s of %s has no deadline", kwargs["run_id"], kwargs["dag_id"])
            return None
        return self.instant(occurrence)

    def instant(self, occurrence: Occurrence) -> datetime:
        """Return the moment; shares are of the window from opening to due, as the tiers of ``rules.tiers`` count them."""
        if self.limit in _SHARES:
            return occurrence.opens_at + (occurrence.due_at - occurrence.opens_at) * _SHARES[self.limit]
        return occurrence.due_at if self.limit == "due_at" else occurrence.draft_by
