"""The arguments of ``sweep``. What it does is ``commands.sweep_once``."""

from __future__ import annotations

import argparse

from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.orchestration.commands.shared_arguments import Add, read_instant


def add_commands(add: Add) -> None:
    """Add the command with ``add(name, says, command)``, which returns its parser."""
    sweep = add("sweep", "巡检一次：登记期次、调整时限、登记逾期、排队提醒；不启动办理", _sweep)
    sweep.options.add_argument(
        "--at", metavar="时间", type=read_instant, help="以这一时间为准，如 2026-09-30T14:05；不填为现在"
    )
    sweep.options.add_argument("--send", action="store_true", help="发送到时的提醒；不写则只排队")


def _sweep(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.sweep_once import sweep_once

    return sweep_once(door, arguments.at, send=arguments.send)
