"""The command ``sweep``: one pass outside Airflow, which therefore starts no runs. The pass itself is ``sweep.sweeping``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from obligations.orchestration.commands.outcome import Door, Outcome, Rows
from obligations.orchestration.sweep.sweeping import sweep
from obligations.words.times import say_due, say_instant

_TITLES = {
    "expected": "新登记",
    "rebound": "时限调整",
    "missed": "逾期",
    "queued": "提醒排队",
    "sent": "已发送",
    "dropped": "不再需要",
    "failed": "发送失败",
}
_NO_RUNS = "本命令不启动办理，也不能查看办理是否中断；启动由 Airflow 的定时巡检（sweep）进行"


def sweep_once(door: Door, at: datetime | None, *, send: bool) -> Outcome:
    """Do one pass as of ``at``, by default now; without ``send`` what is due stays queued."""
    now = door.now()
    notes = (
        [] if at is None or at <= now else [f"{say_instant(at)}晚于现在，台账已按该时间登记，早于它的巡检将不再登记"]
    )
    transports = None
    if send:
        from obligations.orchestration.notices.channels import transports_of  # loads Airflow, for its connections

        transports = transports_of(door.settings)
    clock = None if at is not None else door.now
    report = sweep(door.settings, at or now, transports=transports, clock=clock, tell=door.tell)
    value = report.as_json() | {"starts_runs": False, "sends": send}
    shown: list[str | Rows] = [f"{say_instant(report.at)}巡检完毕：" + _say_counts(value)]
    for name, title in _TITLES.items():
        if rows := value[name]:
            shown += [f"{title}：", Rows(("编号", "期间", "说明"), [_cells(row) for row in rows])]
    shown += [f"告警：{alarm['said']}" for alarm in value["alarms"]]
    shown.append(_NO_RUNS + ("" if send else "；没有写 --send，提醒只排队、不发送"))
    return Outcome(value, tuple(shown), tuple(notes))


def _say_counts(value: dict[str, Any]) -> str:
    return "，".join(f"{title}{len(value[name])}项" for name, title in _TITLES.items())


def _cells(row: dict[str, Any]) -> tuple[str, str, str]:
    more = {name: said for name, said in row.items() if name not in {"key", "period"} and said}
    said = "，".join(_say(name, each) for name, each in more.items())
    return row["key"] or "系统", row["period"] or "", said


def _say(name: str, value: object) -> str:
    if isinstance(value, datetime):
        return say_instant(value) if name == "send_after" else say_due(value)
    return "".join(map(str, value)) if isinstance(value, list) else str(value)
