"""Files that people name on the command line: one that has to be there, or must not be yet."""

from __future__ import annotations

from pathlib import Path

from obligations.rules.delivery import LIMIT_BYTES
from obligations.words.errors import UnusableInput


def require_file(file: Path) -> None:
    """Raise UnusableInput unless there is this file."""
    if not file.is_file():
        raise UnusableInput(f"没有文件 {file}，请检查文件名和所在的文件夹")


def read_delivery(file: Path) -> bytes:
    """Return a file's content, of one that is larger than may be delivered a byte too much; raises UnusableInput if there is none."""
    require_file(file)
    with file.open("rb") as stream:
        return stream.read(LIMIT_BYTES + 1)


def require_new_workbook(file: Path) -> None:
    """Raise UnusableInput unless ``file`` is an XLSX that does not exist yet."""
    if file.suffix.lower() != ".xlsx":
        raise UnusableInput(f"文件名是“{file.name}”，应以 .xlsx 结尾，如 通讯录.xlsx")
    if file.exists():
        raise UnusableInput(f"文件 {file} 已经存在，可能有人正在其中修改；请换一个文件名，或先移走它")


def read_bytes(file: Path) -> bytes:
    """Return a file's content; raises UnusableInput if there is none."""
    require_file(file)
    return file.read_bytes()
