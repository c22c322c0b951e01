"""Puts an approved version into the 发布包 folder: local disk or any object store. Never decides what is approved.

On local disk the folder appears whole, by one renaming. An object store cannot rename: there the manifest comes last, so
that a reader who waits for ``manifest.json`` never sees half. Publishing twice is one publication. The package is what
an office posts from; it is not a website.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from obligations.steps.publish.parcel import MANIFEST, Parcel, read_parcel
from obligations.words.errors import ChannelDown, NotPublishable
from obligations.words.evidence import Publication
from obligations.words.places import Place

_STALE_SECONDS = 3600
_SHOWN = 200


def publish(version: Path, sha256: str, place: Place, *, now: datetime) -> Publication:
    """Copy the approved version folder ``version`` to ``place``; a complete earlier copy is left as it is.

    Raises NotPublishable if the folder is not exactly the version ``sha256``, or the object store does not let us write;
    ChannelDown where the store cannot be reached or breaks off.
    """
    parcel = read_parcel(version, sha256)
    folder = _local(place)
    if folder is None:
        _write(parcel, place)
    elif not _is_complete(parcel, folder):
        _appear(parcel, folder)
    return Publication(str(place), sha256, parcel.hashes, now)


def _write(parcel: Parcel, place: Place) -> None:
    """Write every file into an object store, the manifest last."""
    try:
        if _is_complete(parcel, place):
            return
        place.mkdir(parents=True, exist_ok=True)
        for name, data in {**parcel.files, MANIFEST: parcel.manifest}.items():
            (place / name).write_bytes(data)
    except PermissionError as error:
        raise NotPublishable(f"对象存储不允许写入发布包 {place}；请核对连接的账号权限后重新运行“发布”") from error
    except Exception as error:
        # The store, its library and the network each fail in their own way; to us it is one.
        raise ChannelDown(
            f"对象存储暂时不能使用（{type(error).__name__}：{str(error)[:_SHOWN]}），稍后自动重试；同一版本重复写入不会重复发布"
        ) from error


def _appear(parcel: Parcel, folder: Path) -> None:
    """Make the folder beside its place and rename it; a damaged copy goes away first, a complete one stays."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = _beside(folder)
    try:
        made.chmod(0o755)  # a temporary folder is its owner's alone; a package is for whoever posts it
        for name, data in {**parcel.files, MANIFEST: parcel.manifest}.items():
            with (made / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        _clear_stale(made, folder)
        _take_place(parcel, made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _take_place(parcel: Parcel, made: Path, folder: Path) -> None:
    while True:
        try:
            made.rename(folder)
        except OSError as error:
            if not folder.exists():
                if error.errno in {errno.EEXIST, errno.ENOTEMPTY}:
                    continue  # another process has just moved the damaged copy away
                raise
            if _is_complete(parcel, folder):  # another process was quicker with the same version
                return
            damaged = _beside(folder)
            with suppress(FileNotFoundError):
                folder.rename(damaged / folder.name)
            shutil.rmtree(damaged, ignore_errors=True)
        else:
            return


def _beside(folder: Path) -> Path:
    return Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))


def _clear_stale(made: Path, folder: Path) -> None:
    """Remove what a killed process left; a younger folder may be one that another process is just filling."""
    for left in folder.parent.glob(f".{folder.name}.*"):
        with suppress(FileNotFoundError):
            if made.stat().st_mtime - left.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def _local(place: Place) -> Path | None:
    """Return the folder on this machine that a place is, or None for an object store."""
    if isinstance(place, Path):
        return place
    return Path(str(getattr(place, "path", ""))) if getattr(place, "protocol", None) in {"file", "local"} else None


def _is_complete(parcel: Parcel, place: Place) -> bool:
    expected = {**parcel.hashes, MANIFEST: parcel.sha256}
    return all(_sha256(place / name) == sha256 for name, sha256 in expected.items())


def _sha256(file: Place) -> str | None:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None
