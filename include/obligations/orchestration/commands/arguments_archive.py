"""The arguments of ``archive``. What it does is ``commands.archive``."""

from __future__ import annotations

import argparse
from pathlib import Path

from obligations.orchestration.commands.arguments_tables import add_action, choices
from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.orchestration.commands.shared_arguments import Add


def add_commands(add: Add) -> None:
    """Add the command with ``add(name, says, command)``, which returns its parser."""
    archive = choices(add("archive", "把办结的一年封存为归档文件夹，核对归档，从归档恢复文件", _archive))
    make = add_action(archive, "make", "生成一年的归档；台账和稿件库都不变")
    make.operands.add_argument("year", metavar="年份", type=_year, help="到期在这一年的全部期次，如 2026")
    make.options.add_argument("--out", metavar="文件夹", type=Path, required=True, help="归档文件夹放在这里面")
    verify = add_action(archive, "verify", "核对归档是否完整、事件链是否相符、与台账是否一致")
    verify.operands.add_argument("folder", metavar="归档", type=Path, help="归档文件夹")
    verify.options.add_argument("--alone", action="store_true", help="只核对归档本身，不与台账比较")
    restore = add_action(archive, "restore", "把稿件库中缺失的文件从归档放回去；按规定清除的不恢复")
    restore.operands.add_argument("folder", metavar="归档", type=Path, help="归档文件夹")


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 2000 <= int(text) <= 2099):
        raise argparse.ArgumentTypeError(f"“{text}”应为 2000 至 2099 的年份")
    return int(text)


def _archive(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.archive import make, restore, verify

    if arguments.action == "make":
        return make(door, arguments.year, arguments.out)
    if arguments.action == "verify":
        return verify(door, arguments.folder, alone=arguments.alone)
    return restore(door, arguments.folder)
