"""The arguments of each command of ``obligations``, and the function that runs it.

A command is imported when it is asked for, so that those that only look at the catalogue start fast.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from obligations.orchestration.commands import (
    arguments_archive,
    arguments_calendar,
    arguments_check_draft,
    arguments_decisions,
    arguments_drafting,
    arguments_look,
    arguments_plans,
    arguments_roles,
    arguments_sweep,
    arguments_tables,
    arguments_uploads,
)
from obligations.orchestration.commands.chinese_arguments import BriefHelp, ChineseParser
from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.orchestration.commands.shared_arguments import Command, add_key, add_period, read_day, read_instant

EVENT_FIELDS = {
    "reported_at": "报告到本单位的时间，不填为现在",
    "noticed_at": "本单位知悉的时间",
    "place": "地点，到乡镇、路名",
    "lead": "牵头发布单位",
    "summary": "简况",
    "casualties": "已核实的伤亡情况，不写姓名",
    "measures": "已采取的措施",
    "category": "事件类型，如 道路交通事故",
    "event_id": "事件编号，只在级别变化时填写原编号",
}


def build_parser() -> ChineseParser:
    """Return the parser; each command's namespace holds the function that runs it as ``command``."""
    parser = ChineseParser(
        prog="obligations",
        formatter_class=BriefHelp,
        description="政务公开工作台账系统。非涉密系统，严禁处理、存储、传输涉密信息",
        epilog="退出码：0 完成，1 发现问题，2 输入无法使用",
    )
    commands = parser.add_subparsers(
        title="命令", metavar="命令", dest="name", required=True, parser_class=ChineseParser
    )

    def add(name: str, says: str, command: Command) -> ChineseParser:
        sub = commands.add_parser(name, help=says, description=says)
        sub.set_defaults(command=command)
        sub.options.add_argument("--json", action="store_true", help="只在标准输出上打印一个 JSON 值")
        return sub

    add("check", "校验任务清单、放假通知、法定时限和模板，列出全部问题", _check)
    listing = add("list", "列出全部公开事项", _list)
    listing.options.add_argument("--jurisdiction", metavar="辖区", help="只列一个辖区，如 shandong")
    due = add("due", "列出一个事项在一段时间内的公开时限及推算依据", _due)
    add_key(due)
    due.options.add_argument(
        "--from", dest="first", metavar="日期", type=read_day, required=True, help="起日（含），如 2026-09-01"
    )
    due.options.add_argument("--to", dest="last", metavar="日期", type=read_day, required=True, help="止日（含）")
    clock = add("clock", "按一条时限推算日期，如 PT5H、P20WD、P20D、P1M", _clock)
    clock.operands.add_argument(
        "rule", metavar="时限", help="PT5H（小时）、P20WD（工作日）、P20D（日）、P1M（月）、PT0S（同步）"
    )
    clock.options.add_argument(
        "--start",
        metavar="时间",
        action="append",
        type=read_instant,
        required=True,
        help="起算时间，可写多次；只写日期为当日零时，不写时区为北京时间",
    )
    draft = add("draft", "归集数据并生成草稿，不记入台账", _draft)
    add_key(draft)
    add_period(draft)
    draft.options.add_argument("--source", metavar="文件", type=Path, help="改用这个数据文件；文件本身不会被移动或改动")
    draft.options.add_argument("--out", metavar="文件夹", type=Path, required=True, help="草稿写入这个文件夹")
    run = add("run", "在本进程内走完归集数据、生成草稿，停在审核", _run)
    add_key(run)
    add_period(run)
    report = add("report-event", "登记事件，列出由此开始计时的事项", _report_event)
    report.operands.add_argument(
        "type", metavar="类型", help="incident（突发事件），或任务清单中写明的其他事件，如 本要点公布"
    )
    report.options.add_argument(
        "--at", metavar="时间", required=True, help="发生时间，时限由此起算，如 2026-09-30T14:05"
    )
    report.options.add_argument("--title", metavar="名称", required=True, help="事件名称")
    report.options.add_argument(
        "--level", metavar="级别", default="重大", help="突发事件的级别：特别重大、重大（不填为重大）、较大、一般"
    )
    for name, says in EVENT_FIELDS.items():
        report.options.add_argument(
            f"--{name.replace('_', '-')}", metavar="时间" if name.endswith("_at") else "文字", help=says
        )
    report.options.add_argument("--jurisdiction", metavar="辖区", help="只限一个辖区；不填为全部执行期内的辖区")
    ledger = add("ledger", "查看台账", _ledger)
    ledger.options.add_argument("--key", metavar="编号", help="只看一个事项，如 demo/fiscal-monthly")
    ledger.options.add_argument("--period", metavar="期间", help="只看一期，如 2026-09")
    add("migrate", "把台账的表更新到本程序的版本", _migrate)
    verifying = add("verify-ledger", "核验台账是否被改动，指出第一处不符", _verify)
    verifying.options.add_argument(
        "--checkpoint",
        metavar="封存值",
        action="append",
        default=[],
        help="另外保存的核对点封存值，台账中应有它；可写多次，用来发现恢复的备份过旧或台账被整体改写",
    )
    arguments_drafting.add_commands(add)
    arguments_check_draft.add_commands(add)
    arguments_look.add_commands(add)
    arguments_calendar.add_commands(add)
    arguments_uploads.add_commands(add)
    arguments_sweep.add_commands(add)
    arguments_decisions.add_commands(add)
    arguments_tables.add_commands(add)
    arguments_archive.add_commands(add)
    arguments_roles.add_commands(add)
    arguments_plans.add_commands(add)
    return parser


def _check(_: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.look_up import check

    return check(door)


def _list(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.look_up import list_obligations

    return list_obligations(door, arguments.jurisdiction)


def _due(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.look_up import due

    return due(door, arguments.key, arguments.first, arguments.last)


def _clock(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.look_up import clock

    return clock(door, arguments.rule, arguments.start)


def _draft(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.drafting import draft

    return draft(door, arguments.key, arguments.period, arguments.source, arguments.out)


def _run(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.drafting import run

    return run(door, arguments.key, arguments.period)


def _report_event(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.ledger import report_event

    fields = {name: getattr(arguments, name) for name in EVENT_FIELDS}
    fields |= {"type": arguments.type, "level": arguments.level, "title": arguments.title, "happened_at": arguments.at}
    return report_event(door, fields, arguments.jurisdiction)


def _ledger(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.ledger import show_ledger

    return show_ledger(door, arguments.key, arguments.period)


def _migrate(_: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.ledger import migrate_ledger

    return migrate_ledger(door)


def _verify(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.ledger import verify

    return verify(door, arguments.checkpoint)
