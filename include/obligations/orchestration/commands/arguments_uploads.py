"""The arguments of ``upload``. What it does is ``commands.upload``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from obligations.orchestration.commands.chinese_arguments import ChineseParser
from obligations.orchestration.commands.outcome import Door, Outcome

Add = Callable[[str, str, Callable[[argparse.Namespace, Door], Outcome]], ChineseParser]


def add_commands(add: Add) -> None:
    """Add the command with ``add(name, says, command)``, which returns its parser."""
    upload = add("upload", "交回改过的 Word 稿：核对、读回，形成新的一版并重新送审", _upload)
    upload.operands.add_argument("key", metavar="编号", help="公开事项编号，如 demo/fiscal-monthly")
    upload.operands.add_argument("file", metavar="文件", type=Path, help="改过的 Word 文件（.docx）")
    upload.options.add_argument(
        "--period", metavar="期间", required=True, help="2026-09、2026-Q3、2026-W40 等；事件触发的事项写事件编号"
    )
    upload.options.add_argument("--person", metavar="账号", required=True, help="修改人，记入台账，不能办理本版终审")
    upload.options.add_argument("--note", metavar="文字", default="", help="修改说明")


def _upload(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.upload import upload

    return upload(door, arguments.key, arguments.period, arguments.file, arguments.person, arguments.note)
