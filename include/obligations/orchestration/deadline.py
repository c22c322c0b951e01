"""The deadline that Airflow shows and wakes up for: computed with the pure clock from the run's period or event.

It is evaluated once, in the scheduler or API server, when a run is created; extensions and rebinds are the ledger's.
No ledger, no catalogue file: what the dates depend on is serialized with the DAG.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from airflow.sdk.definitions.deadline import BaseDeadlineReference, deadline_reference
from sqlalchemy import select
from sqlalchemy.orm import Session

from obligations.orchestration.calendars import calendar_or_packaged
from obligations.orchestration.runs.periods import period_of
from obligations.rules.occurrences import occurrence_of, occurrence_of_event
from obligations.rules.periods import opening_event, period_from_key
from obligations.words.errors import ObligationsError
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event, Occurrence
from obligations.words.times import parse_instant

log = logging.getLogger(__name__)
Moment = Literal["draft_by", "due_at", "half", "four_fifths"]
_SHARES = {"half": 0.5, "four_fifths": 0.8}
_DATES_DEPEND_ON = {
    "key",
    "clock",
    "due",
    "due_origin",
    "duty",
    "fulfilment",
    "publication",
    "source",
    "continued",
    "in_force_from",
    "in_force_until",
}


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
        slim = obligation.model_dump(mode="json", include=_DATES_DEPEND_ON)
        document = obligation.document.model_dump(mode="json", include={"in_force_from", "in_force_until"})
        slim["document"] = {"title": "", "issued_by": "", **document}
        return cls(limit=limit, duty=json.dumps(slim, ensure_ascii=False, sort_keys=True))

    def serialize_reference(self) -> dict[str, Any]:
        """Return what Airflow keeps with the DAG."""
        return {"reference_type": self.reference_name, "limit": self.limit, "duty": self.duty}

    @classmethod
    def deserialize_reference(cls, reference_data: dict[str, Any]) -> OccurrenceDeadline:
        """Read it back."""
        return cls(limit=reference_data["limit"], duty=reference_data["duty"])

    def occurrence(self, period: str, conf: dict[str, Any]) -> Occurrence:
        """Compute the occurrence of ``period``; an event's conf carries ``happened_at``, ``reported_at`` and ``level``."""
        slug = json.loads(self.duty)["key"].split("/")[0]
        words = {
            "title": "",
            "clause": "",
            "quote": "",
            "departments": (),
            "jurisdiction": {"slug": slug, "name": "", "level": "demo"},
        }
        obligation = Obligation.model_validate({**words, **json.loads(self.duty)})
        opened_by, calendar = opening_event(obligation.clock), calendar_or_packaged()
        if opened_by is not None:
            happened = parse_instant(conf["happened_at"])
            reported = parse_instant(conf.get("reported_at") or conf["happened_at"])
            event = Event(period, opened_by, str(conf.get("level", "")), "", happened, reported, None, {})
            return occurrence_of_event(obligation, event, calendar)
        return occurrence_of(obligation, period_from_key(obligation.clock, period), calendar)

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
