"""The arguments of ``check-draft``. What it does is ``commands.check_draft``."""

from __future__ import annotations

import argparse
from pathlib import Path

from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.orchestration.commands.shared_arguments import Add


def add_commands(add: Add) -> None:
    """Add the command with ``add(name, says, command)``, which returns its parser."""
    check = add("check-draft", "核对改过的 Word 稿：数字、用词、待填写、隐私、密级标志和版式；不保留副本", _check_draft)
    check.operands.add_argument("file", metavar="文件", type=Path, help="改过的 Word 文件（.docx）")
    check.options.add_argument(
        "--against", metavar="文件", type=Path, required=True, help="起草时生成的 figures.json，在草稿文件夹里"
    )


def _check_draft(arguments: argparse.Namespace, _: Door) -> Outcome:
    from obligations.orchestration.commands.check_draft import check_draft

    return check_draft(arguments.file, arguments.against)
