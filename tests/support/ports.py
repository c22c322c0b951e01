"""A port of the loopback for a server that a test starts later, or kills and starts again where it was."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

FIRST, LAST = 20_000, 32_000
"""Below what Linux gives clients (``ip_local_port_range``): a port from there may be the end of a connection by then."""
_DRAW = random.SystemRandom()


def free_port() -> int:
    """Return a port on which nothing listens, and which no client of the tests beside this one is given."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", _DRAW.randrange(FIRST, LAST)))
            return int(probe.getsockname()[1])
