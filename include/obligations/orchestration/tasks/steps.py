"""The steps of an obligation's DAG as Airflow tasks.

The clock is read once a task. Nothing is decided here and nothing is passed between tasks: state is the ledger's.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from airflow.sdk import BaseOperator, Context

from obligations.orchestration import route
from obligations.orchestration.accountability.feedback_over import FeedbackOver
from obligations.orchestration.review import forms
from obligations.orchestration.runs.claims import require_claim
from obligations.orchestration.sources.arrival import SourceArrival
from obligations.orchestration.sources.connections import engine_for
from obligations.orchestration.tasks.doors import now, open_work_of, told_to_airflow
from obligations.orchestration.work import Work
from obligations.steps.gather import Sources
from obligations.words.errors import SourceNotReady
from obligations.words.obligation import Obligation

log = logging.getLogger(__name__)


class StepOperator(BaseOperator):
    """One step of one obligation."""

    def __init__(self, *, obligation: Obligation, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.obligation = obligation

    def act(self, work: Work) -> None:
        """Do the step."""
        raise NotImplementedError

    def execute(self, context: Context) -> None:
        """Open the work and do the step."""
        with told_to_airflow(), open_work_of(self.obligation, context) as work:
            self.act(work)


class GatherOperator(StepOperator):
    """Fetches the source data, waiting without a worker until they are there."""

    def act(self, work: Work) -> None:
        """Gather, or defer until the source may have arrived."""
        settings = work.settings
        try:
            route.gather(work, Sources(settings.inbox, settings.store, settings.quarantine, engine_for), now())
        except SourceNotReady as waiting:
            log.info("%s", waiting)
            self.defer(trigger=SourceArrival(key=work.key, period=work.period), method_name="resume")

    def resume(self, context: Context, event: Any = None) -> None:  # noqa: ARG002 - Airflow's signature
        """Look again after the trigger fired; it may have fired for a file that is still being written."""
        self.execute(context)


class FeedbackOperator(StepOperator):
    """Lets departments check their own figures before the draft, waiting without a worker until the round is over."""

    def act(self, work: Work) -> None:
        """Open the round, or settle it; defer while it runs."""
        settings = work.settings
        try:
            route.feedback(work, Sources(settings.inbox, settings.store, settings.quarantine, engine_for), now())
        except SourceNotReady as waiting:
            log.info("%s；页面：%s", waiting, forms.feedback_address(work))
            self.defer(trigger=FeedbackOver(key=work.key, period=work.period), method_name="resume")

    def resume(self, context: Context, event: Any = None) -> None:  # noqa: ARG002 - Airflow's signature
        """Look again after the trigger fired."""
        self.execute(context)


class DraftOperator(StepOperator):
    """Renders the draft of this version."""

    def act(self, work: Work) -> None:
        """Draft from what gather kept."""
        route.draft(work, now())


class PublishOperator(StepOperator):
    """Takes the approved version to the public; trusts the ledger's approvals, never a task's state.

    While the channel is down it is tried again, for two days: every channel knows a version it was given already.
    """

    def __init__(self, *, obligation: Obligation, **kwargs: Any) -> None:
        super().__init__(
            obligation=obligation,
            retries=100,
            retry_delay=timedelta(seconds=15),
            retry_exponential_backoff=True,
            max_retry_delay=timedelta(minutes=30),
            execution_timeout=timedelta(minutes=10),  # a site may answer a drop at a time
            **kwargs,
        )

    def act(self, work: Work) -> None:
        """Publish once, however often it runs."""
        route.publish(work, now())


class VerifyOperator(StepOperator):
    """Proves that what was published is public, waiting without a worker while it cannot be seen; never publishes."""

    def act(self, work: Work) -> None:
        """Look, and defer while there is nothing to be seen yet."""
        from obligations.orchestration.publication.looking import looker
        from obligations.orchestration.publication.sighting import PageSighted

        evidence = route.verify(work, looker(work.settings), now())
        if evidence is not None and evidence.fulfilled_at is None:
            log.info("%s；继续核验", evidence.method)
            self.defer(trigger=PageSighted(key=work.key, period=work.period), method_name="resume")

    def resume(self, context: Context, event: Any = None) -> None:  # noqa: ARG002 - Airflow's signature
        """Look a last time: it was proven meanwhile, or patience has ended and it stays 待核验."""
        from obligations.orchestration.publication.looking import looker
        from obligations.orchestration.publication.proving import require_proven

        with told_to_airflow(), open_work_of(self.obligation, context) as work:
            require_claim(work)
            require_proven(work, looker(work.settings), now())


class RecordOperator(StepOperator):
    """Closes the run in the ledger, whatever happened before, and fails it unless the occurrence is met.

    The ledger comes first, then Airflow is told the truth: a green run would delete its deadline.
    """

    def __init__(self, *, obligation: Obligation, **kwargs: Any) -> None:
        super().__init__(obligation=obligation, trigger_rule="all_done", **kwargs)

    def act(self, work: Work) -> None:
        """Record."""
        route.record(work, now())
