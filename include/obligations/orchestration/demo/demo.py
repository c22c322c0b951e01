"""The demo: a real Airflow on this machine takes five duties through gather and draft to review, on real figures.

``python -m obligations.orchestration.demo.demo run`` stays up; ``once`` approves as the demo reviewer, prints the ledger and
ends; ``up`` only starts Airflow. All state lies in ``var/`` below the repository. Demo text is marked as such.
"""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from obligations.orchestration.demo.embedded import REPOSITORY, EmbeddedAirflow
from obligations.orchestration.demo.rest import AirflowRest
from obligations.orchestration.demo.site import demo_portal
from obligations.orchestration.demo.sources import SERIES, prepare_sources
from obligations.orchestration.review.answers import APPROVE, COMMENT, SUBMIT
from obligations.orchestration.settings import Settings
from obligations.orchestration.telling import Teller
from obligations.rules.calendar import load_calendar
from obligations.steps.ledger import LedgerRow, open_ledger
from obligations.words.telling import Tell, untold
from obligations.words.times import SHANGHAI, say_due, say_instant

EVENT_DAGS = ("demo.incident-bulletin", "demo.incident-press-conference")
DAGS = (*SERIES, *EVENT_DAGS)
INCIDENT = {
    "level": "重大",
    "title": "演示路段道路交通事故",
    "category": "道路交通事故",
    "place": "演示区演示镇演示路（演示数据）",
    "lead": "演示单位应急管理局",
    "summary": "一辆货车与一辆客车相撞（演示数据，并非真实事件）",
    "jurisdiction": "demo",
}
_STATES = {"filled": "·送审", "final": "·审签"}
WAIT_SECONDS = 900  # a slow machine takes its time


class DemoFailed(RuntimeError):
    """The demo did not reach its end; the message says how far it came and where the logs are."""


def main(arguments: list[str]) -> int:
    """Run one of ``run``, ``once`` and ``up``; returns the exit code."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    mode = arguments[0] if arguments else "run"
    if mode not in {"run", "once", "up"}:
        _say("用法：python -m obligations.orchestration.demo.demo run|once|up")
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    state = REPOSITORY / "var"
    _say("正在启动 Airflow（首次约需一分钟）……")
    try:
        with ExitStack() as running:
            with Teller(sys.stderr, 10) as tell:
                tell("正在启动 Airflow")
                site = running.enter_context(demo_portal(state))
                airflow = running.enter_context(demo_airflow(state, datetime.now(SHANGHAI), site=site))
                airflow.wait_until_healthy(tell=tell)
                settings = Settings.from_environment(airflow.variables())
                if mode != "up":
                    start_demo(airflow, tell)
                if mode == "once":
                    answer_reviews(airflow, settings, tell)
            are_met = mode != "up" and _show(settings)
            return _stay_up(airflow) if mode != "once" else 0 if are_met else 1
    except KeyboardInterrupt:
        return 0
    except subprocess.CalledProcessError as error:
        _say(f"演示未能完成：命令 {' '.join(map(str, error.cmd))} 失败，其最后输出：\n{_last_words(error)}")
        return 1
    except (DemoFailed, TimeoutError, RuntimeError, httpx.HTTPError) as error:
        _say(f"演示未能完成：{error}")
        return 1


def demo_airflow(state: Path, now: datetime, port: int = 0, site: dict[str, str] | None = None) -> EmbeddedAirflow:
    """Prepare the demo's sources below ``state`` and return its Airflow, not yet started.

    ``site`` is the environment of the channel that it publishes by; without one a person posts what is approved.
    """
    state.mkdir(parents=True, exist_ok=True)
    go_live = state / "go-live"  # the day of the first start; periods from its month on are scheduled
    if not go_live.exists():
        go_live.write_text(now.date().replace(day=1).isoformat(), "utf-8")
    prepare_sources(state)
    return EmbeddedAirflow(
        state / "airflow",
        port=port,
        environment={
            "OBLIGATIONS_HOME": str(state),
            "OBLIGATIONS_JURISDICTIONS": "demo",
            "OBLIGATIONS_GO_LIVE": go_live.read_text("utf-8").strip(),
            "OBLIGATIONS_SOURCE_DEMO_DEPARTMENTS": f"sqlite:///{state / 'demo' / 'departments.sqlite3'}",
            **(site or {}),
        },
    )


def start_demo(airflow: EmbeddedAirflow, tell: Tell = untold) -> None:
    """Start one run for each series, report one incident and complete the drafts; wait until all five are at review."""
    tell("正在等待 Airflow 解析事项")
    with airflow.client() as client, airflow.client("drafter") as theirs:
        rest, drafter = AirflowRest(client), AirflowRest(theirs)
        _wait(airflow, "解析事项", lambda: {*DAGS, "report_event"} <= rest.dag_ids())
        for dag_id, period in SERIES.items():
            rest.start(dag_id, f"start__{period}__v1", period=period)
        rest.start("report_event", "demo__incident", conf=_incident(airflow))
        _say("已启动五项演示事项：归集数据、生成草稿……")

        def are_at_review() -> bool:
            _answer(drafter, [form for form in drafter.open_forms(DAGS) if SUBMIT in form["options"]])
            ready = _at_review_or_done(rest)
            tell(f"{len(ready)} 项已到审核，共 {len(DAGS)} 项")
            return len(ready) == len(DAGS)

        _wait(airflow, "到达审核", are_at_review)


def answer_reviews(airflow: EmbeddedAirflow, settings: Settings, tell: Tell = untold) -> None:
    """Approve on every level, and record that the press conference was held, as the demo reviewer."""
    with airflow.client("reviewer") as client:
        rest = AirflowRest(client)

        def finished() -> bool:
            _answer(rest, rest.open_forms(DAGS))
            met = [row.occurrence.is_met for row in demo_rows(settings)]
            tell(f"{sum(met)} 项已办结，共 {len(DAGS)} 项")
            return all(met)

        _wait(airflow, "五项全部办结", finished)
        _wait(airflow, "运行结束", lambda: all(states == {"success"} for states in _demo_states(rest).values()))


def _answer(rest: AirflowRest, forms: list[dict[str, Any]]) -> None:
    """Answer each form with its first option, which is the one that goes on, in words nobody can take for real.

    Not at once: Airflow 3.3.2 loses an answer while the process that asked is still ending, and then asks again.
    """
    time.sleep(3)
    for form in forms:
        is_review = APPROVE in form["options"]
        texts = {name: None if is_review or name == COMMENT.name else _demo_text(name) for name in form["params"]}
        rest.answer(form, form["options"][0], texts)


def demo_rows(settings: Settings) -> list[LedgerRow]:
    """Return the five ledger rows of the demo, earliest due first; fewer while some are not expected yet."""
    with open_ledger(settings.ledger_url) as ledger:
        rows = ledger.rows(now=datetime.now(SHANGHAI), is_working_day=load_calendar(settings.holidays).is_working_day)
    periods = set(SERIES.items())
    return [
        row
        for row in rows
        if (row.occurrence.key.replace("/", "."), row.occurrence.period) in periods
        or row.occurrence.key.replace("/", ".") in EVENT_DAGS
    ]


def _demo_text(field: str) -> str:
    """Fill a blank with text that nobody can take for real."""
    if field == "fulfilled_at":
        return (datetime.now(SHANGHAI) - timedelta(seconds=30)).isoformat(timespec="seconds")
    return "（演示填写，并非真实内容）"


def _incident(airflow: EmbeddedAirflow) -> dict[str, str]:
    """Return the demo's incident; a second start reports the same one again, which changes nothing."""
    kept = airflow.home.parent / "demo" / "incident.json"
    if not kept.exists():
        happened = datetime.now(SHANGHAI) - timedelta(hours=1)
        kept.write_text(json.dumps({**INCIDENT, "happened_at": happened.isoformat(timespec="seconds")}), "utf-8")
    incident: dict[str, str] = json.loads(kept.read_text("utf-8"))
    return incident


def _at_review_or_done(rest: AirflowRest) -> set[str]:
    """Return the ids of the demo's DAGs whose runs wait for a review or are done; raises DemoFailed if one failed."""
    reviewing = {form["task_instance"]["dag_id"] for form in rest.open_forms(DAGS) if APPROVE in form["options"]}
    states = _demo_states(rest)
    if failed := [dag_id for dag_id, found in states.items() if "failed" in found]:
        raise DemoFailed(f"{'、'.join(failed)} 的运行失败，请在页面上查看该次运行")
    return {dag_id for dag_id, found in states.items() if dag_id in reviewing or found == {"success"}}


def _demo_states(rest: AirflowRest) -> dict[str, set[str]]:
    """Return the states of the demo's own runs; runs that wait for this month's data are none of them."""
    return {
        dag_id: {state for run_id, state in rest.runs(dag_id).items() if run_id.startswith("start__")}
        for dag_id in DAGS
    }


def _wait(airflow: EmbeddedAirflow, what: str, reached: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not reached():
        airflow.require_alive()
        if time.monotonic() > end:
            raise DemoFailed(f"{WAIT_SECONDS}秒内没有{what}；日志：{airflow.home}/*.log 和 {airflow.home}/logs")
        time.sleep(0.5)


def _last_words(error: subprocess.CalledProcessError) -> str:
    return "\n".join(str(error.stderr or error.stdout or "").strip().splitlines()[-5:])


def _show(settings: Settings) -> bool:
    """Print the demo's ledger rows; return whether all five occurrences are met."""
    rows = demo_rows(settings)
    for row in rows:
        occurrence = row.occurrence
        _say(f"\n■ {occurrence.title}  {occurrence.key}  {occurrence.period}")
        _say(f"  公开时限：{say_due(occurrence.due_at)}{'（暂定，待节假日通知）' if occurrence.provisional else ''}")
        lateness = f"补录（实际{row.true_lateness}）" if occurrence.historical else row.lateness
        _say(f"  进展：{occurrence.stage_label}；{lateness}")
        if occurrence.met_at:
            _say(f"  完成：{say_instant(occurrence.met_at)}")
        for stage in row.stages:
            if stage.hours is not None:
                _say(f"  {stage.label}用时：{_span(stage.hours)}（其中工作时间 {_span(stage.working_hours)}）")
        for draft in row.drafts:
            _say(f"  稿件（第{draft.version}版{_STATES.get(draft.state, '')}）：{draft.folder}")
        for publication in row.publications:
            _say(f"  {publication.grade}：{publication.address}")
    met = sum(row.occurrence.is_met for row in rows)
    _say(f"\n共 {len(rows)} 项，已办结 {met} 项。")
    return len(rows) == len(DAGS) == met


def _span(hours: float | None) -> str:
    """Say a length of time as people do: hours, or what is left of one."""
    if hours is None:
        return "未计"
    seconds = hours * 3600
    return f"{hours:.1f}小时" if hours >= 1 else f"{seconds / 60:.0f}分钟" if seconds >= 60 else f"{seconds:.0f}秒"


def _stay_up(airflow: EmbeddedAirflow) -> int:
    _say(f"\n页面：{airflow.url}")
    for user, password in airflow.passwords.items():
        _say(f"  账号 {user}  密码 {password}")
    _say("以 reviewer 登录，在“Browse → Required Actions”（需要处理的事项）中审核。按 Ctrl-C 结束。")
    while all(process.poll() is None for process in airflow.processes.values()):
        time.sleep(1)
    _say(f"有组件意外退出，日志：{airflow.home}/*.log")
    return 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
