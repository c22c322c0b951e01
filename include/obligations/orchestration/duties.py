"""What the dates of an obligation depend on, as one line of JSON that travels with its DAG into the scheduler.

There dates are computed without a catalogue file or the ledger; extensions and rebinds are the ledger's.
"""

from __future__ import annotations

import json
from typing import Any

from obligations.orchestration.calendars import calendar_or_packaged
from obligations.rules.occurrences import occurrence_of, occurrence_of_event
from obligations.rules.periods import opening_event, period_from_key
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event, Occurrence
from obligations.words.times import parse_instant

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


def duty_of(obligation: Obligation) -> str:
    """Return the JSON of what the dates of ``obligation`` depend on."""
    slim = obligation.model_dump(mode="json", include=_DATES_DEPEND_ON)
    document = obligation.document.model_dump(mode="json", include={"in_force_from", "in_force_until"})
    slim["document"] = {"title": "", "issued_by": "", **document}
    return json.dumps(slim, ensure_ascii=False, sort_keys=True)


def occurrence_of_duty(duty: str, period: str, conf: dict[str, Any]) -> Occurrence:
    """Compute the occurrence of ``period``; an event's conf carries ``happened_at``, ``reported_at`` and ``level``.

    Raises ObligationsError for a period that there is not, KeyError or ValueError for a conf that does not say what it must.
    """
    said = json.loads(duty)
    words = {
        "title": "",
        "clause": "",
        "quote": "",
        "departments": (),
        "jurisdiction": {"slug": said["key"].split("/")[0], "name": "", "level": "demo"},
    }
    obligation = Obligation.model_validate({**words, **said})
    opened_by, calendar = opening_event(obligation.clock), calendar_or_packaged()
    if opened_by is not None:
        happened = parse_instant(conf["happened_at"])
        reported = parse_instant(conf.get("reported_at") or conf["happened_at"])
        event = Event(period, opened_by, str(conf.get("level", "")), "", happened, reported, None, {})
        return occurrence_of_event(obligation, event, calendar)
    return occurrence_of(obligation, period_from_key(obligation.clock, period), calendar)
