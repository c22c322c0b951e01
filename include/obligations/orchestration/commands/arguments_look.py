"""The arguments of ``look``. What it does is ``commands.looking``."""

from __future__ import annotations

import argparse

from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.orchestration.commands.shared_arguments import Add, add_key, add_period


def add_commands(add: Add) -> None:
    """Add the command with ``add(name, says, command)``, which returns its parser."""
    look = add("look", "查看一次已发布的网页，与审签稿比较；不登记", _look)
    add_key(look)
    add_period(look)


def _look(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.looking import look_once

    return look_once(door, arguments.key, arguments.period)
