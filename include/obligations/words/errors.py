"""Every error this package raises on purpose. Messages to users are Chinese and teach; nothing here decides."""

from __future__ import annotations

import errno
from dataclasses import dataclass

_OS_ERRORS = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.ENOENT: "不存在",
    errno.ENOSPC: "磁盘已满",
    errno.EROFS: "磁盘只读",
    errno.ENOTDIR: "不是文件夹",
    errno.EISDIR: "是文件夹",
    errno.EEXIST: "已经存在",
}


def say_os_error(error: OSError) -> str:
    """Return in a few Chinese words why a file cannot be read or written; for what is rare, the system's own words."""
    return _OS_ERRORS.get(error.errno or 0, error.strerror or type(error).__name__)


class ObligationsError(Exception):
    """Base of all errors below; ``str()`` is a complete Chinese sentence fit to show a user."""


class UnusableInput(ObligationsError):
    """What was asked cannot be understood (unknown key, period or rule); the command line exits 2."""


@dataclass(frozen=True)
class Fault:
    """One fault in the catalogue.

    Attributes:
        file: path relative to the catalogue folder, ``demo/fiscal-monthly.yaml``.
        field: dotted path in that file, ``clock.rule``; empty for the whole file.
        value: the value found, as written.
        expected: the expected form, in Chinese.
        loses: keys of the obligations that cannot be loaded because of it.
    """

    file: str
    field: str
    value: str
    expected: str
    loses: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the one-line Chinese message."""
        where = f"{self.file}：字段 {self.field}" if self.field else self.file
        lost = f"；因此不能载入：{'、'.join(self.loses)}" if self.loses else ""
        return f"{where} 的值是 {self.value}，应为：{self.expected}{lost}"


class CatalogueFault(ObligationsError):
    """The catalogue, or the one obligation asked for, has faults; carries all of them."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class BadInput(ObligationsError):
    """Source data broke its contract. Carries every problem, each naming file, row, column, value, expected form."""

    def __init__(self, file: str, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.file = file
        self.problems = problems


class SourceNotReady(ObligationsError):
    """The source has no data for this period yet; waiting is right, failing is not."""


class NotApproved(ObligationsError):
    """The ledger holds no approval for exactly this version, so nothing may be published."""


class NotPublishable(ObligationsError):
    """The duty, an open blank or a missing proof forbids publication."""


class ChannelDown(ObligationsError):
    """The way to the public cannot be used at the moment, or has yet to finish; trying again later may well succeed."""


class TemplateFault(ObligationsError):
    """A department's draft template is faulty; names the template, the line where known, and what to write instead."""


class FontFault(ObligationsError):
    """A font that a document needs is not there, or has no glyph for one of its characters."""


class LedgerNotReady(ObligationsError):
    """The ledger's tables are missing or of another revision than this program's; ``obligations migrate`` mends it."""


class DeliveryFailed(ObligationsError):
    """A message did not reach its recipient, as far as anybody knows; says why without showing any secret.

    Attributes:
        permanent: the other side refused this address or this message for good: trying again soon is useless.
        channel_down: the other side could not be reached or used at all: other messages would fare no better now.
    """

    def __init__(self, reason: str, *, permanent: bool = False, channel_down: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.channel_down = channel_down
