"""Opens a zip package that anybody may have made, Word or Excel, and reads its parts: none beyond the size it declares.

The directory is looked at before anything is expanded, so that a zip bomb stays small, and every part is held to it: one
whose directory tells a smaller size would expand to what it really is in whatever reads it later. What a part says is
``workbook``, ``manuscripts`` and ``edited_word``.
"""

from __future__ import annotations

import copy
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from obligations.rules.delivery import Delivery

LIMIT_EXPANDED_BYTES = 50 * 1024 * 1024
LIMIT_PARTS = 2000
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, NotImplementedError, OSError, EOFError, ValueError,
)  # fmt: skip
"""What the reader of zip files raises for damaged, encrypted and unknown packages."""


@contextmanager
def open_package(data: bytes, delivery: Delivery, saved: str) -> Iterator[zipfile.ZipFile]:
    """Open a package; damage met while it is open is refused in one sentence, ``saved`` telling what to do about it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            yield package
    except UNREADABLE as error:
        raise delivery.refuse("不完整或已损坏，无法打开", saved) from error


def is_beyond_limits(package: zipfile.ZipFile) -> bool:
    """Say whether a package declares more parts, or more bytes in them, than are read: 2,000 and 50 MB."""
    parts = package.infolist()
    return len(parts) > LIMIT_PARTS or sum(part.file_size for part in parts) > LIMIT_EXPANDED_BYTES


def read_parts(package: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Yield every part's name and content; raises BadZipFile for two of one name and for a size that is not as declared."""
    seen: set[str] = set()
    for part in package.infolist():
        if part.filename in seen:
            raise zipfile.BadZipFile(f"two parts are called {part.filename}")
        seen.add(part.filename)
        yield part.filename, read_part(package, part)


def read_part(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """Return the content of a part; raises BadZipFile if it is not of the size declared, having expanded one byte more."""
    allowed = copy.copy(part)
    allowed.file_size += 1  # the reader stops without a word where the declared size ends, whatever comes behind
    with package.open(allowed) as stream:
        content = stream.read(allowed.file_size)
    if len(content) != part.file_size:
        raise zipfile.BadZipFile(f"{part.filename} is not of the size that the directory declares")
    return content
