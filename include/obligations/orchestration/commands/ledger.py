"""The commands that work on the ledger alone: report-event, ledger, migrate, verify-ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import make_url

from obligations.orchestration.commands.listing import occurrence_as_json, say_due_date
from obligations.orchestration.commands.look_up import folder_of, notes_on, require_jurisdiction
from obligations.orchestration.commands.outcome import Door, Outcome, Rows
from obligations.orchestration.events.closing import close_event
from obligations.orchestration.events.incidents import read_report, report
from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load, load_one
from obligations.steps.ledger import LedgerRow, migrate, open_ledger, verify_ledger
from obligations.words.times import say_due, say_instant

_STARTS_NO_RUNS = "本命令只登记事件和时限，不启动办理；办理由 Airflow 的“事件登记”（report_event）或定时巡检启动"


def report_event(door: Door, fields: Mapping[str, str | None], jurisdiction: str | None) -> Outcome:
    """Register an event and list the occurrences it opened; starts no runs."""
    root = folder_of(door)
    if jurisdiction is not None:
        require_jurisdiction(root, jurisdiction)
    now = door.now()
    reported = report(door.settings, read_report(fields, now), now, jurisdiction=jurisdiction)
    event = reported.event
    rows = [
        (occurrence.key, obligation.title, say_due_date(occurrence.due), say_due(occurrence.draft_by))
        for obligation, occurrence in reported.opened
    ]
    registered = "已登记" if reported.is_new else "此前已登记，时限不变"
    shown: list[str | Rows] = [
        f"{event.title}{f'（{event.level}）' if event.level else ''}，{say_instant(event.happened_at)}发生：{registered}，事件编号 {event.id}"
    ]
    if rows:
        shown += [Rows(("编号", "公开事项", "时限", "送审期限"), rows), _STARTS_NO_RUNS]
    else:
        shown.append("没有执行中的条文对该类型、该级别的事件规定时限，未开始计时")
    value = {
        "event_id": event.id,
        "level": event.level,
        "happened_at": event.happened_at,
        "is_new": reported.is_new,
        "occurrences": [occurrence_as_json(occurrence) for _, occurrence in reported.opened],
    }
    return Outcome(value, tuple(shown), notes_on(load(root).faults))


def end_event(door: Door, event_id: str, at: datetime, reason: str, person: str) -> Outcome:
    """Record that an incident is over; starts and stops no runs."""
    event, is_new = close_event(door.settings, event_id, at, reason, person, door.now())
    ended = say_instant(event.closed_at or at)
    said = f"{event.title}（{event.id}）已登记于{ended}结束" if is_new else f"{event.id} 此前已登记于{ended}结束"
    value = {"event_id": event.id, "closed_at": event.closed_at, "is_new": is_new}
    return Outcome(value, (f"{said}；以后不再续报，已开始的续报不再需要的，请登记零报告",))


def show_ledger(door: Door, key: str | None, period: str | None) -> Outcome:
    """List the ledger's rows as of now, earliest due first; raises UnusableInput for a key that nobody knows."""
    with open_ledger(door.settings.ledger_url) as ledger:
        rows = ledger.rows(
            key, period, now=door.now(), is_working_day=load_calendar(door.settings.holidays).is_working_day
        )
    if not rows and key is not None:
        load_one(folder_of(door), key)  # an obligation without rows is an answer, a misspelt key is not
    headers = ("编号", "期间", "时限", "环节", "按期情况", "环节用时", "滞后环节", "佐证")
    table = Rows(headers, [_cells(row) for row in rows])
    shown: tuple[str | Rows, ...] = (table, *_say_drafts(rows), f"共 {len(rows)} 项")
    return Outcome([row.as_json() for row in rows], shown if rows else ("台账中没有符合条件的事项",))


def _cells(row: LedgerRow) -> tuple[str, ...]:
    occurrence = row.occurrence
    lateness = f"补录（实际{row.true_lateness}）" if occurrence.historical else row.lateness
    return (
        occurrence.key,
        occurrence.period,
        say_due(occurrence.due_at) + ("（暂定，待节假日通知）" if occurrence.provisional else ""),
        _say_stage(row),
        lateness,
        "、".join(_say_stages(row)),
        f"{row.loss.label}（{row.loss.owner}，{row.loss.found_by}）" if row.loss else "",
        "、".join(_say_evidence(row)),
    )


def _say_stage(row: LedgerRow) -> str:
    """Say where it stands, and what is still to be done beside it."""
    owed = "、".join(dict.fromkeys(each.label for each in row.follow_ups))
    return f"{row.occurrence.stage_label}（{owed}）" if owed else row.occurrence.stage_label


def _say_stages(row: LedgerRow) -> Iterator[str]:
    for stage in row.stages:
        if stage.hours is not None:
            yield f"{stage.label}{stage.hours:.1f}小时" + ("（未完）" if stage.ended_at is None else "")


def _say_evidence(row: LedgerRow) -> Iterator[str]:
    for event in row.evidence:
        grade = event.payload.get("grade", "")
        yield f"{grade} {say_instant(event.happened_at)}".strip()


def _say_drafts(rows: Iterable[LedgerRow]) -> Iterator[str]:
    for row in rows:
        if row.drafts:
            last = row.drafts[-1]
            yield f"稿件：{row.occurrence.key} {row.occurrence.period} 第{last.version}版 {last.folder}"


def migrate_ledger(door: Door) -> Outcome:
    """Bring the ledger's tables up to date."""
    door.tell("正在更新台账的表，请勿中断")
    revision = migrate(door.settings.ledger_url)
    address = _address(door)
    return Outcome({"ledger": address, "revision": revision}, (f"台账 {address} 已是版本 {revision}",))


def verify(door: Door, checkpoints: Sequence[str] = ()) -> Outcome:
    """Recompute the ledger's chains; exit 1 and name what does not hold, or which kept checkpoint is not in it."""
    with open_ledger(door.settings.ledger_url) as ledger:
        faults = verify_ledger(ledger, checkpoints, tell=door.tell)
        last = ledger.last_checkpoint()
    address = _address(door)
    value = {
        "ledger": address,
        "sound": not faults,
        "first_fault": faults[0] if faults else None,
        "faults": faults,
        "checkpoint": {"day": last[0].isoformat(), "hash": last[1]} if last else None,
    }
    if faults:
        return Outcome(value, (f"台账 {address} 有 {len(faults)} 处不符：", *faults), exit_code=1)
    said = (f"最近的核对点 {last[0].isoformat()}，封存值 {last[1]}（请另外保存，恢复后用它核对）",) if last else ()
    return Outcome(value, (f"台账 {address} 完好，各事项的事件链均相符", *said))


def _address(door: Door) -> str:
    return make_url(door.settings.ledger_url).render_as_string(hide_password=True)
