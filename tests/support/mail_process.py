"""A mail server as a process of its own, which may be killed at any moment: ``mail_process.py PORT FOLDER``.

It says that it has taken a message once the message is on disk, as a mail server must.
"""

from __future__ import annotations

import email
import email.policy
import os
import sys
import threading
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller


class Keeper:
    """Keeps every message in a file that is named after the moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        place = self.folder / f"{time.time_ns()}.eml"
        part = place.with_suffix(".part")
        with part.open("wb") as file:
            file.write(envelope.content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(place)
        return "250 OK"


class Mailbox:
    """What such a server has kept, however often it was killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def received(self) -> list[EmailMessage]:
        """Every message taken, in order."""
        return [message for _, message in self.arrivals]

    @property
    def arrivals(self) -> list[tuple[datetime, EmailMessage]]:
        """Every message taken, with when."""
        return [
            (
                datetime.fromtimestamp(int(file.stem) / 1e9, UTC),
                email.message_from_bytes(file.read_bytes(), policy=email.policy.default),
            )
            for file in sorted(self.folder.glob("*.eml"))
        ]


if __name__ == "__main__":
    Controller(Keeper(Path(sys.argv[2])), hostname="127.0.0.1", port=int(sys.argv[1])).start()
    threading.Event().wait()
