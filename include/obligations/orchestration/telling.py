"""Prints every few seconds what long work is at, so that nobody wonders whether it still goes on; of quick work nothing.

Whole lines, on a terminal and in a file alike. What there is to say is the work's own (``words.telling.Tell``).
"""

from __future__ import annotations

from threading import Event, Thread
from types import TracebackType
from typing import Self, TextIO


class Teller:
    """What long work is at, repeated on ``out`` every ``seconds`` until the ``with`` block ends; call it to say what it is."""

    def __init__(self, out: TextIO, seconds: float = 5) -> None:
        self._out, self._seconds = out, seconds
        self._at = "正在处理"
        self._ended = Event()
        self._thread = Thread(target=self._go_on, name="teller", daemon=True)

    def __call__(self, said: str) -> None:
        """Say what the work is at from now on."""
        self._at = said

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _go_on(self) -> None:
        times = 0
        while not self._ended.wait(self._seconds):
            times += 1
            self._out.write(f"{self._at}……（已用 {times * self._seconds:.0f} 秒）\n")
            self._out.flush()
