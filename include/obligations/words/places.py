"""What a storage place must be able to do, whatever it is: local disk, S3, memory."""

from __future__ import annotations

from typing import Protocol, Self


class Place(Protocol):
    """A folder or file; ``pathlib.Path``, ``upath.UPath`` and Airflow's ObjectStoragePath all satisfy it."""

    def __truediv__(self, name: str, /) -> Self:
        """Return the place ``name`` below this one."""

    def mkdir(self, mode: int = ..., parents: bool = ..., exist_ok: bool = ...) -> None:
        """Make the folder."""

    def exists(self) -> bool:
        """Tell whether anything is there."""

    def read_bytes(self) -> bytes:
        """Return the file's bytes."""

    def write_bytes(self, data: bytes, /) -> object:
        """Replace the file's bytes."""
