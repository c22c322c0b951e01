"""A receiver of StatsD's datagrams on loopback, as an exporter is one: keeps what came, by name."""

from __future__ import annotations

import socket
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import NamedTuple

_MARK = b"settle"


class Told(NamedTuple):
    """One value that came: ``c`` for a counter, ``g`` for a gauge; tags in InfluxDB's notation have been taken off."""

    value: float
    kind: str


class Receiver:
    """Everything that came so far.

    Attributes:
        port: on 127.0.0.1.
        came: by the metric's name, in the order of its coming.
    """

    def __init__(self, listening: socket.socket) -> None:
        self.port: int = listening.getsockname()[1]
        self.came: dict[str, list[Told]] = defaultdict(list)
        self._socket = listening
        self._settled = Event()

    @property
    def environment(self) -> dict[str, str]:
        """What makes Airflow send here, with the notation that ships."""
        return {
            "AIRFLOW__METRICS__STATSD_ON": "True",
            "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
            "AIRFLOW__METRICS__STATSD_PORT": str(self.port),
            "AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED": "True",
            "AIRFLOW__METRICS__LEGACY_NAMES_ON": "False",
        }

    def last(self, name: str) -> float:
        """Return the value a gauge has now."""
        return self.came[name][-1].value

    def total(self, name: str) -> float:
        """Return what a counter has come to."""
        return sum(told.value for told in self.came[name])

    def settle(self) -> None:
        """Wait until everything that was sent before has been taken."""
        self._settled.clear()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(_MARK, ("127.0.0.1", self.port))
        assert self._settled.wait(30), "the receiver has stopped"

    def listen(self) -> None:
        """Take what comes until an empty datagram says that it is over."""
        while datagram := self._socket.recv(65536):
            if datagram == _MARK:
                self._settled.set()
                continue
            for line in datagram.decode().splitlines():
                name, _, told = line.partition(":")
                value, kind = told.split("|")[:2]
                self.came[name.partition(",")[0]].append(Told(float(value), kind))


@contextmanager
def statsd_receiver() -> Iterator[Receiver]:
    """Receive until the end of the block."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        receiver = Receiver(listening)
        thread = Thread(target=receiver.listen)
        thread.start()
        try:
            yield receiver
        finally:
            listening.sendto(b"", listening.getsockname())
            thread.join()
