"""What a process costs together with its children, as the system counts it."""

from __future__ import annotations

import psutil


def proportional_mb(process: psutil.Process) -> float:
    """Return the memory of a process and its children in MB, what several hold in common counted once."""
    return sum(map(own_mb, _all_of(process)))


def own_mb(process: psutil.Process) -> float:
    """Return the share of one process alone, what several hold in common divided among them; 0 for one that has ended."""
    try:
        return float(process.memory_full_info().pss) / 2**20
    except psutil.Error:
        return 0.0


def cpu_seconds(process: psutil.Process) -> float:
    """Return the CPU time of a process, its living children, and those of theirs that have ended and were waited for."""
    found = 0.0
    for one in _all_of(process):
        try:
            found += sum(one.cpu_times()[:4])
        except psutil.Error:
            continue
    return found


def _all_of(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []
