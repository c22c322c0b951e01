"""Waits for a source so long and no longer: one that has fallen silent must not keep a worker, or the triggerer's few threads.

Database drivers wait in C, where neither a signal nor Airflow's timeout reaches them, and few can be told how long. So
the question is put by a thread of its own, which is left behind when its time is up; until it has ended, the same source
is not asked again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from obligations.words.errors import SourceNotReady

ANSWER_SECONDS = 300.0
_left_behind: dict[str, threading.Thread] = {}
Answer = TypeVar("Answer")


def within(seconds: float, source: str, ask: Callable[[], Answer]) -> Answer:
    """Return what ``ask`` returns, or raise what it raises; raises SourceNotReady when ``source`` has not answered in time."""
    left = _left_behind.get(source)
    if left is not None and left.is_alive():
        raise SourceNotReady(f"来源数据库 {source} 对上一次查询还没有应答，暂不再查")
    answer: Future[Answer] = Future()

    def put() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001 - whoever waits raises it
            answer.set_exception(error)

    asking = threading.Thread(target=put, name=f"source {source}", daemon=True)
    asking.start()
    asking.join(seconds)
    if not answer.done():
        _left_behind[source] = asking
        raise SourceNotReady(f"来源数据库 {source} 在 {seconds:.0f} 秒内没有应答；请核对网络和数据库，系统会继续等待")
    return answer.result()
