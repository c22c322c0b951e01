"""What people are asked, as Airflow tasks that wait without a worker: no default answer, no timeout, nobody's silence approves.

An answer that cannot be accepted is recorded and the same task asks again. Who may answer is resolved when the task
opens, and checked again, with everything else, when the answer comes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Context, Param
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowSkipException, TaskAwaitingInput
from airflow.sdk.execution_time.hitl import upsert_hitl_detail

from obligations.orchestration.review import approving, decisions, forms, progress
from obligations.orchestration.review.answers import (
    APPROVE,
    COMMENT,
    CONFIRM,
    ORAL_AT,
    ORAL_BY,
    OVERRIDE,
    POSTED,
    PROOF,
    RELEASE,
    RETURN,
    SUBMIT,
    Answer,
    AnswerRefused,
    read_answer,
)
from obligations.orchestration.review.assignees import assignees_of
from obligations.orchestration.runs import trace
from obligations.orchestration.runs.task_runs import skip
from obligations.orchestration.tasks.doors import now, open_work_of, told_to_airflow
from obligations.orchestration.work import Work
from obligations.publications.registry import kind as kind_named
from obligations.words.contacts import Role
from obligations.words.obligation import Obligation
from obligations.words.publication import Blank
from obligations.words.reviews import Chain, Step

RETURNED = "退回修改：本次运行结束，修改后的数据或稿件到达后开始新一版"
log = logging.getLogger(__name__)


class FormOperator(HITLOperator):
    """A form that a person answers.

    Args:
        obligation: whose occurrence it is about.
        options: the buttons; blanks: every field that the form may show.
    """

    roles: tuple[Role, ...] = ()
    """Who may answer; empty for everybody with Airflow's right to."""

    def __init__(self, *, obligation: Obligation, options: list[str], blanks: tuple[Blank, ...], **kwargs: Any) -> None:
        self.obligation = obligation
        self.blanks = blanks
        super().__init__(
            subject=obligation.title,
            options=options,
            params=_params(blanks),
            # Asked again rather than lost: an answer given within a scheduler loop of the question, or a worker that
            # dies while it reads one, fails the task in Airflow 3.3.2.
            retries=20,
            retry_delay=timedelta(seconds=1),
            **kwargs,
        )

    def needs_nobody(self, work: Work) -> bool:
        """Whether nothing is to be asked: not needed here, or in the ledger already because the task was interrupted."""
        raise NotImplementedError

    def form(self, work: Work) -> forms.Form:
        """Say what is asked."""
        raise NotImplementedError

    def accept(self, work: Work, answer: Answer) -> str:
        """Act on a well-formed answer and return its option; raises AnswerRefused."""
        raise NotImplementedError

    def execute(self, context: Context) -> None:
        """Ask, and park the task until someone answers."""
        with told_to_airflow(), open_work_of(self.obligation, context) as work:
            self._skip_if_returned(work)
            if self.needs_nobody(work):
                return
            form = self.form(work)
            self.assigned_users = assignees_of(work, self.roles, now())
        self._show(form)
        super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> None:
        """Read the answer; refuse and ask again, or act on it."""
        if "error" in event:
            self.process_trigger_event_error(event)
        # By name: the id that FabAuthManager gives is a number that the contacts do not know.
        person = (event.get("responded_by_user") or {}).get("name")
        with told_to_airflow(), open_work_of(self.obligation, context) as work:
            self._skip_if_returned(work)
            try:
                answer = read_answer(
                    event["chosen_options"], event["params_input"] or {}, person, event["responded_at"], self.blanks
                )
                option = self.accept(work, answer)
            except AnswerRefused as refused:
                log.warning("%s", refused)
                decisions.refuse(work, person, self.task_display_name, str(refused), now())
                form = self.form(work)
            else:
                if option == RETURN:
                    self._end_run()
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

    def _show(self, form: forms.Form) -> None:
        """Ask only for what this version still needs."""
        self.subject, self.body, self.params = form.subject, form.body, ParamsDict(_params(form.fields))

    def _skip_if_returned(self, work: Work) -> None:
        if trace.is_returned(work):
            self._end_run()  # whole, for the process that took the return in may have been killed before it came to this

    def _end_run(self) -> None:
        """Skip what follows, which ends this run."""
        raise AirflowSkipException(RETURNED)


def _params(blanks: Iterable[Blank]) -> dict[str, Param]:
    """Make form fields without a default: Airflow fails a task whose field has none, so nothing is null."""
    return {
        blank.name: Param(None, type=["null", "string"], title=blank.label, description=blank.label) for blank in blanks
    }


class CompleteOperator(FormOperator):
    """Asks the responsible department for what only a person can write; passes at once where nothing is open."""

    roles = (Role.RESPONSIBLE,)

    def __init__(self, *, obligation: Obligation, **kwargs: Any) -> None:
        blanks = (*kind_named(obligation.publication).blanks, COMMENT)
        super().__init__(obligation=obligation, options=[SUBMIT, RETURN], blanks=blanks, **kwargs)

    def needs_nobody(self, work: Work) -> bool:
        """Whether the version under work has no open blank, or is filled."""
        written = trace.drafted(work)
        return written.state == "filled" or not written.open_blanks

    def form(self, work: Work) -> forms.Form:
        """Ask for the blanks."""
        return forms.ask_completion(work, now())

    def accept(self, work: Work, answer: Answer) -> str:
        """Fill the blanks, or return the draft."""
        return decisions.answer_completion(work, answer, now())


class ReviewOperator(FormOperator):
    """One level of the review: approves the version under review, or returns it for correction.

    Args:
        chain: the levels its drafts pass; step: this one; beside: task ids of the levels answered in parallel.
    """

    def __init__(
        self, *, obligation: Obligation, chain: Chain, step: Step, beside: Sequence[str] = (), **kwargs: Any
    ) -> None:
        self.step = step
        self.beside = list(beside)
        self.roles = step.answered_by + (approving.ENTERED_BY if chain.oral else ())
        blanks = (COMMENT, OVERRIDE, *((ORAL_BY, ORAL_AT) if chain.oral else ()))
        super().__init__(obligation=obligation, options=[APPROVE, RETURN], blanks=blanks, **kwargs)

    def needs_nobody(self, work: Work) -> bool:
        """Whether this version has passed the level, or nobody holds it and it is optional."""
        events = work.ledger.events(work.key, work.period)
        if self.step.level.label in progress.standing(events, trace.drafted(work).sha256):
            return True
        return approving.pass_optional(work, self.step, now())

    def form(self, work: Work) -> forms.Form:
        """Show the draft and its derivation."""
        return forms.ask_review(work, self.step, now())

    def accept(self, work: Work, answer: Answer) -> str:
        """Approve, or return: then the remaining steps are skipped and this run ends."""
        return approving.answer_review(work, answer, self.step, now())

    def _end_run(self) -> None:
        if self.beside:
            skip(self.beside)  # who is asked beside this level need not answer any more
        super()._end_run()


class ReleaseOperator(FormOperator):
    """Asks the 政务公开办 before its own site makes a version public; passes at once on any other channel."""

    roles = (Role.OFFICE,)

    def __init__(self, *, obligation: Obligation, **kwargs: Any) -> None:
        super().__init__(obligation=obligation, options=[RELEASE, RETURN], blanks=(COMMENT,), **kwargs)

    def needs_nobody(self, work: Work) -> bool:
        """Whether the office has nothing to check, or has."""
        return not decisions.needs_release(work)

    def form(self, work: Work) -> forms.Form:
        """Show the approved version."""
        return forms.ask_release(work, now())

    def accept(self, work: Work, answer: Answer) -> str:
        """Release it, or return it."""
        return decisions.answer_release(work, answer, now())


class PostOperator(FormOperator):
    """Asks for the address where somebody put the version on the official site; passes at once where a channel did."""

    roles = (Role.RESPONSIBLE, Role.OFFICE)

    def __init__(self, *, obligation: Obligation, **kwargs: Any) -> None:
        super().__init__(obligation=obligation, options=[CONFIRM], blanks=POSTED, **kwargs)

    def needs_nobody(self, work: Work) -> bool:
        """Whether the ledger holds an address of the approved version."""
        from obligations.orchestration.publication.posting import is_posted  # parsing DAGs must load none of it

        return is_posted(work)

    def form(self, work: Work) -> forms.Form:
        """Say what to post and where."""
        from obligations.orchestration.publication.posting import ask_post

        return ask_post(work, now())

    def accept(self, work: Work, answer: Answer) -> str:
        """Enter the address under the person's name."""
        from obligations.orchestration.publication.posting import answer_post

        decisions.require_role(work, answer, self.roles, "登记发布网址")
        answer_post(work, answer, now())
        return answer.option


class ConfirmOperator(FormOperator):
    """Asks for the proof that something was held, submitted or completed."""

    roles = (Role.RESPONSIBLE, Role.OFFICE)

    def __init__(self, *, obligation: Obligation, **kwargs: Any) -> None:
        super().__init__(obligation=obligation, options=[CONFIRM], blanks=PROOF[obligation.fulfilment], **kwargs)

    def needs_nobody(self, work: Work) -> bool:
        """Whether the proof is in the ledger."""
        return trace.is_closed(work)

    def form(self, work: Work) -> forms.Form:
        """Ask for time, place and record."""
        return forms.ask_proof(work, now())

    def accept(self, work: Work, answer: Answer) -> str:
        """Record the proof under the person's name."""
        decisions.require_role(work, answer, self.roles, "登记办理结果")
        decisions.answer_proof(work, answer, self.obligation.fulfilment, now())
        return answer.option
