"""What became of an office that was attacked: counts for whoever reads them, and what must hold on every topology."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from case_counts import tell
from chaos_office import Embattled
from chaos_strikes import SUPERVISOR, TASK
from sqlalchemy import create_engine, func, select

from obligations.steps.ledger import LedgerEvent, OccurrenceRow, open_ledger, verify_ledger
from obligations.steps.ledger.tables import delivery, message
from obligations.words.times import SHANGHAI

MAY_DIE_WHILE_TELLING = {TASK, SUPERVISOR, "mail", "postgresql"}
"""Whose end may fall between a mail server's acceptance and our record of it: the one gap that SMTP leaves."""

PASS = timedelta(minutes=1)


def require_nothing_lost_or_doubled(
    office: Embattled, name: str, leases: timedelta = timedelta(minutes=25), *, clock_was_right: bool = True
) -> None:
    """Tell what became of the office, and fail for anything lost, doubled or untrue; ends it.

    ``leases``: after which nothing is held any more by a process that is gone.
    """
    unsettled = office.unsettled()
    lost = [place for place in office.plan.occurrences if office.is_lost(*place)]
    office.airflow.stop()
    later = datetime.now(SHANGHAI) + leases
    office.sweep_at(later, "--send", "--json")
    with open_ledger(office.settings.ledger_url) as ledger:
        faults = verify_ledger(ledger)
        named = {place: (place[0].replace(".", "/"), place[1]) for place in office.plan.occurrences}
        events = {place: ledger.events(*key) for place, key in named.items()}
        rows = {place: ledger.occurrence(*key) for place, key in named.items()}
    published = Counter(
        (place, event.payload["sha256"])
        for place, found in events.items()
        for event in found
        if event.kind == "published"
    )
    public = Counter((page["key"], page["period"]) for page in office.portal.pages.values())
    missed = sum(event.kind == "missed" for found in events.values() for event in found)
    mails = _Mails(office, later)
    struck = office.strikes.struck
    tell(
        f"{name}: {office.strikes.faults} faults ({', '.join(f'{each} {count}' for each, count in sorted(struck.items()))})",
        f"  occurrences {len(events)}, as they must be {len(events) - len(unsettled)}, waiting {len(unsettled) - len(lost)}, lost {len(lost)}; misses on record {missed}",
        f"  publications {sum(public.values())}, posts {len(office.portal.posts)}, pages twice {sum(count - 1 for count in public.values())}",
        f"  mails {mails.different}, doubles by Message-ID {mails.doubles}, unsent {mails.unsent}, recorded but never taken {len(mails.untrue)}",
        *(f"  {each}" for each in [*unsettled, *faults]),
    )
    assert faults == []
    assert lost == []
    assert any(event.kind == "drafted" for found in events.values() for event in found), "the office worked on"
    assert set(published.values()) <= {1}, "each version is published once"
    assert set(public.values()) <= {1}, "each occurrence has one page"
    shown, recorded = {(key.replace("/", "."), period) for key, period in public}, {place for place, _ in published}
    assert recorded <= shown, "what is on record as published is public"
    waits = {place for place in office.plan.occurrences if rows[place] is None or rows[place].outcome is None}
    assert shown <= recorded | waits, "a page that is not on record yet belongs to a run that was cut off and goes on"
    assert mails.different, "people were told of what happened"
    assert mails.unsent == 0
    assert mails.untrue == set()
    assert mails.outside_the_gap == set(), "a message is never sent again once it is recorded"
    assert mails.doubles <= sum(count for each, count in struck.items() if _may_double(each))
    for place, found in events.items():
        row = rows[place]
        if row is not None and clock_was_right:
            _require_truth(row, found, later)


def _may_double(victim: str) -> bool:
    return victim.partition(" by itself")[0].startswith(("scheduler", "worker")) or victim in MAY_DIE_WHILE_TELLING


class _Mails:
    """What arrived, against what the ledger says was sent.

    Attributes:
        different: messages by Message-ID; doubles: what came more than once; unsent: notices that are due and still wait.
        untrue: recorded as sent, never received; outside_the_gap: came again after they were recorded.
    """

    def __init__(self, office: Embattled, when: datetime) -> None:
        arrivals = [(at, mail["Message-ID"]) for at, mail in office.postbox.arrivals]
        self.different = len({id_ for _, id_ in arrivals})
        self.doubles = len(arrivals) - self.different
        engine = create_engine(office.settings.ledger_url)
        joined = delivery.outerjoin(message, message.c.id == delivery.c.message_id)
        waiting = (message.c.finished_at.is_(None), delivery.c.dropped_at.is_(None), delivery.c.send_after <= when)
        recorded = select(message.c.message_id, message.c.finished_at).where(message.c.state == "sent")
        with engine.connect() as connection:
            self.unsent = int(connection.scalar(select(func.count()).select_from(joined).where(*waiting)) or 0)
            sent = {row.message_id: row.finished_at for row in connection.execute(recorded)}
        engine.dispose()
        self.untrue = set(sent) - {id_ for _, id_ in arrivals}
        often = {id_ for id_, times in Counter(id_ for _, id_ in arrivals).items() if times > 1}
        # A pass that was given its time writes that down, however long it lasts.
        self.outside_the_gap = {id_ for at, id_ in arrivals if id_ in often & set(sent) and at > sent[id_] + PASS}


def _require_truth(row: OccurrenceRow, found: list[LedgerEvent], now: datetime) -> None:
    """Fail where a miss is not on record, or is at another time than it fell due, or what is public was not approved."""
    missed = [event for event in found if event.kind == "missed"]
    if not row.historical and row.due_at <= now and (row.met_at is None or row.met_at > row.due_at):
        (miss,) = missed
        assert miss.happened_at == row.due_at
    else:
        assert missed == []
    for number, event in enumerate(found):
        if event.kind == "published":
            approved = any(earlier.is_final_approval for earlier in found[:number])
            assert approved, "nothing is public that nobody approved"
    assert [event.kind for event in found].count("expected") == 1
