"""The arguments of the commands by which people decide: ``decide`` and ``purge``. What they do is ``commands_decisions``."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from obligations.orchestration.chinese_arguments import ChineseParser
from obligations.orchestration.outcome import Door, Outcome
from obligations.orchestration.ruling_fields import FIELDS, KINDS

Add = Callable[[str, str, Callable[[argparse.Namespace, Door], Outcome]], ChineseParser]


def add_commands(add: Add) -> None:
    """Add both commands with ``add(name, says, command)``, which returns the parser of one."""
    decide = add("decide", "登记对某一期的处理决定：延长、中止、不计入考核、零报告、不予公开等", _decide)
    decide.operands.add_argument("key", metavar="编号", help="公开事项编号，如 demo/fiscal-monthly")
    kinds = "、".join(f"{code}（{kind.title}）" for code, kind in KINDS.items())
    decide.operands.add_argument("decision", metavar="决定", help=kinds)
    decide.options.add_argument(
        "--period", metavar="期间", required=True, help="2026-09、2026-Q3、2026-W40 等；事件触发的事项写事件编号"
    )
    _add_person(decide)
    for name, says in FIELDS.items():
        decide.options.add_argument(f"--{name.replace('_', '-')}", metavar="文字", help=says)
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
    from obligations.orchestration.commands_decisions import decide

    fields = {name: getattr(arguments, name) for name in FIELDS}
    return decide(door, arguments.key, arguments.period, arguments.decision, fields, arguments.person)


def _purge(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands_decisions import purge
    from obligations.orchestration.purges import Why

    return purge(
        door,
        years=arguments.older_than_years,
        sha256=arguments.sha256,
        key=arguments.key,
        period=arguments.period,
        why=Why(arguments.reason, arguments.person, arguments.authority),
        apply=arguments.apply,
    )
