"""The arguments of ``look``. What it does is ``commands.looking``."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from obligations.orchestration.commands.chinese_arguments import ChineseParser
from obligations.orchestration.commands.outcome import Door, Outcome

Add = Callable[[str, str, Callable[[argparse.Namespace, Door], Outcome]], ChineseParser]


def add_commands(add: Add) -> None:
    """Add the command with ``add(name, says, command)``, which returns its parser."""
    look = add("look", "查看一次已发布的网页，与审签稿比较；不登记", _look)
    look.operands.add_argument("key", metavar="编号", help="公开事项编号，如 demo/fiscal-monthly")
    look.options.add_argument(
        "--period", metavar="期间", required=True, help="2026-09、2026-Q3、2026-W40 等；事件触发的事项写事件编号"
    )


def _look(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.looking import look_once

    return look_once(door, arguments.key, arguments.period)
