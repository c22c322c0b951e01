"""Replaces one small file whole: at no moment is it half written, and what it held before can be kept beside it.

For lists that people maintain. The inbox, the store and publications have steps of their own.
"""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from pathlib import Path

from obligations.words.times import SHANGHAI


def replace_file(path: Path, data: bytes) -> None:
    """Write ``data`` as ``path``; a reader sees the old content or the new, also after a loss of power.

    A new file can be read by its owner alone, for such lists name people; an existing one keeps its permissions.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            Path(name).chmod(path.stat().st_mode & 0o777)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def keep_aside(path: Path, now: datetime) -> Path | None:
    """Copy ``path`` beside itself under the time, ``contacts.20261001-093000.yaml``; None if there is no such file."""
    if not path.exists():
        return None
    stamp = f"{now.astimezone(SHANGHAI):%Y%m%d-%H%M%S}"
    copy, number = path.with_name(f"{path.stem}.{stamp}{path.suffix}"), 1
    while copy.exists():
        number += 1
        copy = path.with_name(f"{path.stem}.{stamp}-{number}{path.suffix}")
    replace_file(copy, path.read_bytes())
    copy.chmod(path.stat().st_mode & 0o777)
    return copy


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
