"""The arguments of ``roles``. What it does is ``commands.roles``."""

from __future__ import annotations

import argparse

from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.orchestration.commands.shared_arguments import Add


def add_commands(add: Add) -> None:
    """Add the command with ``add(name, says, command)``, which returns its parser."""
    roles = add("roles", "按任务清单建立、更新 Airflow 的角色和权限；管理员收回的不恢复", _roles)
    roles.options.add_argument("--dry-run", action="store_true", help="只列出将有的变化，不改动")
    roles.options.add_argument(
        "--restore", metavar="角色", action="append", default=[], help="把管理员收回的权限还给这个角色，可写多次"
    )


def _roles(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.roles import sync_roles

    return sync_roles(door, dry_run=arguments.dry_run, restore=arguments.restore)
