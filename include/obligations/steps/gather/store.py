"""Keeps raw inputs by content, and puts refused ones aside with the reason. Writes whole files or none; never overwrites."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from obligations.words.errors import ObligationsError
from obligations.words.times import SHANGHAI

REASON_SUFFIX = ".原因.txt"
_LONGEST_NAME = 200
"""Bytes that a refused file keeps of its name: a file system takes 255, the time and what stands around it included."""


class StoreDamaged(ObligationsError):
    """A kept input no longer has the bytes its name promises."""


def keep(data: bytes, name: str, store: Path) -> tuple[Path, str]:
    """Keep ``data`` as ``<store>/inputs/<sha256[:2]>/<sha256>/<name>``; return the path and the SHA-256.

    The same bytes under the same name are kept once. Raises StoreDamaged if what is there already was changed.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    place = store / "inputs" / sha256[:2] / sha256 / name
    if place.exists():
        require_intact(place, sha256)
        return place, sha256
    place.parent.mkdir(parents=True, exist_ok=True)
    _write_whole(place, data)
    return place, sha256


def require_intact(path: Path, sha256: str) -> bytes:
    """Return the kept bytes; raises StoreDamaged if they are gone or not those of ``sha256``."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise StoreDamaged(f"留存的原始文件 {path} 不见了；请从备份恢复") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise StoreDamaged(f"留存的原始文件 {path} 已被改动，与登记的 SHA-256 {sha256[:12]} 不符；请从备份恢复")
    return data


def set_aside(data: bytes, name: str, folder: Path, reasons: tuple[str, ...], now: datetime) -> Path:
    """Write ``data`` to quarantine with its reasons beside it; return where. An earlier refusal is never overwritten."""
    folder.mkdir(parents=True, exist_ok=True)
    place = _free_place(folder, name, now)
    _write_whole(place, data)
    _write_reasons(place, reasons)
    return place


def move_aside(
    original: Path, seen: os.stat_result, folder: Path, reasons: tuple[str, ...], now: datetime
) -> tuple[Path, bool]:
    """Move a refused file to quarantine with its reasons beside it; return where, and whether the original went.

    The copy is on disk before the original goes. An original that is no longer as ``seen`` when it was read stays: it
    is a new delivery; so does one that this account may not delete.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = _free_place(folder, original.name, now)
    part = place.with_name(f".{place.name}.part")
    shutil.copyfile(original, part)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    shutil.copystat(original, part)
    part.replace(place)
    _write_reasons(place, reasons)
    return place, _remove(original, seen)


def _remove(original: Path, seen: os.stat_result) -> bool:
    try:
        if _identity(original.stat()) != _identity(seen):
            return False
        original.unlink()
    except FileNotFoundError:
        return True  # whoever delivered it has taken it back meanwhile
    except OSError:
        return False
    return True


def _identity(status: os.stat_result) -> tuple[int, ...]:
    """Tell deliveries apart; the time of status change moves with every write, even where the time of change is set."""
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _free_place(folder: Path, name: str, now: datetime) -> Path:
    stamp = f"{now.astimezone(SHANGHAI):%Y%m%dT%H%M%S}"
    name = _shortened(name)
    place = folder / f"{stamp}-{name}"
    number = 2
    while place.exists():
        place = folder / f"{stamp}-{number}-{name}"
        number += 1
    return place


def _shortened(name: str) -> str:
    """Return a file name of at most so many bytes, the end of its stem cut off: Chinese titles fill a name to its limit."""
    suffix = os.fsencode(Path(name).suffix)[:_LONGEST_NAME]
    stem = os.fsencode(Path(name).stem)[: _LONGEST_NAME - len(suffix)]
    return (stem + suffix).decode(errors="ignore")


def _write_reasons(place: Path, reasons: tuple[str, ...]) -> None:
    # With BOM, so that Notepad on an office computer shows Chinese whatever its version.
    text = "\r\n".join((f"退回的文件：{place.name}", "退回原因：", *reasons, ""))
    _write_whole(place.with_name(place.name + REASON_SUFFIX), text.encode("utf-8-sig"))


def _write_whole(place: Path, data: bytes) -> None:
    """Write beside the place, flush to disk, then rename: a reader sees all of it or nothing."""
    descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=".", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o444)
        part.replace(place)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
