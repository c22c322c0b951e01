"""Somebody who looks at where versions are published, as fast as they can, for tests that nobody sees half of one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Seen:
    """What was seen: every version by name, and each time that one was not whole."""

    versions: set[str] = field(default_factory=set)
    halves: list[str] = field(default_factory=list)


@contextmanager
def onlooker(look: Callable[[], Mapping[str, bool]]) -> Iterator[Seen]:
    """Look until the block ends, and once more; ``look`` returns the versions that are there and whether each is whole."""
    seen, done = Seen(), threading.Event()

    def keep_looking() -> None:
        while True:
            last = done.is_set()
            found = look()
            seen.versions |= set(found)
            seen.halves += [name for name, is_whole in found.items() if not is_whole]
            if last:
                return

    reader = threading.Thread(target=keep_looking)
    reader.start()
    try:
        yield seen
    finally:
        done.set()
        reader.join()
