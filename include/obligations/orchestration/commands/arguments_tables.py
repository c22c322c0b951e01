"""The arguments of the commands on tables that people keep: contacts, holidays, import-ledger, export.

What they do is ``commands.contacts``, ``commands.holidays`` and ``commands.tables``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from obligations.orchestration.commands.chinese_arguments import ChineseParser
from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.orchestration.commands.shared_arguments import Add

if TYPE_CHECKING:
    Choices = argparse._SubParsersAction[ChineseParser]  # generic for type checkers alone


def add_commands(add: Add) -> None:
    """Add the four commands with ``add(name, says, command)``, which returns the parser of one."""
    contacts = choices(add("contacts", "导出、导入、检查通讯录：人员、角色、请假与代理、值班表", _contacts))
    _add_export(contacts, "导出为表格供修改")
    _add_import(contacts, "导入改好的表格，先列出改动")
    add_action(contacts, "check", "列出无人担任的岗位和通知不到的人")
    holidays = choices(add("holidays", "导出、导入本单位录入的放假通知", _holidays))
    _add_export(holidays, "导出为表格供修改")
    _add_import(holidays, "导入改好的表格，先列出哪些日子和时限会变")
    register = add("import-ledger", "把已有的台账表格补录进来，先列出能对上的行", _import_ledger)
    register.operands.add_argument("file", metavar="文件", type=Path, help="台账表格，.xlsx 或 .csv")
    register.options.add_argument("--jurisdiction", metavar="辖区", help="没有编号的行按任务名称在这个辖区中查找")
    register.options.add_argument("--apply", action="store_true", help="补录；不写则只预览")
    register.options.add_argument("--person", metavar="姓名", help="对补录内容真实性负责的人，与 --apply 同用")
    export = add("export", "按台账的通用栏目导出", _export)
    export.options.add_argument("--out", metavar="文件", type=Path, required=True, help="写入这个 .xlsx 或 .csv 文件")
    export.options.add_argument("--jurisdiction", metavar="辖区", help="只导出一个辖区，如 demo")
    export.options.add_argument("--key", metavar="编号", help="只导出一个事项，如 demo/fiscal-monthly")


def choices(parser: ChineseParser) -> Choices:
    """Let a command have actions, of which one must be named."""
    return parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True, parser_class=ChineseParser)


def add_action(choices: Choices, name: str, says: str) -> ChineseParser:
    """Add one action and return its parser."""
    sub = choices.add_parser(name, help=says, description=says)
    # Said after the action, too; what was said before it must not be taken back by a default.
    sub.options.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="只在标准输出上打印一个 JSON 值"
    )
    return sub


def _add_export(choices: Choices, says: str) -> None:
    add_action(choices, "export", says).operands.add_argument(
        "file", metavar="文件", type=Path, help="还不存在的 .xlsx 文件"
    )


def _add_import(choices: Choices, says: str) -> None:
    sub = add_action(choices, "import", says)
    sub.operands.add_argument("file", metavar="文件", type=Path, help="导出后改好的 .xlsx 文件")
    sub.options.add_argument("--apply", action="store_true", help="使改动生效，原文件留存一份；不写则只预览")


def _contacts(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.contacts import check_contacts, export_contacts, import_contacts

    if arguments.action == "check":
        return check_contacts(door)
    if arguments.action == "export":
        return export_contacts(door, arguments.file)
    return import_contacts(door, arguments.file, apply=arguments.apply)


def _holidays(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.holidays import export_holidays, import_holidays

    if arguments.action == "export":
        return export_holidays(door, arguments.file)
    return import_holidays(door, arguments.file, apply=arguments.apply)


def _import_ledger(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.tables import import_ledger

    return import_ledger(door, arguments.file, arguments.jurisdiction, person=arguments.person, apply=arguments.apply)


def _export(arguments: argparse.Namespace, door: Door) -> Outcome:
    from obligations.orchestration.commands.tables import export_ledger

    return export_ledger(door, arguments.out, arguments.jurisdiction, arguments.key)
