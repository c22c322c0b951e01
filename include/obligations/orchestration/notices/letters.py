"""What one queued notice says: time left, what is missing, who acts, where to click. Layout is ``steps.notify``.

Everything comes from the ledger's row as it stands when the message goes out, never from when it was queued.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from obligations.orchestration.settings import Settings
from obligations.publications.periods import say_period
from obligations.rules.calendar import WorkingCalendar
from obligations.rules.contacts import Directory
from obligations.rules.policies import CONFIRM
from obligations.steps.ledger import OccurrenceRow, Stage
from obligations.steps.ledger.lateness import is_unverified_in_time, say_lateness
from obligations.words.contacts import Role
from obligations.words.letters import Entry
from obligations.words.notices import QueuedNotice
from obligations.words.occurrence import Period
from obligations.words.times import SHANGHAI, parse_instant, say_due

_INSTANT = timedelta(microseconds=1)
_MOST_PROBLEMS = 5
_OF_A_ROUND = {"feedback", "objection"}
# What an open occurrence still lacks at each stage, and who has to act.
_LACKS: dict[str, tuple[str, Role]] = {
    Stage.EXPECTED: ("尚未启动，数据未到", Role.RESPONSIBLE),
    Stage.GATHERING: ("数据未到", Role.RESPONSIBLE),
    Stage.WAITING: ("数据未到", Role.RESPONSIBLE),
    Stage.BAD_INPUT: ("数据有误，等待更正后重新报送", Role.RESPONSIBLE),
    Stage.DRAFTING: ("稿件正在起草", Role.RESPONSIBLE),
    Stage.DRAFTED: ("稿件已成，等待送审", Role.RESPONSIBLE),
    Stage.REVIEW: ("等待审核", Role.FINAL_REVIEW),
    Stage.RETURNED: ("稿件已退回，等待修改后重新送审", Role.RESPONSIBLE),
    Stage.APPROVED: ("已审定，等待发布", Role.OFFICE),
    Stage.PUBLISHED: ("已发布，等待核验", Role.OFFICE),
    Stage.FAILED: ("系统处理失败，等待排除", Role.OPERATOR),
}
_PROOF = {"held": "等待召开并登记", "submitted": "等待报送并登记回执", "completed": "等待办结并登记材料"}


def entry_of(
    notice: QueuedNotice,
    row: OccurrenceRow | None,
    government: str,
    directory: Directory,
    calendar: WorkingCalendar,
    settings: Settings,
    now: datetime,
) -> Entry:
    """Say what ``notice`` says at ``now`` about the occurrence of ``row``, in the jurisdiction named ``government``.

    Without a row it is an alarm of the system, which says what its facts say. Of ``notice.facts`` are read ``said``
    (sentences, one a line), ``acting_for`` (name of the A角), ``run_id``, and those of the ledger event that the notice rests on:
    ``version``, ``level``, ``comment``, ``file``, ``problems``, ``stage``, ``why`` (sentences), ``previous_due_at`` and
    ``due_at``, ``reason``, ``authority``.
    """
    if row is None:
        return Entry(notice.label, "", "", "", "", "", (), "", "", incident=False, link=None, remarks=_remarks(notice))
    missing, role = _lacks(row)
    page = f"{settings.base_url}/obligations/notices/{notice.id}"
    is_open = row.outcome is None
    asks = notice.tier.startswith(CONFIRM)
    return Entry(
        heading=notice.label,
        title=row.title,
        jurisdiction=government,
        period=say_period(Period(row.period, row.period_start, row.period_end)) or row.period,
        due=say_due(row.due_at) + ("（暂定，待节假日通知）" if row.provisional else ""),
        remaining=say_remaining(row, calendar, now),
        derivation=row.derivation,
        missing=missing,
        who=_who(row, role, government, directory, now) if is_open else "",
        incident=row.event_id is not None,
        link=_link(row, notice, settings),
        acknowledge=page if is_open and not asks else None,
        confirm=page if is_open and asks else None,
        remarks=_remarks(notice),
        overdue=is_open and row.paused_at is None and now > row.due_at and not is_unverified_in_time(row),
    )


def say_remaining(row: OccurrenceRow, calendar: WorkingCalendar, now: datetime) -> str:
    """Say how much time is left: 还剩2个工作日, 还剩3小时20分, 已逾期1天; of one that is closed or paused, that.

    Days are whole working days after today, the due day counted; within the last day, and where the limit is an hour
    of the day, hours. Where only days off are left, they are days.
    """
    if row.outcome is not None:
        return row.stage_label
    if row.paused_at is not None:
        return "时限中止"
    if is_unverified_in_time(row):
        return "已发布，待核验"
    if now > row.due_at:
        return f"已{say_lateness(row, now)}"
    last, today = (row.due_at - _INSTANT).astimezone(SHANGHAI).date(), now.astimezone(SHANGHAI).date()
    ends_a_day = row.due_at.astimezone(SHANGHAI).timetz().replace(tzinfo=None) == datetime.min.time()
    if not ends_a_day or last <= today:
        minutes = math.floor((row.due_at - now) / timedelta(minutes=1))
        hours, rest = divmod(minutes, 60)
        said = (f"{hours}小时" if hours else "") + (f"{rest}分" if rest else "")
        return f"还剩{said}" if said else "还剩不足1分钟"
    if days := calendar.working_days_between(today, last):
        return f"还剩{days}个工作日"
    return f"还剩{(last - today).days}天（均为休息日）"


def _lacks(row: OccurrenceRow) -> tuple[str, Role]:
    if row.outcome is not None:
        return "", Role.RESPONSIBLE
    missing, role = _LACKS[row.stage]
    if row.stage == Stage.APPROVED and row.fulfilment in _PROOF:
        return f"已审定，{_PROOF[row.fulfilment]}", Role.RESPONSIBLE
    return missing, role


def _who(row: OccurrenceRow, role: Role, government: str, directory: Directory, now: datetime) -> str:
    """Name the departments and whoever acts now."""
    departments = "、".join(row.departments) or row.office or government
    people = "、".join(each.name for each in directory.recipients((role,), row.jurisdiction, row.departments, now))
    if role is Role.RESPONSIBLE:
        return f"{departments}（{people}）" if people else departments
    return f"{departments}；现由{role.label}{people}办理"


def _link(row: OccurrenceRow, notice: QueuedNotice, settings: Settings) -> str:
    """Return the page in Airflow: of the run that the notice rests on, else of the DAG; of a round, its own page."""
    if notice.tier.partition(":")[0] in _OF_A_ROUND:
        return f"{settings.base_url}/obligations/feedback/{row.key}/{quote(row.period, safe='')}"
    page = f"{settings.base_url}/dags/{quote(row.key.replace('/', '.', 1), safe='')}"
    run_id = notice.facts.get("run_id")
    return f"{page}/runs/{quote(str(run_id), safe='')}" if run_id else page


def _remarks(notice: QueuedNotice) -> tuple[str, ...]:
    facts = notice.facts
    said = str(facts.get("said", "")).splitlines()
    if until := facts.get("until"):
        said.append(f"请在{say_due(parse_instant(str(until)))}核对本单位的数据，有异议的写明理由并附佐证材料。")
    if name := facts.get("acting_for"):
        said.append(f"您代{name}办理。")
    if facts.get("version") is not None:
        said.append(_verdict(facts))
    if problems := facts.get("problems"):
        file = f"文件 {facts['file']}：" if facts.get("file") else ""
        more = f"另有{len(problems) - _MOST_PROBLEMS}处，见办理页面。" if len(problems) > _MOST_PROBLEMS else ""
        said += [f"{file}{problems[0]}", *map(str, problems[1:_MOST_PROBLEMS]), *([more] if more else [])]
    if stage := facts.get("stage"):
        said.append(f"失败时所处环节：{stage}。")
    said += _redated(facts)
    if reason := facts.get("reason"):
        said.append(f"理由：{reason}。" + (f"批准：{facts['authority']}。" if facts.get("authority") else ""))
    return tuple(said)


def _redated(facts: Mapping[str, Any]) -> list[str]:
    """Say how the due time moved: in the words recorded with it, else from what to what."""
    if why := facts.get("why"):
        return [str(sentence) for sentence in why]
    if not {"previous_due_at", "due_at"} <= facts.keys():
        return []
    before, after = (say_due(parse_instant(str(facts[name]))) for name in ("previous_due_at", "due_at"))
    return [f"到期时间由{before}改为{after}。"]


def _verdict(facts: Mapping[str, Any]) -> str:
    """Say what the reviewer of a version said, or only which version it is about."""
    version, level, comment = f"第{facts['version']}版", facts.get("level") or "审核", facts.get("comment")
    return f"{version}{level}意见：{comment}" if comment else f"所涉稿件为{version}。"
