"""How far a version has come is read off the ledger alone: exactly its own approvals, until a return takes them back."""

from datetime import datetime

import pytest

from obligations.orchestration.review.progress import drafters, errors_left, standing
from obligations.orchestration.runs.trace import append
from obligations.orchestration.runs.trace import drafted as version_under_work
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 9, 29, 10, 0, tzinfo=SHANGHAI)
FIRST, SECOND = "a" * 64, "b" * 64


@pytest.fixture
def work(drafted):
    return drafted()


def say(work, kind, sha256=FIRST, level="终审", **facts):
    append(work, kind, NOW, {"sha256": sha256, "level": level, **facts}, person="reviewer")


def levels(work, sha256=FIRST):
    return list(standing(work.ledger.events(work.key, work.period), sha256))


def test_approvals_are_found_for_exactly_their_version(work):
    say(work, "approved", level="复审")
    say(work, "passed", level="指挥部审核")
    say(work, "approved")
    assert levels(work) == ["复审", "指挥部审核", "终审"]
    assert levels(work, SECOND) == []


def test_a_return_withdraws_the_approvals_given_to_that_version_before(work):
    say(work, "approved", level="复审")
    say(work, "returned", SECOND)
    assert levels(work) == ["复审"]
    say(work, "returned")
    assert levels(work) == []
    say(work, "approved")
    assert levels(work) == ["终审"]


def test_who_filled_or_handed_in_a_version_wrote_it_and_of_another_version_nobody(work):
    for state, person in (("generated", None), ("filled", "jia"), ("uploaded", "yi"), ("final", "bing")):
        append(work, "drafted", NOW, {"version": 7, "sha256": FIRST, "state": state}, person=person)
    events = work.ledger.events(work.key, work.period)
    assert drafters(events, 7) == {"jia", "yi"}
    assert drafters(events, 8) == frozenset()


def test_errors_stay_with_a_version_through_its_filling_until_they_are_answered_for(work):
    version = version_under_work(work)
    about = {"version": version.version, "sha256": FIRST}
    append(work, "drafted", NOW, {**about, "state": "uploaded", "errors": ["有误"]}, person="yi")
    append(work, "drafted", NOW, {**about, "state": "filled"}, person="yi")
    assert errors_left(work.ledger.events(work.key, work.period), version) == ("有误",)
    append(work, "overridden", NOW, {**about, "errors": ["有误"], "reason": "口径调整"}, person="leader")
    assert errors_left(work.ledger.events(work.key, work.period), version) == ()
