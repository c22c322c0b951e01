"""The outbox: what is due is claimed once, said once, dropped or tried again, and never lost to a killed process."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from obligations.rules.catalogue import load_one
from obligations.steps.ledger import (
    Act,
    Expected,
    Ledger,
    Outbox,
    Sweeps,
    Waiting,
    act_many,
    open_ledger,
    queue_alarm,
    verify_ledger,
)
from obligations.steps.ledger.messages import GROUP
from obligations.steps.ledger.tables import message, notice
from obligations.words.contacts import Role
from obligations.words.errors import UnusableInput
from obligations.words.notices import NewNotice
from obligations.words.occurrence import DueDate, Occurrence, Period
from obligations.words.times import SHANGHAI

INCLUDE = Path(__file__).parents[2] / "include"
KEY = "demo/fiscal-monthly"
OBLIGATION = load_one(INCLUDE / "obligations" / "catalogue", KEY)
NOW = datetime(2026, 10, 1, 9, tzinfo=SHANGHAI)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LEASE = 5 * MINUTE
SWEEP = '''
"""One pass over everything: decide, queue, take, have it accepted by a "mail server" (a file), record."""
import json, os, signal, sys
from datetime import datetime, timedelta
from obligations.steps.ledger import Act, NewEvent, Outbox, Sweeps, act_many, open_ledger
from obligations.words.contacts import Role
from obligations.words.notices import NewNotice
url, mailbox, tier, at, dies = sys.argv[1:]
now = datetime.fromisoformat(at)
print("ready", flush=True)
sys.stdin.readline()
with open_ledger(url) as ledger, open(mailbox, "a") as accepted:
    sweeps, outbox = Sweeps(ledger), Outbox(ledger)
    while rows := sweeps.to_look_at(now, tier, limit=4):
        acts = []
        for row in rows:
            told = [
                NewNotice(tier, "到期", name, Role.RESPONSIBLE, channels, False, now, {})
                for name, channels in (("zhang", ("email",)), ("li", ("email", "sms")))
            ]
            acts.append(Act(row, (NewEvent("waiting", now, once=f"waiting:{tier}"),), tuple(told)))
        act_many(ledger, acts, basis=tier, now=now)
    while messages := outbox.take(now, lease=timedelta(minutes=5), limit=3):
        for message in messages:
            notices = [notice.id for notice in message.notices]
            accepted.write(json.dumps([message.message_id, message.channel, notices, message.is_repeat]) + "\\n")
            accepted.flush()
            if dies == "after acceptance":
                os.kill(os.getpid(), signal.SIGKILL)
            outbox.sent(message.message_id, now)
'''


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with open_ledger(url) as ledger:
        yield ledger


@pytest.fixture
def outbox(ledger: Ledger) -> Outbox:
    return Outbox(ledger)


def expect(ledger: Ledger, count: int) -> None:
    def occurrence(number: int) -> Occurrence:
        due = NOW - number * DAY  # the later its number, the earlier it is due
        period = Period(f"P-{number:04}", date(2026, 8, 1), date(2026, 8, 31))
        return Occurrence(KEY, period, NOW - 200 * DAY, due, DueDate(due, due, False, due, due, ("20个工作日",)))

    entries = [Expected(OBLIGATION, occurrence(number), "一") for number in range(count)]
    ledger.expect_many(entries, calendar_version="2026", now=NOW)


def told(
    recipient: str = "zhang",
    *,
    tier: str = "due",
    channels: tuple[str, ...] = ("email",),
    urgent: bool = False,
    after: datetime = NOW,
) -> NewNotice:
    return NewNotice(tier, "到期未完成", recipient, Role.RESPONSIBLE, channels, urgent, after, {"stage": "待启动"})


def queue(ledger: Ledger, *notices: NewNotice) -> None:
    rows = Sweeps(ledger).to_look_at(NOW, "never used", limit=10_000)
    act_many(ledger, [Act(row, notices=notices) for row in rows], basis="一", now=NOW)


def kinds(ledger: Ledger, period: str = "P-0000") -> list[str]:
    return [event.kind for event in ledger.events(KEY, period)][1:]


def test_what_is_due_for_one_recipient_on_one_channel_is_one_message_earliest_due_first(
    ledger: Ledger, outbox: Outbox
) -> None:
    expect(ledger, 3)
    queue(ledger, told(channels=("email", "sms")), told("li"), told("li", tier="later", after=NOW + DAY))
    taken = outbox.take(NOW, lease=LEASE)
    assert sorted((message.recipient, message.channel, len(message.notices)) for message in taken) == [
        ("li", "email", 3),
        ("zhang", "email", 3),
        ("zhang", "sms", 3),
    ]
    for message_ in taken:
        assert [found.period for found in message_.notices] == ["P-0002", "P-0001", "P-0000"]
        assert (message_.attempt, message_.is_repeat) == (1, False)
    one = taken[0].notices[0]
    assert (one.subject, one.key, one.tier, one.label) == (f"{KEY} P-0002", KEY, "due", "到期未完成")
    assert (one.role, one.facts, one.queued_at) == (Role.RESPONSIBLE, {"stage": "待启动"}, NOW)
    assert len({message_.message_id for message_ in taken}) == 3
    assert outbox.take(NOW, lease=LEASE) == []
    assert [message_.recipient for message_ in outbox.take(NOW + DAY, lease=LEASE, limit=9)][-1:] == ["li"]


def test_urgent_notices_go_apart_from_ordinary_ones_and_before_them(ledger: Ledger, outbox: Outbox) -> None:
    expect(ledger, 1)
    queue(ledger, told(), told(tier="miss", urgent=True, after=NOW + MINUTE))
    (first,) = outbox.take(NOW + MINUTE, lease=LEASE, limit=1)
    (second,) = outbox.take(NOW + MINUTE, lease=LEASE, limit=1)
    assert [(found.urgent, [told.tier for told in found.notices]) for found in (first, second)] == [
        (True, ["miss"]),
        (False, ["due"]),
    ]


def test_a_new_urgent_message_waits_behind_no_ordinary_one_that_is_tried_again(ledger: Ledger, outbox: Outbox) -> None:
    expect(ledger, 1)
    queue(ledger, told())
    (ordinary,) = outbox.take(NOW, lease=LEASE)
    outbox.failed(ordinary.message_id, NOW, error="超时", next_attempt_at=NOW)
    queue(ledger, told(tier="miss", urgent=True))
    (first,) = outbox.take(NOW + MINUTE, lease=LEASE, limit=1)
    assert first.urgent
    outbox.sent(first.message_id, NOW + MINUTE)
    assert outbox.take(NOW + MINUTE, lease=LEASE, urgent_only=True) == []
    assert [m.message_id for m in outbox.take(NOW + MINUTE, lease=LEASE)] == [ordinary.message_id]


def test_a_message_holds_so_many_notices_that_recording_it_is_short_and_the_rest_follow(
    ledger: Ledger, outbox: Outbox
) -> None:
    expect(ledger, GROUP + 1)
    queue(ledger, told())
    sizes = [len(message_.notices) for _ in range(3) for message_ in outbox.take(NOW, lease=LEASE)]
    assert sizes == [GROUP, 1]


def test_a_sent_message_says_so_once_on_every_chain_and_never_goes_out_again(ledger: Ledger, outbox: Outbox) -> None:
    expect(ledger, 2)
    queue(ledger, told())
    (taken,) = outbox.take(NOW, lease=LEASE)
    outbox.sent(taken.message_id, NOW + MINUTE)
    outbox.sent(taken.message_id, NOW + 2 * MINUTE)
    for period in ("P-0000", "P-0001"):
        event = ledger.events(KEY, period)[-1]
        assert kinds(ledger, period) == ["notice_queued", "notice_sent"]
        assert event.happened_at == NOW + MINUTE
        assert event.payload == {
            "tier": "due",
            "recipient": "zhang",
            "channel": "email",
            "message_id": taken.message_id,
        }
    assert outbox.take(NOW + 9 * DAY, lease=LEASE) == []
    assert verify_ledger(ledger) == []


def test_a_failed_message_is_tried_again_at_its_time_and_says_so_once(ledger: Ledger, outbox: Outbox) -> None:
    expect(ledger, 1)
    queue(ledger, told())
    (first,) = outbox.take(NOW, lease=LEASE)
    outbox.failed(first.message_id, NOW, error="连接被拒绝", next_attempt_at=NOW + 2 * MINUTE)
    assert outbox.waiting(NOW) == Waiting(1, NOW, {"email": 1})
    assert outbox.take(NOW + MINUTE, lease=LEASE) == []
    (second,) = outbox.take(NOW + 2 * MINUTE, lease=LEASE)
    assert (second.message_id, second.notices) == (first.message_id, first.notices)
    assert (second.attempt, second.is_repeat) == (2, False)
    outbox.failed(second.message_id, NOW + 2 * MINUTE, error="仍被拒绝", next_attempt_at=NOW + 4 * MINUTE)
    (third,) = outbox.take(NOW + 4 * MINUTE, lease=LEASE)
    outbox.sent(third.message_id, NOW + 4 * MINUTE)
    assert kinds(ledger) == ["notice_queued", "notice_failed", "notice_sent"]
    assert ledger.events(KEY, "P-0000")[2].payload["error"] == "连接被拒绝"
    assert outbox.waiting(NOW + DAY) == Waiting(0, None, {})


def test_a_message_nobody_reported_on_is_repeated_unchanged_once_its_lease_is_over(
    ledger: Ledger, outbox: Outbox
) -> None:
    expect(ledger, 2)
    queue(ledger, told())
    (first,) = outbox.take(NOW, lease=LEASE)
    queue(ledger, told(tier="after"))
    assert [m.notices[0].tier for m in outbox.take(NOW + LEASE - MINUTE, lease=DAY)] == ["after"]
    (again,) = outbox.take(NOW + LEASE, lease=LEASE)
    assert (again.message_id, again.notices) == (first.message_id, first.notices)
    assert (again.attempt, again.is_repeat) == (2, True)
    outbox.failed(again.message_id, NOW + LEASE, error="超时", next_attempt_at=NOW + 2 * LEASE)
    (third,) = outbox.take(NOW + 2 * LEASE, lease=LEASE)
    assert third.is_repeat  # the first attempt may have been accepted, whatever became of the second


def test_who_lost_the_lease_cannot_say_that_the_message_failed_while_another_is_sending_it(
    ledger: Ledger, outbox: Outbox
) -> None:
    expect(ledger, 1)
    queue(ledger, told())
    (slow,) = outbox.take(NOW, lease=LEASE)
    other = Outbox(ledger)
    other.take(NOW + LEASE, lease=LEASE)
    outbox.failed(slow.message_id, NOW + LEASE, error="超时", next_attempt_at=NOW + LEASE)
    outbox.drop(slow.message_id, [slow.notices[0].id], "已办结", NOW + LEASE)
    assert other.take(NOW + LEASE + MINUTE, lease=LEASE) == []
    assert kinds(ledger) == ["notice_queued"]
    outbox.sent(slow.message_id, NOW + LEASE)  # what was accepted was accepted, whoever says so
    assert kinds(ledger) == ["notice_queued", "notice_sent"]


def test_a_cured_notice_is_dropped_on_record_and_an_empty_message_is_over(ledger: Ledger, outbox: Outbox) -> None:
    expect(ledger, 2)
    queue(ledger, told())
    (taken,) = outbox.take(NOW, lease=LEASE)
    first, second = taken.notices
    outbox.drop(taken.message_id, [first.id], "已办结", NOW)
    assert kinds(ledger, "P-0001") == ["notice_queued", "notice_dropped"]
    payload = ledger.events(KEY, "P-0001")[-1].payload
    assert payload == {"tier": "due", "recipient": "zhang", "channel": "email", "reason": "已办结"}
    (again,) = outbox.take(NOW + LEASE, lease=LEASE)
    assert again.notices == (second,)
    outbox.drop(taken.message_id, [second.id], "已办结", NOW)
    assert outbox.take(NOW + DAY, lease=LEASE) == []
    assert outbox.waiting(NOW + DAY) == Waiting(0, None, {})
    assert verify_ledger(ledger) == []


def test_a_failing_channel_s_notices_are_queued_on_another_one_too_once(ledger: Ledger, outbox: Outbox) -> None:
    expect(ledger, 2)
    queue(ledger, told())
    (taken,) = outbox.take(NOW, lease=LEASE)
    assert outbox.reroute(taken.message_id, "sms", NOW) == 2
    assert outbox.reroute(taken.message_id, "sms", NOW) == 0
    (sms,) = outbox.take(NOW, lease=LEASE)
    assert (sms.channel, sms.notices) == ("sms", taken.notices)


def test_alarms_are_sent_like_notices_and_no_chain_tells_of_them(ledger: Ledger, outbox: Outbox) -> None:
    expect(ledger, 1)
    queue_alarm(ledger, "system:gap:2026-10-01", [told("operator", tier="gap")], NOW)
    (taken,) = outbox.take(NOW, lease=LEASE)
    (found,) = taken.notices
    assert (found.subject, found.key, found.period) == ("system:gap:2026-10-01", None, None)
    outbox.failed(taken.message_id, NOW, error="超时", next_attempt_at=NOW)
    outbox.take(NOW, lease=LEASE)
    outbox.sent(taken.message_id, NOW)
    outbox.acknowledge(found.id, "演示甲", NOW)
    assert outbox.find(found.id).acknowledged_by == "演示甲"
    assert kinds(ledger) == []


def test_acknowledging_and_confirming_are_recorded_once_with_who_did_it(ledger: Ledger, outbox: Outbox) -> None:
    expect(ledger, 1)
    queue(ledger, told(), told("office", tier="confirm-escalation"))
    found = {told.recipient: told for m in outbox.take(NOW, lease=LEASE) for told in m.notices}
    assert outbox.find(found["zhang"].id) == found["zhang"]
    for at, person in ((NOW, "演示甲"), (NOW + DAY, "演示乙")):
        outbox.acknowledge(found["zhang"].id, person, at)
        outbox.confirm(found["office"].id, person, at)
    acknowledged = outbox.find(found["zhang"].id)
    assert (acknowledged.acknowledged_at, acknowledged.acknowledged_by) == (NOW, "演示甲")
    answers = [event for event in ledger.events(KEY, "P-0000") if event.person]
    assert [(event.kind, event.person, event.payload) for event in answers] == [
        ("notice_acknowledged", "演示甲", {"tier": "due", "recipient": "zhang"}),
        ("notice_confirmed", "演示甲", {"tier": "confirm-escalation", "recipient": "office"}),
    ]
    assert ledger.occurrence(KEY, "P-0000").stage == "expected"  # type: ignore[union-attr]
    assert verify_ledger(ledger) == []


def test_an_unknown_notice_or_message_is_refused(outbox: Outbox) -> None:
    with pytest.raises(UnusableInput, match="编号为 7 的提醒"):
        outbox.acknowledge(7, "演示甲", NOW)
    with pytest.raises(UnusableInput, match="<nobody@nowhere> 的消息"):
        outbox.sent("<nobody@nowhere>", NOW)


def test_due_notices_that_no_process_sends_are_counted_since_the_oldest(ledger: Ledger, outbox: Outbox) -> None:
    expect(ledger, 2)
    queue(ledger, told(after=NOW - DAY), told("li", after=NOW + DAY))
    assert outbox.waiting(NOW) == Waiting(2, NOW - DAY, {})


def start(url: str, mailbox: Path, tier: str, now: datetime, *, dies: str = "no") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SWEEP, url, str(mailbox), tier, now.isoformat(), dies],
        env={"PYTHONPATH": str(INCLUDE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def let_go(processes: Sequence[subprocess.Popen[str]]) -> None:
    """Wait until all have loaded, then let them begin together."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


def accepted(mailbox: Path) -> list[tuple[str, str, tuple[int, ...], bool]]:
    """Return what the mail server took: Message-ID, channel, notices, whether it was told of as a repeat."""
    lines = mailbox.read_text().splitlines()
    return [(id_, channel, tuple(notices), repeat) for id_, channel, notices, repeat in map(json.loads, lines)]


def test_eight_passes_at_once_queue_every_notice_once_and_send_it_once(
    ledger: Ledger, url: str, tmp_path: Path
) -> None:
    expect(ledger, 40)
    mailbox = tmp_path / "mailbox"
    processes = [start(url, mailbox, "due", NOW) for _ in range(8)]
    let_go(processes)
    assert [process.communicate(timeout=240)[1] for process in processes] == [""] * 8
    with ledger.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(notice)) == 80
    sent = Counter((id_, channel) for _, channel, notices, _ in accepted(mailbox) for id_ in notices)
    assert len(sent) == 120
    assert set(sent.values()) == {1}
    assert verify_ledger(ledger) == []


def test_a_pass_killed_at_any_point_loses_nothing_and_makes_two_rows_of_nothing(
    ledger: Ledger, url: str, tmp_path: Path
) -> None:
    expect(ledger, 20)
    mailbox = tmp_path / "mailbox"
    moments = random.Random(20261001)  # noqa: S311 - moments, not secrets; what they hit differs anyway
    for number in range(12):
        process = start(url, mailbox, f"tier-{number // 3}", NOW + number * LEASE)
        let_go([process])
        time.sleep(moments.uniform(0, 0.25))
        process.kill()
        process.communicate()
        assert verify_ledger(ledger) == []
    for number in range(12, 16):
        process = start(url, mailbox, f"tier-{number - 12}", NOW + number * LEASE)
        let_go([process])
        assert process.communicate(timeout=120) == ("", "")
    taken = accepted(mailbox)
    told_of = {(id_, channel) for _, channel, notices, _ in taken for id_ in notices}
    with ledger.reading() as connection:
        ids = connection.scalars(select(notice.c.id)).all()
        assert connection.scalar(select(func.count()).where(message.c.finished_at.is_(None))) == 0
    assert len(ids) == 20 * 2 * 4
    assert len(told_of) == 20 * 3 * 4  # one notice of two goes out on two channels
    # Whatever went out twice had the same Message-ID, the same notices, and said that it was a repeat.
    contents = {(id_, channel, notices) for id_, channel, notices, _ in taken}
    assert len(contents) == len({id_ for id_, _, _ in contents})
    assert sum(len(notices) for _, _, notices in contents) == len(told_of)
    first_seen: set[str] = set()
    for id_, _, _, is_repeat in taken:
        assert is_repeat or id_ not in first_seen
        first_seen.add(id_)
    assert verify_ledger(ledger) == []


def test_a_mail_accepted_just_before_the_process_died_is_repeated_under_the_same_message_id(
    ledger: Ledger, url: str, tmp_path: Path
) -> None:
    expect(ledger, 2)
    mailbox = tmp_path / "mailbox"
    killed = start(url, mailbox, "due", NOW, dies="after acceptance")
    let_go([killed])
    killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL
    (first,) = accepted(mailbox)
    mended = start(url, mailbox, "due", NOW + LEASE)
    let_go([mended])
    assert mended.communicate(timeout=120) == ("", "")
    repeats = [found for found in accepted(mailbox)[1:] if found[0] == first[0]]
    assert repeats == [(*first[:3], True)]
    assert kinds(ledger).count("notice_sent") == 3
    assert verify_ledger(ledger) == []
