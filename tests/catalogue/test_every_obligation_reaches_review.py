"""Every obligation of the catalogue is taken from its source to the review; those that are internal to their proof."""

from __future__ import annotations

from datetime import timedelta

import pytest

from obligations.orchestration import route
from obligations.orchestration.dags import build_dag
from obligations.orchestration.publication.looking import looker
from obligations.publications import registry
from obligations.words.errors import NotApproved, NotPublishable
from obligations.words.obligation import Duty

NEVER_PUBLIC = {Duty.REPORT_UP, Duty.INTERNAL, Duty.BUILD}
SOON = timedelta(minutes=5)


def test_it_reaches_the_review_and_is_not_public_by_itself(obligation, office):
    work = office.work(obligation)
    office.deliver(obligation, work.period)
    now = work.occurrence.opens_at + SOON
    form = office.to_review(work, now)
    assert form.subject.startswith(f"{work.chain.steps[0].level.label}：")
    assert work.ledger.occurrence(work.key, work.period).stage == "review"
    with pytest.raises(NotApproved if obligation.may_reach_the_public else NotPublishable):
        route.publish(work, now)


def test_internal_duties_and_check_sheets_have_no_way_to_the_public(obligation, office):
    is_internal = obligation.duty in NEVER_PUBLIC or registry.kind(obligation.publication).survey is not None
    assert not (is_internal and obligation.may_reach_the_public)
    tasks = set(build_dag(obligation, office.settings).task_ids)
    assert ("publish" in tasks) == obligation.may_reach_the_public
    assert ("confirm" in tasks) == (obligation.fulfilment != "published")
    if is_internal:
        assert obligation.fulfilment in {"submitted", "completed", "held"}


def test_approved_and_proved_it_is_closed_and_nothing_was_published(internal, office):
    work = office.work(internal, event_id="proved")
    office.deliver(internal, work.period)
    now = work.occurrence.opens_at + SOON
    office.to_review(work, now)
    office.approve(work, now)
    with pytest.raises(NotPublishable, match="不得通过公开渠道发布"):
        route.publish(work, now)
    office.prove(work, now)
    assert route.verify(work, looker(work.settings), now) is None
    route.record(work, now)
    assert work.ledger.occurrence(work.key, work.period).stage_label in {"已报送", "已办结", "已召开"}
    assert not (office.settings.home / "packages" / internal.key).exists()
