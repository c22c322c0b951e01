"""Long work says how far it is, again and again while nothing else is heard of it; quick work says nothing."""

from __future__ import annotations

import io
import re
from threading import Event

import pytest

from obligations.orchestration.telling import Teller


class Heard(io.StringIO):
    """Takes what is told, and says when there are as many lines as are waited for."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        self.lines, self.enough = lines, Event()

    def flush(self) -> None:
        if self.getvalue().count("\n") >= self.lines:
            self.enough.set()


def test_long_work_says_what_it_is_at_in_whole_lines_until_it_ends():
    out = Heard(3)
    with Teller(out, 0.01) as tell:
        tell("已核验 500 期")
        assert out.enough.wait(30)
    said = out.getvalue()
    assert re.fullmatch(r"(已核验 500 期……（已用 \d+ 秒）\n)+", said)
    out.enough.clear()
    assert not out.enough.wait(0.1)
    assert out.getvalue() == said, "nothing is told of what has ended"


def test_it_ends_with_an_error_as_well():
    with pytest.raises(ValueError, match="broken"), Teller(Heard(1), 0.01) as tell:
        raise ValueError("broken")
    assert not tell._thread.is_alive()


def test_quick_work_says_nothing():
    out = io.StringIO()
    with Teller(out) as tell:
        tell("正在处理")
    assert out.getvalue() == ""
