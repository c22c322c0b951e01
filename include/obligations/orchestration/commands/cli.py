"""The command line ``obligations``: how a command is run, and how its outcome or an error leaves the process.

Exit 0 done, 1 faults found, 2 unusable input. With ``--json`` standard output holds one JSON value and nothing else, an
error included; what a library prints, and how far a long command is, goes to standard error. The clock and the environment are read here.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import datetime
from typing import TextIO

from obligations.orchestration.commands.arguments import build_parser
from obligations.orchestration.commands.outcome import Door, Outcome, as_json, show
from obligations.orchestration.commands.shared_arguments import Command
from obligations.orchestration.settings import Settings
from obligations.orchestration.telling import Teller
from obligations.words.errors import BadInput, ObligationsError, UnusableInput, say_os_error
from obligations.words.times import SHANGHAI


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    out, wants_json = sys.stdout, "--json" in words
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="backslashreplace")  # a terminal without Chinese gets \uXXXX, which is JSON, too
    try:
        arguments = build_parser().parse_args(words)
        with redirect_stdout(sys.stderr), Teller(sys.stderr) as tell:
            command: Command = arguments.command
            outcome = command(arguments, Door(Settings.from_environment(), lambda: datetime.now(SHANGHAI), tell))
        for note in outcome.notes:
            sys.stderr.write(f"{note}\n")
        _print(outcome, out, wants_json=wants_json)
    except ObligationsError as error:
        problems = error.problems if isinstance(error, BadInput) else ()
        return _refuse(out, str(error), problems, 2 if isinstance(error, UnusableInput | BadInput) else 1, wants_json)
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing more can be written, not even on the way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        return 0
    except OSError as error:
        return _refuse(out, f"不能读写 {error.filename or '文件'}：{say_os_error(error)}", (), 1, wants_json)
    except _database_errors() as error:
        return _refuse(out, _say_database_error(error), (), 1, wants_json)
    except KeyboardInterrupt:
        return _refuse(out, "已中断", (), 130, wants_json)
    return outcome.exit_code


def _database_errors() -> tuple[type[Exception], ...]:
    """Return what databases raise; none where no command has loaded SQLAlchemy, which this must not do either."""
    if "sqlalchemy" not in sys.modules:
        return ()
    from sqlalchemy.exc import SQLAlchemyError

    return (SQLAlchemyError,)


def _say_database_error(error: Exception) -> str:
    return f"数据库出错（{type(error).__name__}）：{str(error).splitlines()[0]}；请核对台账地址，并确认数据库可以连接、账号有权限"


def _print(outcome: Outcome, out: TextIO, *, wants_json: bool) -> None:
    if wants_json:
        out.write(as_json(outcome.value) + "\n")
    elif outcome.text is not None:
        out.write(outcome.text)
    else:
        show(outcome.shown, out)
    out.flush()


def _refuse(out: TextIO, message: str, problems: tuple[str, ...], exit_code: int, wants_json: bool) -> int:
    sys.stderr.write(f"{message}\n")
    if wants_json:
        out.write(as_json({"error": message, "problems": problems}) + "\n")
    return exit_code
