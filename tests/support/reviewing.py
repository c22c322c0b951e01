"""Takes a draft through its chain of review as people would, for tests that are about something else."""

from __future__ import annotations

from datetime import datetime

from obligations.orchestration.review.answers import APPROVE, SUBMIT, Answer
from obligations.orchestration.review.approving import answer_review, pass_optional
from obligations.orchestration.review.decisions import answer_completion
from obligations.orchestration.review.forms import Form, ask_completion, ask_review
from obligations.orchestration.review.progress import missing
from obligations.orchestration.runs.trace import drafted
from obligations.orchestration.work import Work
from obligations.words.reviews import Chain, Level, Step

WRITTEN = "已核对"


def step_of(chain: Chain, level: Level) -> Step:
    """Return the step of a level that the chain has."""
    return next(step for step in chain.steps if step.level is level)


def complete(work: Work, now: datetime, person: str = "drafter", **texts: str) -> Form | None:
    """Fill every open blank as ``person``; None where none was open."""
    if not drafted(work).open_blanks:
        return None
    form = ask_completion(work, now)
    fields = {blank.name: WRITTEN for blank in form.fields if blank.name != "comment"} | texts
    answer_completion(work, Answer(SUBMIT, fields, person, now), now)
    return form


def review(work: Work, now: datetime, person: str = "reviewer") -> None:
    """Approve every level that is still missing as ``person``."""
    for step in missing(work.chain, work.ledger.events(work.key, work.period), drafted(work).sha256):
        if not pass_optional(work, step, now):
            ask_review(work, step, now)
            answer_review(work, Answer(APPROVE, {}, person, now), step, now)


def complete_and_review(work: Work, now: datetime) -> None:
    """Fill the blanks and pass the whole chain."""
    complete(work, now)
    review(work, now)
