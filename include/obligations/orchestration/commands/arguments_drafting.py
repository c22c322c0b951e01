"""The arguments of the commands on drafts that were made: diff-drafts. What it does is ``commands.versions``."""

from __future__ import annotations

import argparse

from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.orchestration.commands.shared_arguments import Add, add_key, add_period


def add_commands(add: Add) -> None:
    """Add the command with ``add(name, says, command)``, which returns its parser."""
    diff = add("diff-drafts", "列出同一期两稿的不同", _diff_drafts)
    add_key(diff)
    add_period(diff)
    diff.options.add_argument("--from", dest="first", metavar="稿次", type=_number, help="第几稿，不填为后一稿的前一稿")
    diff.options.add_argument("--to", dest="second", metavar="稿次", type=_number, help="第几稿，不填为最后一稿")


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"“{text}”无法识别，应为第几稿的数字，如 2")
    return int(text)


def _diff_drafts(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.versions import diff_drafts

    return diff_drafts(door, arguments.key, arguments.period, arguments.first, arguments.second)
