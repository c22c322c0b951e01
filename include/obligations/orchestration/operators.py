"""Airflow tasks of an obligation's DAG: each opens the work, calls one step of ``route`` and says what Airflow must know.

The clock is read here, once a task. Nothing is decided here and nothing is passed between tasks: state is the ledger's.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import BaseOperator, Context, ObjectStoragePath, Param
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, TaskAwaitingInput
from airflow.sdk.execution_time.hitl import upsert_hitl_detail

from obligations.orchestration import decisions, forms, route, trace
from obligations.orchestration.answers import (
    APPROVE,
    COMMENT,
    CONFIRM,
    PROOF,
    RETURN,
    Answer,
    AnswerRefused,
    read_answer,
)
from obligations.orchestration.arrival import SourceArrival
from obligations.orchestration.claims import Superseded
from obligations.orchestration.connections import engine_for
from obligations.orchestration.feedback_over import FeedbackOver
from obligations.orchestration.periods_of_runs import period_of
from obligations.orchestration.settings import Settings
from obligations.orchestration.work import Work, open_work
from obligations.publications.registry import kind as kind_named
from obligations.steps.gather import Sources
from obligations.words.errors import ObligationsError, SourceNotReady
from obligations.words.obligation import Obligation
from obligations.words.publication import Blank
from obligations.words.times import SHANGHAI

RETURNED = "退回修改：本次运行结束，修改后的数据或稿件到达后开始新一版"
log = logging.getLogger(__name__)


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
    except ObligationsError as error:
        raise AirflowFailException(str(error)) from None


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


class FormOperator(HITLOperator):
    """A form that a person answers; an answer that cannot be accepted is recorded and the same task asks again.

    There is no default answer and no timeout: nobody's silence approves anything.
    """

    def __init__(self, *, obligation: Obligation, options: list[str], blanks: tuple[Blank, ...], **kwargs: Any) -> None:
        self.obligation = obligation
        self.blanks = blanks
        super().__init__(
            subject=obligation.title,
            options=options,
            params=_params(blanks),
            # Asked again rather than lost: an answer given within a scheduler loop of the question, or a worker that
            # dies while it reads one, fails the task in Airflow 3.3.2.
            retries=5,
            retry_delay=timedelta(seconds=1),
            **kwargs,
        )

    def form(self, work: Work) -> forms.Form:
        """Say what is asked."""
        raise NotImplementedError

    def is_answered(self, work: Work) -> bool:
        """Whether the ledger holds the answer already: this task was interrupted after it had acted on it."""
        raise NotImplementedError

    def accept(self, work: Work, answer: Answer) -> None:
        """Act on a well-formed answer; raises AnswerRefused."""
        raise NotImplementedError

    def execute(self, context: Context) -> None:
        """Ask, and park the task until someone answers."""
        with told_to_airflow(), open_work_of(self.obligation, context) as work:
            if self.is_answered(work):
                return
            form = self.form(work)
        self._show(form)
        super().execute(context)

    def _show(self, form: forms.Form) -> None:
        """Ask only for what this version still needs."""
        self.subject, self.body, self.params = form.subject, form.body, ParamsDict(_params(form.fields))

    def execute_complete(self, context: Context, event: dict[str, Any]) -> None:
        """Read the answer; refuse and ask again, or act on it."""
        if "error" in event:
            self.process_trigger_event_error(event)
        person = (event.get("responded_by_user") or {}).get("id")
        with told_to_airflow(), open_work_of(self.obligation, context) as work:
            try:
                answer = read_answer(
                    event["chosen_options"], event["params_input"] or {}, person, event["responded_at"], self.blanks
                )
                self.accept(work, answer)
            except AnswerRefused as refused:
                log.warning("%s", refused)
                decisions.refuse(work, person, str(refused), now())
                form = self.form(work)
            else:
                return
        # The same task waits again: the request is written anew, which clears the refused answer.
        self._show(form)
        upsert_hitl_detail(
            ti_id=context["task_instance"].id,
            options=self.options,
            subject=self.subject,
            body=self.body,
            params=self.serialized_params,
        )
        raise TaskAwaitingInput(method_name="execute_complete", timeout=None)


def _params(blanks: Iterable[Blank]) -> dict[str, Param]:
    """Make form fields without a default: Airflow fails a task whose field has none, so nothing is null."""
    return {
        blank.name: Param(None, type=["null", "string"], title=blank.label, description=blank.label) for blank in blanks
    }


class ReviewOperator(FormOperator):
    """Shows the draft; approves it with the blanks filled, or returns it for correction."""

    def __init__(self, *, obligation: Obligation, **kwargs: Any) -> None:
        blanks = (*kind_named(obligation.publication).blanks, COMMENT)
        super().__init__(obligation=obligation, options=[APPROVE, RETURN], blanks=blanks, **kwargs)

    def form(self, work: Work) -> forms.Form:
        """Show the draft and its derivation."""
        return forms.ask_review(work, now())

    def is_answered(self, work: Work) -> bool:
        """Whether this version is approved; a returned one ends the run again."""
        if trace.is_returned(work):
            raise AirflowSkipException(RETURNED)
        return trace.is_approved(work)

    def accept(self, work: Work, answer: Answer) -> None:
        """Approve, or return: then the remaining steps are skipped and this run ends."""
        if decisions.answer_review(work, answer, now()) == RETURN:
            raise AirflowSkipException(RETURNED)


class PublishOperator(StepOperator):
    """Puts the approved version at its place; trusts the ledger's approval, never a task's state."""

    def act(self, work: Work) -> None:
        """Publish once, however often it runs."""
        route.publish(work, ObjectStoragePath(work.settings.package_root), now())


class ConfirmOperator(FormOperator):
    """Asks for the proof that something was held, submitted or completed."""

    def __init__(self, *, obligation: Obligation, **kwargs: Any) -> None:
        super().__init__(obligation=obligation, options=[CONFIRM], blanks=PROOF[obligation.fulfilment], **kwargs)

    def form(self, work: Work) -> forms.Form:
        """Ask for time, place and record."""
        return forms.ask_proof(work, now())

    def is_answered(self, work: Work) -> bool:
        """Whether the proof is in the ledger."""
        return trace.is_closed(work)

    def accept(self, work: Work, answer: Answer) -> None:
        """Record the proof under the person's name."""
        decisions.answer_proof(work, answer, self.obligation.fulfilment, now())


class VerifyOperator(StepOperator):
    """Proves what was published by reading it back; never publishes."""

    def act(self, work: Work) -> None:
        """Verify."""
        route.verify(work, ObjectStoragePath(work.settings.package_root), now())


class RecordOperator(StepOperator):
    """Closes the run in the ledger, whatever happened before, and fails it unless the occurrence is met.

    The ledger comes first, then Airflow is told the truth: a green run would delete its deadline.
    """

    def __init__(self, *, obligation: Obligation, **kwargs: Any) -> None:
        super().__init__(obligation=obligation, trigger_rule="all_done", **kwargs)

    def act(self, work: Work) -> None:
        """Record."""
        route.record(work, now())
