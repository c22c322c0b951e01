"""Which happenings of an occurrence still stand: a review asked for and not answered, bad data not yet corrected. Pure.

Only these reach a tier, and only while they stand is it worth sending:

- ``review_requested`` until its level approves (each level has its own request, parallel ones beside one another) or any
  returns, or its run ends or is replaced;
- ``completion_requested`` (完善稿件) until a version is drafted or returned, or its run ends;
- ``release_requested`` (发布前核验) until it is released or returned, or its run ends;
- ``answer_refused`` (办理未被接受) until the form gets an answer that stands, or the next refusal takes its place;
- ``returned`` until data arrive or a version is drafted or sent for review;
- ``bad_input`` until data arrive, a version is drafted, or the next bad delivery takes its place;
- ``failed`` until a run opens, anything goes on, or the next failure takes its place; a run that fails because of bad
  input, a return or a page that could not be verified is not a failure of its own;
- ``rebound`` and ``extended`` until the dates move again;
- ``page_changed`` until the page changes again or is withdrawn;
- ``feedback_opened`` and ``objected`` (反馈核实) until the round is settled, which counts as data, or a version is drafted.
"""

from __future__ import annotations

from collections.abc import Iterable

from obligations.words.notices import Happening

_FORMS = {"completion_requested", "review_requested", "release_requested", "answer_refused"}
_ENDS: dict[str, frozenset[str]] = {
    "opened": frozenset({*_FORMS, "failed"}),
    "data_arrived": frozenset({"returned", "bad_input", "failed", "feedback_opened", "objected"}),
    "drafted": frozenset({*_FORMS, "returned", "bad_input", "failed", "feedback_opened", "objected"}),
    "completion_requested": frozenset({"completion_requested", "returned", "bad_input", "failed"}),
    "review_requested": frozenset({"review_requested", "completion_requested", "returned", "bad_input", "failed"}),
    "approved": frozenset({"review_requested", "answer_refused", "failed"}),
    "passed": frozenset({"review_requested", "failed"}),
    "released": frozenset({"release_requested", "answer_refused", "failed"}),
    "answer_refused": frozenset({"answer_refused"}),
    "published": frozenset({*_FORMS, "failed"}),
    "held": frozenset({*_FORMS, "failed"}),
    "submitted": frozenset({*_FORMS, "failed"}),
    "completed": frozenset({*_FORMS, "failed"}),
    "returned": frozenset({*_FORMS, "returned"}),
    "replaced": frozenset({*_FORMS, "returned"}),  # an uploaded file took the version's place
    "bad_input": frozenset({"bad_input", "failed"}),
    "failed": frozenset({*_FORMS, "failed"}),
    "page_changed": frozenset({"page_changed"}),
    "withdrawn": frozenset({"page_changed"}),
    "rebound": frozenset({"rebound", "extended"}),
    "extended": frozenset({"rebound", "extended"}),
    "resumed": frozenset({"rebound", "extended"}),
}
_STANDING = {
    "completion_requested", "review_requested", "release_requested", "answer_refused", "returned", "bad_input", "failed",
    "rebound", "extended", "feedback_opened", "objected", "page_changed",
}  # fmt: skip
_TELLING = {"bad_input", "returned", "looked"}  # what a run fails of, and people are told as such
_GOING_ON = {
    "opened", "waiting", "data_arrived", "drafted", "completion_requested", "review_requested", "approved", "published",
}  # fmt: skip
_OF_ONE_LEVEL = {"review_requested", "approved", "passed"}


def standing(events: Iterable[Happening]) -> tuple[Happening, ...]:
    """Return those of an occurrence's events, given oldest first, that still stand; other kinds may be among them."""
    found: list[Happening] = []
    explained = False
    for event in events:
        if event.kind == "failed" and explained:
            continue
        if event.kind in _TELLING:
            explained = True
        elif event.kind in _GOING_ON:
            explained = False
        ended = _ENDS.get(event.kind, frozenset())
        found = [earlier for earlier in found if earlier.kind not in ended or _is_of_another_level(event, earlier)]
        if event.kind in _STANDING:
            found.append(event)
    return tuple(found)


def _is_of_another_level(event: Happening, earlier: Happening) -> bool:
    """Whether both are about a level of the review, and not the same: parallel levels do not end one another."""
    if event.kind not in _OF_ONE_LEVEL or earlier.kind != "review_requested":
        return False
    levels = {event.facts.get("level"), earlier.facts.get("level")}
    return len(levels) == 2 and None not in levels
