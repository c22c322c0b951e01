"""Edited Word files in the inbox: ``<inbox>/<jurisdiction>/<slug>/edited/<period>.docx``, looked at by every sweep.

For departments that deliver by a shared folder. Who put a file there nobody knows, so its drafter is 收件夹, whom no account
equals; the folder's own permissions are all the right there is. What the file becomes is ``receiving``.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from obligations.orchestration.metrics import Counter, count
from obligations.orchestration.people import INBOX_PERSON
from obligations.orchestration.settings import Settings
from obligations.orchestration.sweep.report import Alarm
from obligations.orchestration.work import Work, compute
from obligations.rules.calendar import WorkingCalendar
from obligations.rules.catalogue import load_one
from obligations.rules.delivery import Delivery, require_size
from obligations.rules.periods import has_periods
from obligations.steps.gather.inbox import EDITED, is_temporary, read_settled
from obligations.steps.gather.store import move_aside
from obligations.steps.ledger import Ledger
from obligations.words.errors import ObligationsError, SourceNotReady

SETTLED_AFTER = timedelta(seconds=10)
"""A copy over a slow line pauses; the next sweep comes in ten minutes anyway."""
REFUSED = "edited-refused"
CLASSIFIED = "edited-classified"
log = logging.getLogger(__name__)


def take_edited(settings: Settings, ledger: Ledger, calendar: WorkingCalendar, now: datetime) -> Iterator[Alarm]:
    """Receive every settled file and move it away; yield an alarm for each that is refused.

    A refused one goes to quarantine with the reasons; one with a mark of secrecy stays where it is, for whoever is in
    charge of secrets decides about it, and is not read again unless it changes.
    """
    for path in sorted(settings.inbox.glob(f"*/*/{EDITED}/*")):
        jurisdiction, slug = path.parts[-4:-2]
        if is_temporary(path.name) or not settings.serves(jurisdiction) or not _is_plain_file(path, settings.inbox):
            continue
        try:
            seen = path.stat()
        except FileNotFoundError:
            continue
        changed = datetime.fromtimestamp(seen.st_mtime, tz=now.tzinfo)
        if timedelta(0) <= now - changed < SETTLED_AFTER:
            continue
        key = f"{jurisdiction}/{slug}"
        try:
            alarm = _take(settings, ledger, calendar, path, seen, key, now)
        except Exception as error:
            # One file that nothing can be made of must not keep the others from being taken.
            log.exception("an edited file of %s %s was not taken", key, path.stem)
            said = f"收件夹中 {key} 的修改稿 {path.name} 没有读成（{type(error).__name__}），下一次巡检再试，请查看运行日志"
            alarm = Alarm("edited-failed", said, f"{key} {path.name}")
        if alarm is not None:
            yield alarm


def _take(
    settings: Settings,
    ledger: Ledger,
    calendar: WorkingCalendar,
    path: Path,
    seen: os.stat_result,
    key: str,
    now: datetime,
) -> Alarm | None:
    # Here, because what the sweep's DAG file loads when it is parsed must not load python-docx.
    from obligations.orchestration.uploads.receiving import ClassifiedRefused, UploadRefused, receive

    where = path.relative_to(settings.inbox).as_posix()
    try:
        work = _work(settings, ledger, calendar, key, path.stem)
        if _is_known_secret(work, seen):
            return None
        still_there = f"文件仍在收件夹 {where}。"
        require_size(seen.st_size, Delivery(path.name))  # before anything that large is read
        data = read_settled(path, now)
        receive(work, data, path.name, INBOX_PERSON, "", now, where=still_there, once=_secret_once(seen))
    except SourceNotReady:
        return None
    except ClassifiedRefused:
        said = f"收件夹中 {key} {path.stem} 的修改稿带有密级标志，没有读入；文件仍在原处，请立即通知保密员处置"
        return Alarm(CLASSIFIED, said, where)
    except ObligationsError as refused:
        if not isinstance(refused, UploadRefused) or refused.put_aside is None:
            return _put_aside(settings, path, seen, key, str(refused), now)
        _remove(path, seen)
        return _alarm(key, path, str(refused))
    _remove(path, seen)
    return None


def _put_aside(settings: Settings, path: Path, seen: os.stat_result, key: str, reason: str, now: datetime) -> Alarm:
    place, gone = move_aside(path, seen, settings.quarantine / key, (reason,), now)
    where = place.relative_to(settings.quarantine)
    count(Counter.BAD_INPUT)
    moved = f"已移至隔离区 {where}" if gone else f"仍在收件夹，已复制到隔离区 {where}"
    return _alarm(key, path, f"{reason}；{moved}")


def _alarm(key: str, path: Path, said: str) -> Alarm:
    return Alarm(REFUSED, f"收件夹中 {key} 的修改稿 {path.name} 没有采用：{said}", f"{key} {path.name}")


def _work(settings: Settings, ledger: Ledger, calendar: WorkingCalendar, key: str, period: str) -> Work:
    obligation = load_one(settings.catalogue, key)
    event = None if has_periods(obligation.clock) else ledger.get_reported_event(period)
    occurrence = compute(obligation, period, event, calendar)
    return Work(settings, obligation, occurrence, event, calendar, ledger, "inbox")


def _is_plain_file(path: Path, inbox: Path) -> bool:
    """Whether it is a file itself, in a folder that no link leads out of the inbox from."""
    return path.is_file() and not path.is_symlink() and path.resolve().is_relative_to(inbox.resolve())


def _remove(path: Path, seen: os.stat_result) -> None:
    """Remove a file that was dealt with, unless it has become another meanwhile."""
    try:
        now_is = path.stat()
    except FileNotFoundError:
        return
    if (now_is.st_ino, now_is.st_size, now_is.st_mtime_ns) == (seen.st_ino, seen.st_size, seen.st_mtime_ns):
        path.unlink(missing_ok=True)


def _secret_once(seen: os.stat_result) -> str:
    """Return what remembers a file of which nothing may be kept: when it was last changed, and nothing of it."""
    return f"answer_refused:{EDITED}:{seen.st_mtime_ns}"


def _is_known_secret(work: Work, seen: os.stat_result) -> bool:
    return any(event.once == _secret_once(seen) for event in work.ledger.events(work.key, work.period))
