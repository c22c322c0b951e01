"""An argparse parser that speaks Chinese: headings, usage, help and every error. Which ones there are is ``arguments``.

argparse has no catalogue of Chinese messages and finds one only through process-wide settings, so its few errors are
recognized by their English words; one that a newer Python words differently is passed on whole, after a Chinese lead.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from typing import Any, NoReturn

from obligations.words.errors import UnusableInput

_BESIDE_NAMES = 24
_BELOW_NAMES = 6  # a name with Chinese in it is wider than argparse counts, so its help goes on the next line
_ERRORS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"argument (?P<name>.+?): invalid choice: (?P<value>.+?) \(choose from (?P<known>.+)\)"),
        "参数 {name} 的值是 {value}，应为：{known}",
    ),
    (re.compile(r"argument (?P<name>.+?): expected (?:one|at least one) argument"), "参数 {name} 后面须写一个值"),
    (
        re.compile(r"argument (?P<name>.+?): ignored explicit argument (?P<value>.+)"),
        "参数 {name} 不带值，不要写 {value}",
    ),
    (re.compile(r"argument (?P<name>.+?): not allowed with argument (?P<value>.+)"), "参数 {name} 不能与 {value} 同用"),
    (re.compile(r"argument (?P<name>.+?): (?P<said>.+)"), "参数 {name}：{said}"),
    (re.compile(r"the following arguments are required: (?P<names>.+)"), "缺少必填参数：{names}"),
    (re.compile(r"unrecognized arguments: (?P<names>.+)"), "无法识别的参数：{names}"),
)


class ChineseHelp(argparse.HelpFormatter):
    """Help with a Chinese lead, wrapped by the width of Chinese characters."""

    def __init__(self, prog: str, max_help_position: int = _BELOW_NAMES, **settings: Any) -> None:
        super().__init__(prog, max_help_position=max_help_position, **settings)

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """Say 用法 for usage."""
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)

    def _format_action(self, action: argparse.Action) -> str:
        if isinstance(action, argparse._SubParsersAction):  # its own line would only repeat the heading
            return self._join_parts(self._format_action(command) for command in action._get_subactions())
        return super()._format_action(action)

    def _split_lines(self, text: str, width: int) -> list[str]:
        from rich.cells import chop_cells  # here, because only help needs it

        return chop_cells(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in self._split_lines(text, width - len(indent)))


class BriefHelp(ChineseHelp):
    """Help for a list of commands: each on one line with what it does."""

    def __init__(self, prog: str, **settings: Any) -> None:
        super().__init__(prog, max_help_position=_BESIDE_NAMES, **settings)


class ChineseParser(argparse.ArgumentParser):
    """Never exits on an error: raises UnusableInput with a Chinese message and the usage.

    Attributes:
        operands, options: the groups of help to add arguments to.
    """

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("formatter_class", ChineseHelp)
        super().__init__(add_help=False, allow_abbrev=False, **settings)
        self.operands = self.add_argument_group("参数")
        self.options = self.add_argument_group("选项")
        self.options.add_argument("-h", "--help", action="help", help="显示本说明")

    def error(self, message: str) -> NoReturn:
        """Refuse what cannot be understood."""
        raise UnusableInput(f"{say_error(message)}\n{self.format_usage().strip()}\n详见 {self.prog} -h")


def say_error(message: str) -> str:
    """Say an error of argparse in Chinese."""
    for pattern, words in _ERRORS:
        if match := pattern.fullmatch(message):
            found = {name: value.replace("'", "").replace(", ", "、") for name, value in match.groupdict().items()}
            return words.format(**found)
    return f"命令行无法识别（{message}）"
