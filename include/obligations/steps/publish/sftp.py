"""Puts an approved version into a site's drop folder over SFTP. Who connects, and with which key, is the caller's.

The folder appears whole, by one renaming on the server. A folder with the same manifest is the same publication.
"""

from __future__ import annotations

import io
import stat
from contextlib import suppress
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Protocol
from uuid import uuid4

from obligations.steps.publish.parcel import MANIFEST, Delivered, Parcel
from obligations.words.errors import NotPublishable

_STALE_SECONDS = 3600


class Attributes(Protocol):
    """What a server says of a file."""

    @property
    def st_mode(self) -> int | None:
        """Its type and permissions."""

    @property
    def st_mtime(self) -> float | None:
        """When it was changed, in seconds since 1970 by the server's clock."""


class RemoteFolders(Protocol):
    """An open SFTP session, as paramiko's ``SFTPClient`` is one; what is not there raises FileNotFoundError."""

    def mkdir(self, path: str, mode: int = ...) -> None:
        """Make a folder; raises OSError if it is there."""

    def listdir(self, path: str) -> list[str]:
        """Return the names in a folder."""

    def stat(self, path: str) -> Attributes:
        """Return what the server says of a file or folder."""

    def putfo(self, fl: IO[bytes], remotepath: str) -> object:
        """Write a file and check its size."""

    def getfo(self, remotepath: str, fl: IO[bytes]) -> int:
        """Read a file."""

    def rename(self, oldpath: str, newpath: str) -> None:
        """Rename; raises OSError if the new name is taken."""

    def remove(self, path: str) -> None:
        """Remove a file."""

    def rmdir(self, path: str) -> None:
        """Remove an empty folder."""


def upload(parcel: Parcel, server: RemoteFolders, root: str, address: str, *, now: datetime) -> Delivered:
    """Upload a version below ``root``, as ``<jurisdiction>/<slug>/<period>/<sha>``; the same one again changes nothing.

    Args:
        parcel: what goes out.
        server: an open session.
        root: absolute path of a folder that exists.
        address: public address that the site gives it.
        now: when it is acknowledged.

    Raises NotPublishable if ``root`` is not there or the folder is with other files in it, OSError or what the session raises where the
    server fails.
    """
    folder = PurePosixPath(root, *parcel.key.split("/"), parcel.period, parcel.sha256[:16])
    receipt = {"folder": str(folder), "files": len(parcel.files) + 1}
    if not _is_there(parcel, server, folder):
        _make_folders(server, PurePosixPath(root), folder.parent)
        _appear(parcel, server, folder)
    return Delivered(address, now, receipt)


def _appear(parcel: Parcel, server: RemoteFolders, folder: PurePosixPath) -> None:
    """Make the folder beside its place and rename it.

    Each upload fills a folder of its own: a task that is started anew may meet the process that it replaces.
    """
    half = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}.part")  # no reader takes a hidden folder
    server.mkdir(str(half), 0o755)
    try:
        _clear_stale(server, half, folder)
        for name, data in {**parcel.files, MANIFEST: parcel.manifest}.items():
            server.putfo(io.BytesIO(data), str(half / name))
        server.rename(str(half), str(folder))
    except Exception:
        with suppress(Exception):  # the session may be gone; then a later upload clears it
            _clear(server, half)
        if not _is_there(parcel, server, folder):  # else another process was quicker with the same version
            raise


def _clear_stale(server: RemoteFolders, half: PurePosixPath, folder: PurePosixPath) -> None:
    """Remove what broken-off uploads left; a younger folder may be one that another process is just filling."""
    made = server.stat(str(half)).st_mtime or 0
    for name in server.listdir(str(folder.parent)):
        if name.startswith(f".{folder.name}.") and name.endswith(".part"):
            with suppress(FileNotFoundError):
                if made - (server.stat(str(folder.with_name(name))).st_mtime or 0) > _STALE_SECONDS:
                    _clear(server, folder.with_name(name))


def _is_there(parcel: Parcel, server: RemoteFolders, folder: PurePosixPath) -> bool:
    try:
        if not stat.S_ISDIR(server.stat(str(folder)).st_mode or 0):
            raise NotPublishable(f"服务器上的 {folder} 不是文件夹，未上传；请网站管理员移开后重新运行")
    except FileNotFoundError:
        return False
    found = io.BytesIO()
    with suppress(FileNotFoundError):
        server.getfo(str(folder / MANIFEST), found)
    if found.getvalue() != parcel.manifest:
        raise NotPublishable(f"服务器上已有内容不同的 {folder}，未上传；请网站管理员核对、移开后重新运行")
    return True


def _make_folders(server: RemoteFolders, root: PurePosixPath, folder: PurePosixPath) -> None:
    try:
        server.stat(str(root))
    except FileNotFoundError:
        raise NotPublishable(f"服务器上没有文件夹 {root}，未上传；请核对渠道的 root，或请网站管理员建立") from None
    made = root
    for part in folder.relative_to(root).parts:
        made /= part
        try:
            server.mkdir(str(made), 0o755)
        except OSError:
            if not stat.S_ISDIR(server.stat(str(made)).st_mode or 0):
                raise


def _clear(server: RemoteFolders, half: PurePosixPath) -> None:
    """Remove a folder with what is in it."""
    for name in server.listdir(str(half)):
        server.remove(str(half / name))
    server.rmdir(str(half))
