"""How many cases the tests of security tried, by class, and what tests of chaos found: told at the end of the run.

Also when several processes share it.
"""

from __future__ import annotations

from collections import Counter

import pytest

_PROPERTY = "cases tried"
_LINE = "told at the end"
_counted: Counter[str] = Counter()
_told: Counter[str] = Counter()
_said: list[str] = []
_lines: list[str] = []


def tried(kind: str, cases: int = 1) -> None:
    """Count cases of a class, in the test that runs now."""
    _counted[kind] += cases


def tell(*lines: str) -> None:
    """Have lines printed at the end of the run, whether the test that runs now passes or fails."""
    _said.extend(lines)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    """Hand what a test counted to whoever collects the reports."""
    _counted.clear(), _said.clear()
    try:
        return (yield)
    finally:
        item.user_properties += [(_PROPERTY, (kind, cases)) for kind, cases in _counted.items()]
        item.user_properties += [(_LINE, line) for line in _said]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up what tests counted."""
    if report.when == "call":
        for name, value in report.user_properties:
            if name == _PROPERTY:
                kind, cases = value
                _told[kind] += cases
            elif name == _LINE:
                _lines.append(value)


def pytest_terminal_summary(terminalreporter) -> None:
    """Tell the lines and the sums."""
    if _lines:
        terminalreporter.section("what was broken, and what became of it")
        for line in _lines:
            terminalreporter.write_line(line)
    if _told:
        terminalreporter.section("cases tried, by class")
        for kind, cases in sorted(_told.items()):
            terminalreporter.write_line(f"{cases:>8,}  {kind}")
        terminalreporter.write_line(f"{sum(_told.values()):>8,}  in all")
