"""Finds the one file of a period in a department's inbox folder, or lists a folder. Only reads, and nothing outside the inbox."""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from obligations.words.errors import BadInput, CatalogueFault, Fault, SourceNotReady, say_os_error
from obligations.words.obligation import Obligation
from obligations.words.sources import FolderSource, InboxSource

SETTLED_AFTER = timedelta(seconds=2)
EDITED = "edited"
"""Folder within an obligation's own in which edited drafts come back; nothing in it is source data."""
_TEMPORARY = ("~$*", ".*", "*~", "*.tmp", "*.temp", "*.part", "*.partial", "*.filepart", "*.crdownload", "*.swp")


def folder_of(obligation: Obligation, source: InboxSource | FolderSource) -> str:
    """Return the folder below the inbox root; raises CatalogueFault for one that would leave it."""
    folder = source.folder or obligation.key
    parts = PurePosixPath(folder).parts
    if not parts or folder.startswith("/") or "\\" in folder or any(part in {"..", "/"} for part in parts):
        raise _fault(obligation, "source.folder", folder, "收件夹之内的相对路径，不含 ..")
    return folder


def find(obligation: Obligation, source: InboxSource, period: str, inbox: Path, now: datetime) -> Path:
    """Return the period's file.

    Raises SourceNotReady while there is none or it is still being written, BadInput when several match or a link leads
    out of the inbox, CatalogueFault for a folder or pattern that cannot work.
    """
    folder = folder_of(obligation, source)
    pattern = _pattern(obligation, source, period)
    place = place_of(folder, inbox)
    names = _names(place, folder)
    matching = [name for name in names if fnmatch.fnmatchcase(name.lower(), pattern) and not is_temporary(name)]
    named = source.pattern.replace("{period}", period)
    if not matching:
        if any(is_temporary(name) and period.lower() in name.lower() for name in names):
            raise SourceNotReady(f"收件夹 {folder} 中的文件 {named} 正在写入")
        raise SourceNotReady(f"收件夹 {folder} 中还没有文件 {named}")
    if len(matching) > 1:
        fact = f"收件夹 {folder} 中有 {len(matching)} 个文件都符合 {named}：{'、'.join(matching)}，应只有一个"
        raise BadInput(folder, (f"{fact}；请只留下一个后重新运行。",))
    path = place / matching[0]
    if path.is_symlink() or not path.is_file():
        raise BadInput(path.name, (f"收件夹 {folder} 中的 {path.name} 不是普通文件，不予读取；请放入文件本身。",))
    require_settled(path, now)
    return path


def require_settled(path: Path, now: datetime) -> None:
    """Raise SourceNotReady if the file changed within the last two seconds.

    A time of change later than ``now`` (a clock ahead, a replay of the past) says nothing about writing and is let by.
    """
    try:
        changed = datetime.fromtimestamp(path.stat().st_mtime, tz=now.tzinfo)
    except FileNotFoundError:
        raise SourceNotReady(f"文件 {path.name} 刚被移走") from None
    if timedelta(0) <= now - changed < SETTLED_AFTER:
        raise SourceNotReady(f"文件 {path.name} 正在写入")


def read_settled(path: Path, now: datetime) -> bytes:
    """Read a file that nobody is writing to; raises SourceNotReady if it changes meanwhile or may not be read."""
    require_settled(path, now)
    try:
        before = path.stat()
        data = path.read_bytes()
        after = path.stat()
    except FileNotFoundError:
        raise SourceNotReady(f"文件 {path.name} 刚被移走") from None
    except PermissionError:
        raise SourceNotReady(f"文件 {path.name} 没有读取权限") from None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != after.st_size:
        raise SourceNotReady(f"文件 {path.name} 正在写入")
    return data


def place_of(folder: str, inbox: Path) -> Path:
    """Return where a folder lies; raises BadInput if a link leads out of the inbox."""
    place = (inbox / folder).resolve()
    if not place.is_relative_to(inbox.resolve()):
        raise BadInput(folder, (f"收件夹 {folder} 是指向收件夹以外的链接，不予读取；请改为真实的文件夹。",))
    return place


def files_in(place: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the name below ``place`` and the state of every file that a department keeps there; none of an absent folder.

    Left out are edited drafts, links, and what a program is still writing or keeps for itself.
    """
    if not place.is_dir():
        return
    for path in place.rglob("*"):
        names = path.relative_to(place).parts
        if names[0] == EDITED or any(map(is_temporary, names)) or path.is_symlink() or not path.is_file():
            continue
        try:
            yield "/".join(names), path.stat()
        except OSError:
            continue  # taken away meanwhile


def is_temporary(name: str) -> bool:
    """Tell whether a program is still writing the file, or keeps it for itself."""
    return any(fnmatch.fnmatchcase(name.lower(), form) for form in _TEMPORARY)


def _names(place: Path, folder: str) -> list[str]:
    try:
        return sorted(entry.name for entry in place.iterdir())
    except FileNotFoundError:
        raise SourceNotReady(f"收件夹 {folder} 还没有建立") from None
    except OSError as error:
        raise SourceNotReady(f"收件夹 {folder} 暂时读不到（{say_os_error(error)}）") from None


def _pattern(obligation: Obligation, source: InboxSource, period: str) -> str:
    pattern = source.pattern
    if "{period}" not in pattern or any(character in pattern for character in "/\\"):
        raise _fault(obligation, "source.pattern", pattern, "含 {period} 的文件名，例如 {period}.*，不含路径")
    return pattern.replace("{period}", glob.escape(period)).lower()


def _fault(obligation: Obligation, field: str, value: str, expected: str) -> CatalogueFault:
    return CatalogueFault((Fault(f"{obligation.key}.yaml", field, value, expected, (obligation.key,)),))
