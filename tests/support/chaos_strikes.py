"""Attacks on a running Airflow and what it needs, drawn from a seed, and the supervisor of services that starts all again."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import psutil

from obligations.orchestration.demo.embedded import EmbeddedAirflow
from obligations.orchestration.demo.portal import Portal

TASK, SUPERVISOR, SITE = "task", "task's supervisor", "site"
LONGEST_DOWN = 4.0  # seconds


class Breakable(Protocol):
    """What can be broken and mended: a server that is killed, for instance.

    Attributes:
        name: what it is called when it is counted.
    """

    name: str

    def kill(self) -> None:
        """Break it."""

    def start(self) -> None:
        """Mend it."""


class CatalogueEntry:
    """One obligation's file, which somebody edits: it cannot be read at first, and says something new in the end."""

    name = "catalogue"

    def __init__(self, file: Path) -> None:
        self._file, self._whole, self._edits = file, file.read_text("utf-8"), 0

    def kill(self) -> None:
        """Leave it half written."""
        self._edits += 1
        self._file.write_text("title: [", "utf-8")

    def start(self) -> None:
        """Write it whole, with another clause."""
        self._file.write_text(self._whole.replace("clause: ", f"clause: 第{self._edits}次修改的"), "utf-8")


class Strikes:
    """Who is struck next, and who is down.

    Attributes:
        struck: how often each was struck; what ended without being struck is counted by itself.
    """

    def __init__(
        self,
        airflow: EmbeddedAirflow,
        portal: Portal,
        servers: Collection[Breakable],
        workers: Collection[str],
        seed: int,
    ) -> None:
        """Attack Airflow's components, its tasks below ``workers``, the site and ``servers``."""
        self.struck: Counter[str] = Counter()
        self._airflow, self._portal, self._workers = airflow, portal, workers
        self._servers = {server.name: server for server in servers}
        self._draw = random.Random(seed)  # noqa: S311 - points in time, not secrets
        self._deck: list[str] = []
        self._down: dict[str, float] = {}

    @property
    def faults(self) -> int:
        """How many attacks there were."""
        return sum(count for name, count in self.struck.items() if not name.endswith("by itself"))

    def pauses(self, count: int, longest: float) -> Iterator[float]:
        """Yield ``count`` seconds to wait before each attack."""
        for _ in range(count):
            yield self._draw.uniform(0, longest)

    def strike(self) -> None:
        """Break one thing; each has had its turn before any has another."""
        if not self._deck:
            self._deck = sorted([*self._airflow.components, *self._servers, TASK, SUPERVISOR, SITE])
            self._draw.shuffle(self._deck)
        victim = self._deck.pop()
        if victim == SITE:
            self._portal.faults.lost += 1
            self._portal.faults.failures += 1
        elif victim not in {TASK, SUPERVISOR}:
            self._kill(victim)
        elif not self._kill_a_task(victim):
            victim = min(self._workers)  # nothing ran
            self._kill(victim)
        self.struck[victim] += 1

    def recover(self, everything: bool = False) -> None:
        """Start again what has been down for its time; with ``everything`` what is down at all."""
        for component, process in list(self._airflow.processes.items()):
            if process.poll() is not None:
                self.struck[f"{component} by itself"] += 1
                self._kill(component)
        # Databases first: what needs them ends by itself without them.
        for name in sorted(self._down, key=lambda name: name not in self._servers):
            if everything or time.monotonic() > self._down[name]:
                self._servers[name].start() if name in self._servers else self._airflow.start(name)
                del self._down[name]

    def _kill(self, name: str) -> None:
        if name in self._servers:
            self._servers[name].kill()
        else:
            process = self._airflow.processes.pop(name, None)
            if process is None:  # still down
                return
            with suppress(ProcessLookupError):  # it may have ended by itself
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._down[name] = time.monotonic() + self._draw.uniform(1, LONGEST_DOWN)

    def _kill_a_task(self, victim: str) -> bool:
        """Kill a process that runs a task, or the one that supervises it; returns whether one was found."""
        parents = [self._airflow.processes[name].pid for name in self._workers if name in self._airflow.processes]
        with suppress(psutil.Error):
            workers = [worker for parent in parents for worker in psutil.Process(parent).children()]
            tasks = [task for worker in workers for task in worker.children()]
            if tasks:
                task = self._draw.choice(tasks)
                (task if victim == TASK else task.parent()).kill()
                return True
        return False
