"""Lets the sweep run at once after somebody has handed something in, so that nobody waits ten minutes for the next version."""

from __future__ import annotations

import logging

from airflow.api.common.trigger_dag import trigger_dag
from airflow.models import DagRun
from airflow.sdk.exceptions import AirflowException
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

SWEEP = "sweep"
log = logging.getLogger(__name__)


def wake_sweep(session: Session) -> bool:
    """Queue a run of the sweep; one that is queued already is enough.

    False where Airflow cannot now (no such DAG yet, a busy database): the next pass comes by itself, and what was handed
    in is safe in the ledger.
    """
    queued = select(DagRun.id).where(DagRun.dag_id == SWEEP, DagRun.state == DagRunState.QUEUED).limit(1)
    try:
        if session.scalar(queued) is None:
            trigger_dag(dag_id=SWEEP, triggered_by=DagRunTriggeredByType.REST_API, session=session)
        session.commit()
    except (AirflowException, SQLAlchemyError) as error:
        session.rollback()  # else whoever commits it next fails, though what was handed in is taken
        log.warning("the sweep was not woken: %s", type(error).__name__)
        return False
    return True
