"""Looks again at what was published: says when a page is gone, altered or restored, once a change. Never publishes.

Politely: one page of a host at a time, with a pause between rounds. A change counts only when a second look agrees with
the first. A site that refuses robots or cannot be reached says nothing, and what was said before stands. People are
told by the next sweep, from the event.
"""

from __future__ import annotations

import logging
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from obligations.orchestration.publication.looking import approved_version
from obligations.steps.ledger import EventKind, Ledger
from obligations.steps.ledger.events import digest
from obligations.steps.ledger.published_pages import PublishedPage, pages_published_since
from obligations.steps.verify.addresses import web_host
from obligations.words.errors import UnusableInput
from obligations.words.sights import Look, Sight

WATCHED = timedelta(days=400)
"""A yearly publication is looked at until the next one is out."""
PAUSE_SECONDS = 5.0
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Watched:
    """What one round over all pages came to.

    Attributes:
        looked: how many pages were looked at; changed: (key, period, address, state) of each change.
        silent: addresses whose site refused, could not be reached or could not be read.
        skipped: why a page could not be compared.
    """

    looked: int = 0
    changed: list[tuple[str, str, str, str]] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Return how many of each, for the log of a task."""
        return {
            "looked": self.looked,
            "changed": len(self.changed),
            "silent": len(self.silent),
            "skipped": len(self.skipped),
        }


def watch(ledger: Ledger, look: Look, clock: Callable[[], datetime], rest: Callable[[float], None]) -> Watched:
    """Look once at every page that was published within the last 400 days and proven; ``rest`` pauses for seconds."""
    done = Watched()
    pages = [page for page in pages_published_since(ledger, clock() - WATCHED) if web_host(page.address)]
    for number, round_ in enumerate(_rounds(pages)):
        if number:
            rest(PAUSE_SECONDS)
        for page in round_:
            try:
                _look_at(ledger, page, look, clock, rest, done)
            except Exception:
                # One page must not keep the others from being looked at; the next day's round tries again.
                log.exception("%s %s %s was not looked at", page.key, page.period, page.address)
                done.skipped.append(f"{page.address} 没有看成，见运行日志")
    return done


def _rounds(pages: Iterable[PublishedPage]) -> Iterator[list[PublishedPage]]:
    """Yield the pages in rounds that hold no two of one host."""
    by_host: dict[str, deque[PublishedPage]] = defaultdict(deque)
    for page in pages:
        by_host[web_host(page.address) or ""].append(page)
    while waiting := [queue for queue in by_host.values() if queue]:
        yield [queue.popleft() for queue in waiting]


def _look_at(
    ledger: Ledger,
    page: PublishedPage,
    look: Look,
    clock: Callable[[], datetime],
    rest: Callable[[float], None],
    done: Watched,
) -> None:
    try:
        approved = approved_version(ledger, page.key, page.period, page.sha256)
    except UnusableInput as gone:
        done.skipped.append(str(gone))
        return
    done.looked += 1
    sight = look(page.address, approved, clock())
    if _change(page, sight) is not None:  # a site that is being worked on may be whole again in a moment
        rest(PAUSE_SECONDS)
        again = look(page.address, approved, clock())
        sight = again if _change(page, again) == _change(page, sight) else _nothing(again)
    state = _change(page, sight)
    if state is not None:
        _record(ledger, page, state, sight)
        done.changed.append((page.key, page.period, page.address, state))
    elif sight.outcome not in {"matches", "differs", "not_found"}:
        done.silent.append(page.address)


def _change(page: PublishedPage, sight: Sight) -> str | None:
    """Return the state that a sight changes the page to; None where it is as before, or the site says nothing."""
    if sight.outcome == "matches":
        return "restored" if page.state in {"gone", "altered"} else None
    if sight.outcome == "not_found":
        return "gone" if page.state != "gone" else None
    if sight.outcome == "differs":
        return "altered" if (page.state, page.detail) != ("altered", detail_of(sight)) else None
    return None


def detail_of(sight: Sight) -> str:
    """Return what is different, in one sentence."""
    return "；".join(sight.missing)


def _nothing(sight: Sight) -> Sight:
    """Return a sight that says nothing: two looks that do not agree."""
    return Sight(sight.address, "unreachable", "两次查看的结果不一致，下次再看", sight.seen_at)


def _record(ledger: Ledger, page: PublishedPage, state: str, sight: Sight) -> None:
    payload = {
        "address": page.address,
        "sha256": page.sha256,
        "state": state,
        "detail": detail_of(sight) if state == "altered" else "",
        "status": sight.status,
    }
    ledger.append(
        page.key,
        page.period,
        EventKind.PAGE_CHANGED,
        happened_at=sight.seen_at,
        recorded_at=sight.seen_at,
        payload=payload,
        once=f"page_changed:{digest(page.address)[:16]}:{page.changes + 1}",
    )
