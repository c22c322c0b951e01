"""What the door resolved for gathering, and the one question that is asked again and again: has the source arrived?

Only reads. Checking and keeping what arrived is ``gather``; who asks, and how often, is the waiting trigger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from obligations.rules.periods import period_from_key
from obligations.steps.gather.extract import require_over
from obligations.steps.gather.inbox import find
from obligations.steps.gather.query import require_rows
from obligations.words.errors import BadInput, SourceNotReady
from obligations.words.obligation import Obligation
from obligations.words.sources import InboxSource, LedgerSource, SqlSource


@dataclass(frozen=True, slots=True)
class Sources:
    """Where this installation reads from and keeps what it read.

    Attributes:
        inbox: root of the folders in which departments drop files.
        store: root of what is kept; raw inputs lie under ``inputs/``, named by their SHA-256.
        quarantine: root of refused inputs.
        engine_for: connection id → SQLAlchemy engine; called only for database sources. Who made the engine closes it.
    """

    inbox: Path
    store: Path
    quarantine: Path
    engine_for: Callable[[str], Engine]


def what_is_missing(obligation: Obligation, period: str, sources: Sources, now: datetime) -> str | None:
    """Return one Chinese sentence on what has not arrived for the period key, or None when ``gather`` can begin.

    Input that ``gather`` would refuse has arrived. Raises CatalogueFault or UnusableInput where waiting is no use.
    """
    source = obligation.source
    try:
        if isinstance(source, InboxSource):
            find(obligation, source, period, sources.inbox, now)
        elif isinstance(source, SqlSource):
            require_rows(obligation, source, period, sources.engine_for(source.connection))
        elif isinstance(source, LedgerSource):
            require_over(period_from_key(obligation.clock, period), now)
    except SourceNotReady as missing:
        return str(missing)
    except BadInput:
        return None
    return None
