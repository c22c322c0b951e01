"""Freezes lines of the ledger as a CSV file that is kept by content, and reads them back. Reads no ledger itself.

The lines are handed in, because steps do not know one another. What they say is ``words.accountability``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from obligations.steps.gather.store import keep, require_intact
from obligations.words.accountability import HEADERS, LedgerLine
from obligations.words.errors import SourceNotReady
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Period
from obligations.words.publication import Snapshot
from obligations.words.times import end_of_day, say_due, say_instant

_BREAKS = re.compile("[\x00-\x20\x7f\ue000-\uf8ff\ufffd]+")


def gather_extract(
    obligation: Obligation, period: Period, lines: Sequence[LedgerLine], *, store: Path, now: datetime
) -> Snapshot:
    """Keep the lines as of ``now``, whatever becomes of the ledger after; raises SourceNotReady before the period is over."""
    require_over(period, now)
    return keep_extract(obligation, period, lines, f"政务公开台账，截至{say_instant(now)}", store=store)


def keep_extract(
    obligation: Obligation, period: Period, lines: Sequence[LedgerLine], address: str, *, store: Path
) -> Snapshot:
    """Keep the lines as CSV: UTF-8, one line a row, every column there; equal lines give equal bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADERS.values())
    writer.writerows([_plain(getattr(line, field)) for field in HEADERS] for line in lines)
    name = f"{obligation.slug}-{period.key}.csv"
    path, sha256 = keep(text.getvalue().encode(), name, store)
    return Snapshot(file=name, path=str(path), sha256=sha256, address=address)


def load_extract(snapshot: Snapshot) -> tuple[LedgerLine, ...]:
    """Read kept lines back; raises StoreDamaged."""
    data = require_intact(Path(snapshot.path), snapshot.sha256)
    rows = csv.DictReader(io.StringIO(data.decode(), newline=""))
    return tuple(LedgerLine(**{field: row[header] for field, header in HEADERS.items()}) for row in rows)


def require_over(period: Period, now: datetime) -> None:
    """Raise SourceNotReady while the period runs: what falls due in it may still be met in time."""
    end = end_of_day(period.end)
    if now < end:
        raise SourceNotReady(f"统计期 {period.key} 还没有结束，{say_due(end).removesuffix('前')}之后统计")


def _plain(text: str) -> str:
    """Keep a cell in one line of text: what people wrote may hold breaks and signs that are none."""
    return _BREAKS.sub(" ", text).strip()
