"""What Airflow's deadline alerts call in the triggerer: wake up, look at the one occurrence, let the ledger decide.

Never raises and returns nothing: anything else ends the whole triggerer in Airflow 3.3.2. Deliveries repeat, so the
act is idempotent.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from obligations.orchestration.periods_of_runs import period_of
from obligations.orchestration.route import mark_missed
from obligations.orchestration.settings import Settings
from obligations.orchestration.work import open_work
from obligations.rules.catalogue import load_one
from obligations.words.times import SHANGHAI

log = logging.getLogger(__name__)


async def on_deadline(key: str, limit: str, context: dict[str, Any] | None = None, **_: Any) -> None:
    """Handle one deadline of obligation ``key``; ``limit`` is ``draft_by`` or ``due_at``."""
    try:
        run = (context or {}).get("dag_run") or {}
        await asyncio.to_thread(_handle, key, limit, run, datetime.now(SHANGHAI))
    except Exception:
        log.exception("deadline %s of %s was not handled; the next look at the ledger will", limit, key)


def _handle(key: str, limit: str, run: dict[str, Any], now: datetime) -> None:
    run_id = str(run.get("dag_run_id") or "")
    served = SimpleNamespace(run_id=run_id, partition_key=run.get("partition_key"), conf=run.get("conf"))
    settings = Settings.from_environment()
    with open_work(settings, load_one(settings.catalogue, key), period_of(served), run_id) as work:
        if limit == "due_at":
            mark_missed(work, now)
        else:
            log.warning("%s %s passed its internal limit for the draft", key, work.period)
