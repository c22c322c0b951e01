"""A piece of network between a client and a server on the loopback, which can fall silent in one direction or both."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Pipe:
    """Takes connections on a port of its own and forwards them to another.

    Attributes:
        port: where it listens; carried: bytes forwarded to the server so far.
    """

    def __init__(self, target: int) -> None:
        self.carried = 0
        self._target = target
        self._open = {"there": threading.Event(), "back": threading.Event()}
        self.resume()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def pause(self, *directions: str) -> None:
        """Forward nothing more; connections stay, and whoever waits on them is told nothing. Default: both directions."""
        for direction in directions or self._open:
            self._open[direction].clear()

    def resume(self) -> None:
        """Forward again, also what was held back."""
        for gate in self._open.values():
            gate.set()

    def close(self) -> None:
        """Cut every connection."""
        self.resume()
        for end in (self._listener, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)  # ends the wait of the thread that holds it open
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._ends += [client, server]
                threading.Thread(target=self._carry, args=(client, server, "there"), daemon=True).start()
                threading.Thread(target=self._carry, args=(server, client, "back"), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, direction: str) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._open[direction].wait()
                target.sendall(data)
                self.carried += len(data) if direction == "there" else 0
            target.shutdown(socket.SHUT_WR)


@contextmanager
def pipe_to(port: int) -> Iterator[Pipe]:
    """Run a pipe to a port of the loopback."""
    made = Pipe(port)
    try:
        yield made
    finally:
        made.close()
