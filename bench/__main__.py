"""Runs the benchmarks named on the command line, or all: prints one table, keeps the results in ``results.json``.

A benchmark is a module of this folder with ``run()``, which returns its measurements by name, each a mapping of figure
to number. It measures its baseline in the same run, so that a ratio means the same on every machine. Nothing is
measured here.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

from bench._documented import rewrite_documents

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.json"
LIBRARIES = ("apache-airflow", "numpy", "pandas", "pydantic", "sqlalchemy")

Measurements = Mapping[str, Mapping[str, object]]


def names() -> list[str]:
    """List the benchmarks there are: the modules that have a ``run``."""
    modules = (path for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
    return sorted(path.stem for path in modules if "\ndef run(" in path.read_text("utf-8"))


def machine() -> dict[str, object]:
    """Describe this machine as far as the figures depend on it."""
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text("utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def show(results: Mapping[str, Measurements]) -> None:
    """Print one table: a line a figure, benchmarks and measurements named once."""
    table = Table("benchmark", "measurement", "figure", Column("value", justify="right"))
    for bench, measurements in results.items():
        for position, (measurement, figures) in enumerate(measurements.items()):
            for number, (figure, value) in enumerate(figures.items()):
                first = number == 0
                table.add_row(
                    bench if first and position == 0 else "", measurement if first else "", figure, _cell(value)
                )
        table.add_section()
    Console(width=None if sys.stdout.isatty() else 120).print(table)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def main(wanted: Sequence[str]) -> int:
    """Run the benchmarks; each keeps its results beside those of the others, with the machine they were measured on."""
    known = names()
    if unknown := sorted(set(wanted) - set(known)):
        sys.stderr.write(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(known)}\n")
        return 2
    measured: dict[str, Measurements] = {}
    for name in wanted or known:
        sys.stderr.write(f"{name} …\n")
        measured[name] = import_module(f"bench.{name}").run()
        measured_at = datetime.now(UTC).isoformat(timespec="seconds")
        # read only now: another process may have measured something meanwhile
        kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
        kept[name] = {"measured_at": measured_at, "machine": machine(), "measurements": measured[name]}
        RESULTS.write_text(json.dumps(dict(sorted(kept.items())), ensure_ascii=False, indent=2) + "\n", "utf-8")
    rewrite_documents(kept)
    show(measured)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
