"""The arguments of ``upload``. What it does is ``commands.upload``."""

from __future__ import annotations

import argparse
from pathlib import Path

from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.orchestration.commands.shared_arguments import Add, add_key, add_period


def add_commands(add: Add) -> None:
    """Add the command with ``add(name, says, command)``, which returns its parser."""
    upload = add("upload", "交回改过的 Word 稿：核对、读回，形成新的一版并重新送审", _upload)
    add_key(upload)
    upload.operands.add_argument("file", metavar="文件", type=Path, help="改过的 Word 文件（.docx）")
    add_period(upload)
    upload.options.add_argument("--person", metavar="账号", required=True, help="修改人，记入台账，不能办理本版终审")
    upload.options.add_argument("--note", metavar="文字", default="", help="修改说明")


def _upload(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.upload import upload

    return upload(door, arguments.key, arguments.period, arguments.file, arguments.person, arguments.note)
