"""A file with a mark of secrecy: nothing of it is kept, that it came is on record, the 保密审查人 hears of it at once.

Neither its name nor its SHA-256 is written anywhere: a name may give a secret away, and a digest shows who has the file.
"""

from __future__ import annotations

from datetime import datetime

from obligations.orchestration.sweep.basis import basis_of
from obligations.orchestration.work import Work
from obligations.rules.contacts import Directory
from obligations.steps.ledger import queue_alarm
from obligations.words.contacts import Role
from obligations.words.notices import NewNotice, Recipient
from obligations.words.times import say_instant

REASON = "文件带有密级标志，系统拒收，没有保留副本；已通知保密审查人"


def record_classified(work: Work, person: str, now: datetime, *, where: str = "", once: str | None = None) -> None:
    """Record that such a file was refused and tell the 保密审查人, or where nobody is, the office or the operators.

    ``where``: a sentence on where the file still is. Telling comes first: if the record fails, people know all the same.
    """
    jurisdiction = work.obligation.jurisdiction.slug
    directory = basis_of(
        work.settings
    ).directory  # a faulty contacts file must not keep the refusal from being recorded
    said = (
        f"{person} 于{say_instant(now)}交来“{work.obligation.title}”（{work.key} {work.period}）的文件带有密级标志，"
        f"系统已拒收，没有保留副本。{where}\n"
        "请立即联系交件人停止在本机处理和传输，由保密员判断是否涉密、按规定处置。"
    )
    notices = [
        NewNotice(
            tier="classified",
            label="疑似涉密文件",
            recipient=told.id,
            role=told.role,
            channels=told.channels,
            urgent=True,
            send_after=now,
            facts={"said": said},
        )
        for told in _told(directory, jurisdiction, work.departments, now)
    ]
    queue_alarm(work.ledger, f"system:classified:{work.key} {work.period}:{now.isoformat()}", notices, now)
    work.ledger.append(
        work.key,
        work.period,
        "answer_refused",
        happened_at=now,
        recorded_at=now,
        person=person,
        payload={"reason": REASON},
        once=once,
    )


def _told(
    directory: Directory, jurisdiction: str, departments: tuple[str, ...], now: datetime
) -> tuple[Recipient, ...]:
    for role in (Role.SECRECY_REVIEW, Role.OFFICE):
        if found := directory.recipients((role,), jurisdiction, departments, now):
            return found
    return directory.operators(now)
