"""What a pass finds wrong with the system itself, and telling the operators: each kind once a day, and anew when it grows."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from obligations.orchestration.sweep.basis import Basis
from obligations.orchestration.sweep.report import Alarm
from obligations.rules.catalogue import Catalogue
from obligations.rules.quiet_hours import send_after
from obligations.steps.ledger import Ledger, Outbox, SweepRecord, queue_alarm
from obligations.words.contacts import Role
from obligations.words.notices import NewNotice
from obligations.words.obligation import Obligation
from obligations.words.times import SHANGHAI, say_instant

LONGEST_GAP = timedelta(minutes=30)
"""Three sweeps that did not come."""
LONGEST_WAIT = timedelta(minutes=30)
CLOCK_TOLERANCE = timedelta(minutes=1)
"""How far the clocks of two machines may differ."""
_MOST = 10


def clock_went_back(last: SweepRecord | None, now: datetime) -> Alarm | None:
    """Say so if the last pass went by a later time: one of the two clocks is wrong, and nothing may be marked by it."""
    if last is None or now >= last.at - CLOCK_TOLERANCE:
        return None
    said = f"现在是{say_instant(now)}，早于上一次巡检的{say_instant(last.at)}：时钟被调回，或上次巡检的时间有误；本次没有登记任何逾期，请核对各服务器的时钟"
    return Alarm("clock-backwards", said, last.at.isoformat())


def gap_since(last: SweepRecord | None, now: datetime) -> Iterator[Alarm]:
    """Say so if passes failed to come since the last one that came to its end."""
    if last is not None and now - last.at > LONGEST_GAP:
        said = f"{say_instant(last.at)}至{say_instant(now)}没有巡检，其间到时的提醒现在补上；请检查调度器和巡检 DAG"
        yield Alarm("sweep-gap", said, last.at.isoformat())


def faults_of_catalogue(catalogue: Catalogue, open_keys: Collection[str], known_before: int | None) -> Iterator[Alarm]:
    """Say what the catalogue has lost: files at fault, obligations withdrawn while occurrences are open, and numbers."""
    lost = {key for fault in catalogue.faults for key in fault.loses}
    for fault in catalogue.faults:
        yield Alarm("catalogue-faulty", str(fault), f"{fault.file} {fault.field}")
    for key in sorted(set(open_keys) - catalogue.obligations.keys() - lost):
        said = f"目录中已没有 {key}，台账中还有它未办结的期次，时限照常计算；确需撤销的，请逐期登记经批准不计入考核"
        yield Alarm("withdrawn", said, key)
    count = count_of(catalogue)
    if known_before is not None and count < known_before:
        said = f"任务清单由{known_before}项减为{count}项；请核对是否有文件被误删"
        yield Alarm("catalogue-shrunk", said, f"{known_before}-{count}")


def count_of(catalogue: Catalogue) -> int:
    """Return how many obligations there are, those that a fault keeps from being read included."""
    lost = {key for fault in catalogue.faults for key in fault.loses}
    return len(catalogue.obligations.keys() | lost)


def gaps_in_contacts(served: Iterable[Obligation], basis: Basis, now: datetime) -> Iterator[Alarm]:
    """Say which roles of binding obligations have nobody to be told; without any contacts that goes without saying."""
    if not basis.directory.file.people:
        return
    today = now.astimezone(SHANGHAI).date()
    binding = [one for one in served if one.status(today) != "已过执行年度"]
    for gap in basis.directory.unfilled(binding, basis.policies, now, basis.reviews):
        if not gap.stand_ins:
            yield Alarm("role-unfilled", str(gap), f"{gap.jurisdiction} {gap.department} {gap.role}")


def people_out_of_reach(basis: Basis, now: datetime) -> Iterator[Alarm]:
    """Say who holds a role and cannot be reached."""
    for person in basis.directory.without_address(now):
        yield Alarm(
            "no-address", f"{person.name}（{person.id}）没有可用的联系方式，提醒发不到；请在通讯录中补登", person.id
        )


def stuck_outbox(ledger: Ledger, now: datetime) -> Iterator[Alarm]:
    """Say so if what is due has not gone out for long."""
    waiting = Outbox(ledger).waiting(now)
    if waiting.oldest is not None and now - waiting.oldest > LONGEST_WAIT:
        failing = "、".join(f"{channel} {count}封" for channel, count in sorted(waiting.failing.items()))
        said = f"有{waiting.unsent}条提醒应发未发，最早的自{say_instant(waiting.oldest)}起等待"
        yield Alarm("outbox-stuck", said + (f"；发送失败：{failing}" if failing else ""), waiting.oldest.isoformat())


def tell_operators(ledger: Ledger, alarms: Iterable[Alarm], basis: Basis, now: datetime) -> None:
    """Queue the alarms for every operator, one notice a kind and day; a kind that grows is told anew."""
    operators = basis.directory.operators(now)
    by_kind: dict[str, dict[str, str]] = defaultdict(dict)
    for alarm in alarms:
        by_kind[alarm.kind][alarm.about] = alarm.said
    for kind, said in by_kind.items() if operators else ():
        digest = hashlib.sha256("\n".join(sorted(said)).encode()).hexdigest()[:12]
        more = f"\n……共{len(said)}项" if len(said) > _MOST else ""
        notices = [
            NewNotice(
                tier=kind,
                label="系统告警",
                recipient=operator.id,
                role=Role.OPERATOR,
                channels=operator.channels[:1],
                urgent=False,
                send_after=send_after(now, False, basis.calendar, basis.policies.quiet_hours),
                facts={"said": "\n".join(list(said.values())[:_MOST]) + more},
            )
            for operator in operators
        ]
        queue_alarm(ledger, f"system:{kind}:{now.astimezone(SHANGHAI):%Y-%m-%d}:{digest}", notices, now)
