"""Lists what is held for one period of a quota or a standing duty: the files of its folder and what the ledger proves.

Only reads, waits for nothing and judges nothing: the counts and what follows from them are put to a person.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from obligations.rules.pace import fresh_until, pace_warning
from obligations.rules.wording import say_cadence, say_clock
from obligations.steps.gather.inbox import files_in, folder_of, place_of
from obligations.words.clocks import QuotaClock, StandingClock
from obligations.words.errors import UnusableInput
from obligations.words.material import HeldFile, Holdings, Proven
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Period
from obligations.words.sources import FolderSource
from obligations.words.times import SHANGHAI, end_of_day, midnight, say_day

MOST_FILES = 200


def holdings_of(
    obligation: Obligation, period: Period, proven: Sequence[Proven], inbox: Path, now: datetime
) -> Holdings:
    """Return what is held for ``period`` as of ``now``; a folder that is not there holds nothing.

    Raises UnusableInput for an obligation whose source is no folder.
    """
    source = obligation.source
    if not isinstance(source, FolderSource):
        raise UnusableInput(f"{obligation.key} 的来源不是收件夹清单，不能形成核对单")
    folder = folder_of(obligation, source)
    found = files_in(place_of(folder, inbox))
    files = sorted((_held(name, status, period) for name, status in found), key=lambda file: file.name)
    before = sorted((act for act in proven if act.at <= now), key=lambda act: (act.at, act.period))
    within = tuple(act for act in before if midnight(period.start) <= act.at <= end_of_day(period.end))
    remarks = [*_remarks(obligation, period, files, within, before[-1] if before else None, now)]
    if len(files) > MOST_FILES:
        remarks.append(f"收件夹 {folder} 有 {len(files)} 个文件，只列出前 {MOST_FILES} 个。")
    is_quota = isinstance(obligation.clock, QuotaClock)
    return Holdings(
        requirement=say_cadence(obligation.clock) if is_quota else say_clock(obligation),
        asks_how_many=is_quota,
        folder=folder,
        files=tuple(files[:MOST_FILES]),
        proven=within,
        last_proven=before[-1] if before else None,
        remarks=tuple(remarks),
        as_of=now.astimezone(SHANGHAI),
    )


def _held(name: str, status: os.stat_result, period: Period) -> HeldFile:
    changed = datetime.fromtimestamp(int(status.st_mtime), SHANGHAI)
    in_period = period.key.lower() in name.lower() or period.start <= changed.date() <= period.end
    return HeldFile(name, status.st_size, changed, in_period)


def _remarks(
    obligation: Obligation,
    period: Period,
    files: Sequence[HeldFile],
    within: Sequence[Proven],
    last: Proven | None,
    now: datetime,
) -> Iterator[str]:
    clock, today = obligation.clock, now.astimezone(SHANGHAI).date()
    if isinstance(clock, QuotaClock):
        # A file often is the record of what the ledger holds too, so the two are not added up.
        done = max(len(within), sum(file.in_period for file in files))
        if warning := pace_warning(clock, period, done, today):
            yield f"{warning}（按台账次数和本期文件数中较大的计，请核对。）"
        if clock.min_pct is not None or clock.max_pct is not None:
            yield "比例不能由文件数推算，请核对后填写。"
    elif isinstance(clock, StandingClock):
        if last is None:
            yield "台账中没有更新或确认的记录，请核对现行公开内容。"
        elif (until := fresh_until(last.at.astimezone(SHANGHAI).date(), clock)) < today:
            yield f"上次更新或确认的有效期到{say_day(until)}为止，已过期，请更新或确认没有变化。"
