"""The arguments of the commands on new work plans: extract and accept. What they do is ``commands.plans``."""

from __future__ import annotations

import argparse
from pathlib import Path

from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.orchestration.commands.shared_arguments import Add


def add_commands(add: Add) -> None:
    """Add the commands with ``add(name, says, command)``, which returns their parsers."""
    reading = add("extract", "从新的工作要点中识别候选事项，供人逐条确认", _extract)
    reading.operands.add_argument(
        "plan", metavar="文件", type=Path, help="工作要点：.txt、.docx、.html 或有文字层的 .pdf"
    )
    reading.options.add_argument(
        "--jurisdiction", metavar="辖区", required=True, help="辖区，如 shandong；新辖区写新的名称"
    )
    reading.options.add_argument(
        "--out", metavar="文件夹", type=Path, required=True, help="候选事项、台账和报告写入这个文件夹"
    )
    reading.options.add_argument("--against", metavar="辖区", help="与这个辖区的清单比较，不填为 --jurisdiction")
    taking = add("accept", "把确认的候选事项移入任务清单", _accept)
    taking.operands.add_argument("folder", metavar="文件夹", type=Path, help="extract 的输出文件夹")
    taking.options.add_argument(
        "--only",
        metavar="事项",
        action="append",
        default=[],
        help="只接受这一项，如 y2017-1-1-n1，可写多次；不填为全部",
    )


def _extract(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.plans import extract_plan

    return extract_plan(door, arguments.plan, arguments.jurisdiction, arguments.out, arguments.against)


def _accept(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.plans_accept import accept

    return accept(door, arguments.folder, tuple(arguments.only))
