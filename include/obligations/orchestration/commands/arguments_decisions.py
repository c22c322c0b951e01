"""The arguments of the commands by which people decide: ``decide``, ``close-event`` and ``purge``. They act in ``decide``, ``ledger``."""

from __future__ import annotations

import argparse

from obligations.orchestration.commands.chinese_arguments import ChineseParser
from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.orchestration.commands.shared_arguments import Add, add_key, add_period, read_instant
from obligations.orchestration.rulings.kinds import FIELDS, KINDS


def add_commands(add: Add) -> None:
    """Add the commands with ``add(name, says, command)``, which returns the parser of one."""
    decide = add("decide", "登记对某一期的处理决定：延长、中止、不计入考核、零报告、不予公开等", _decide)
    add_key(decide)
    kinds = "、".join(f"{code}（{kind.title}）" for code, kind in KINDS.items())
    decide.operands.add_argument("decision", metavar="决定", help=kinds)
    add_period(decide)
    _add_person(decide)
    for name, says in FIELDS.items():
        decide.options.add_argument(f"--{name.replace('_', '-')}", metavar="文字", help=says)
    end = add("close-event", "登记突发事件已经结束，以后不再续报", _close_event)
    end.operands.add_argument("event_id", metavar="事件编号", help="登记事件时得到的编号")
    end.options.add_argument(
        "--at", metavar="时间", type=read_instant, required=True, help="结束时间，如 2026-09-30T14:05"
    )
    end.options.add_argument("--reason", metavar="文字", required=True, help="理由，如 应急响应终止")
    _add_person(end)
    purge = add("purge", "按规定清除草稿、原始数据和佐证文件；台账记录永远保留", _purge)
    which = purge.options.add_mutually_exclusive_group(required=True)
    which.add_argument("--older-than-years", metavar="年数", type=_years, help="清除办结满若干年的各期")
    which.add_argument("--sha256", metavar="哈希", help="清除这一份文件，不论哪一期用到")
    which.add_argument("--key", metavar="编号", help="清除一个事项的一期，与 --period 同用")
    purge.options.add_argument("--period", metavar="期间", help="与 --key 同用")
    purge.options.add_argument("--reason", metavar="文字", required=True, help="理由：制度条款或通知文号")
    _add_person(purge)
    purge.options.add_argument("--authority", metavar="文字", required=True, help="批准人或批准机构")
    purge.options.add_argument("--apply", action="store_true", help="实际清除；不写则只列出将清除的文件")


def _add_person(parser: ChineseParser) -> None:
    parser.options.add_argument("--person", metavar="账号", required=True, help="登记人，记入台账")


def _years(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 100):
        raise argparse.ArgumentTypeError(f"“{text}”应为 1 至 100 的整数")
    return int(text)


def _decide(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.decide import decide

    fields = {name: getattr(arguments, name) for name in FIELDS}
    return decide(door, arguments.key, arguments.period, arguments.decision, fields, arguments.person)


def _close_event(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.ledger import end_event

    return end_event(door, arguments.event_id, arguments.at, arguments.reason, arguments.person)


def _purge(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.decide import purge
    from obligations.orchestration.upkeep.purges import Why

    return purge(
        door,
        years=arguments.older_than_years,
        sha256=arguments.sha256,
        key=arguments.key,
        period=arguments.period,
        why=Why(arguments.reason, arguments.person, arguments.authority),
        apply=arguments.apply,
    )
