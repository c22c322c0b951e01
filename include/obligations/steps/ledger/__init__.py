"""The ledger: occurrences and their append-only, hash-chained events, on SQLite and PostgreSQL alike.

Here are storage, reading and proof. Deciding what is due (``rules``), who is told (the notices) and when a pass over
everything runs (the sweep) do not belong here.
"""

from obligations.steps.ledger.acts import Act, Acted, act_many, queue_alarm
from obligations.steps.ledger.engine import migrate
from obligations.steps.ledger.events import EventKind, LedgerEvent, NewEvent
from obligations.steps.ledger.expecting import Expected
from obligations.steps.ledger.ledger import Ledger, open_ledger
from obligations.steps.ledger.messages import Waiting
from obligations.steps.ledger.outbox import Outbox
from obligations.steps.ledger.products import Draft, DraftState, RegisteredPublication
from obligations.steps.ledger.projection import OccurrenceRow
from obligations.steps.ledger.purging import PurgedFile, Tombstone, purge, tombstones
from obligations.steps.ledger.reading import LedgerRow
from obligations.steps.ledger.reported import LevelReport, ReportOutcome
from obligations.steps.ledger.stages import Stage
from obligations.steps.ledger.sweeps import RESTING, SweepRecord, Sweeps
from obligations.steps.ledger.timing import OFFICE_HOURS, OfficeHours
from obligations.steps.ledger.verify import verify_ledger

__all__ = [
    "OFFICE_HOURS",
    "RESTING",
    "Act",
    "Acted",
    "Draft",
    "DraftState",
    "EventKind",
    "Expected",
    "Ledger",
    "LedgerEvent",
    "LedgerRow",
    "LevelReport",
    "NewEvent",
    "OccurrenceRow",
    "OfficeHours",
    "Outbox",
    "PurgedFile",
    "RegisteredPublication",
    "ReportOutcome",
    "Stage",
    "SweepRecord",
    "Sweeps",
    "Tombstone",
    "Waiting",
    "act_many",
    "migrate",
    "open_ledger",
    "purge",
    "queue_alarm",
    "tombstones",
    "verify_ledger",
]
