"""What every task begins with: the clock, the work of its own run, and how an error is told to Airflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from obligations.orchestration.runs.claims import Superseded
from obligations.orchestration.runs.periods import period_of
from obligations.orchestration.settings import Settings
from obligations.orchestration.work import Work, open_work
from obligations.words.errors import ChannelDown, ObligationsError
from obligations.words.obligation import Obligation
from obligations.words.times import SHANGHAI

TRIED_AGAIN: Mapping[str, Any] = {"retries": 5, "retry_delay": timedelta(seconds=10)}
"""Arguments of a task that takes in what a person said: whoever said it does not come back if its process was killed.

Registering again what was registered changes nothing, and what is wrong with it fails at once, whatever is left to try.
"""


def now() -> datetime:
    """Read the clock; the steps never do."""
    return datetime.now(SHANGHAI)


def open_work_of(obligation: Obligation, context: Mapping[str, Any]) -> AbstractContextManager[Work]:
    """Open the work of the task's own run."""
    run = context["dag_run"]
    return open_work(Settings.from_environment(), obligation, period_of(run), run.run_id)


@contextmanager
def told_to_airflow() -> Iterator[None]:
    """Skip a run that has nothing to do, visibly; fail at once, in Chinese, what trying again cannot mend."""
    try:
        yield
    except Superseded as superseded:
        raise AirflowSkipException(str(superseded)) from None
    except ChannelDown:
        raise  # Airflow tries again
    except ObligationsError as error:
        raise AirflowFailException(str(error)) from None
