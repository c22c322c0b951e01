"""Which happenings of an occurrence still stand: a review asked for and not answered, bad data not yet corrected. Pure.

Only these reach a tier, and only while they stand is it worth sending:

- ``review_requested`` until it is approved (each level has its own request) or returned, or its run ends or is replaced;
- ``returned`` until data arrive or a version is drafted or sent for review;
- ``bad_input`` until data arrive, a version is drafted, or the next bad delivery takes its place;
- ``failed`` until a run opens, anything goes on, or the next failure takes its place; a run that fails because of bad
  input or a return is not a failure of its own;
- ``rebound`` and ``extended`` until the dates move again;
- ``feedback_opened`` and ``objected`` (反馈核实) until the round is settled, which counts as data, or a version is drafted.
"""

from __future__ import annotations

from collections.abc import Iterable

from obligations.words.notices import Happening

_ENDS: dict[str, frozenset[str]] = {
    "opened": frozenset({"review_requested", "failed"}),
    "data_arrived": frozenset({"returned", "bad_input", "failed", "feedback_opened", "objected"}),
    "drafted": frozenset({"review_requested", "returned", "bad_input", "failed", "feedback_opened", "objected"}),
    "review_requested": frozenset({"review_requested", "returned", "bad_input", "failed"}),
    "approved": frozenset({"review_requested", "failed"}),
    "published": frozenset({"review_requested", "failed"}),
    "returned": frozenset({"review_requested", "returned"}),
    "bad_input": frozenset({"bad_input", "failed"}),
    "failed": frozenset({"review_requested", "failed"}),
    "rebound": frozenset({"rebound", "extended"}),
    "extended": frozenset({"rebound", "extended"}),
    "resumed": frozenset({"rebound", "extended"}),
}
_STANDING = {
    "review_requested", "returned", "bad_input", "failed", "rebound", "extended", "feedback_opened", "objected",
}  # fmt: skip
_TELLING = {"bad_input", "returned"}  # what a run fails of, and people are told as such
_GOING_ON = {"opened", "waiting", "data_arrived", "drafted", "review_requested", "approved", "published"}


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
        found = [earlier for earlier in found if earlier.kind not in ended]
        if event.kind in _STANDING:
            found.append(event)
    return tuple(found)
