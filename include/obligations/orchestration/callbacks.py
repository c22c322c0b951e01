"""What Airflow's deadline alerts call in the triggerer: wake up, look at the one occurrence, let the ledger decide.

Never raises and returns nothing: anything else ends the whole triggerer in Airflow 3.3.2. Deliveries repeat, so the act
is the sweep's own, idempotent, in a thread. 200 deadlines may fall on one midnight: they are marked side by side, but one
of them sends at a time, so that what the others have queued meanwhile goes out in the same letters.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from obligations.orchestration.runs.periods import period_of
from obligations.orchestration.settings import Settings
from obligations.words.times import SHANGHAI

log = logging.getLogger(__name__)
_SENDING: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def on_deadline(key: str, limit: str, context: dict[str, Any] | None = None, **_: Any) -> None:
    """Handle one deadline of obligation ``key``; ``limit`` says in the log which moment it was."""
    try:
        run = (context or {}).get("dag_run") or {}
        await asyncio.to_thread(_mark, key, limit, run)
        async with _SENDING.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            await asyncio.to_thread(_send)
    except Exception:
        log.exception("deadline %s of %s was not handled; the next sweep will", limit, key)


def _mark(key: str, limit: str, run: dict[str, Any]) -> None:
    # Every parse and every task start imports this module, because the deadlines name it: they shall load no sweep.
    from obligations.orchestration.sweep.measuring import count_report
    from obligations.orchestration.sweep.sweeping import look_at

    served = SimpleNamespace(
        run_id=str(run.get("dag_run_id") or ""), partition_key=run.get("partition_key"), conf=run.get("conf")
    )
    period = period_of(served)
    report = look_at(Settings.from_environment(), key, period, datetime.now(SHANGHAI))
    log.info("%s of %s %s: %d missed, %d queued", limit, key, period, len(report.missed), len(report.queued))
    count_report(report)


def _send() -> None:
    from obligations.orchestration.notices.channels import transports_of
    from obligations.orchestration.sweep.measuring import count_report
    from obligations.orchestration.sweep.sweeping import send_urgent

    settings = Settings.from_environment()
    count_report(send_urgent(settings, datetime.now(SHANGHAI), transports_of(settings)))
