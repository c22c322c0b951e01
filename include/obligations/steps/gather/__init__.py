"""Gathers the source data of one occurrence: find, check against the kind's contract, keep the raw bytes.

Nothing is computed here (``publications``) and nothing waits (the door defers on SourceNotReady). Input that breaks its
contract goes to quarantine with the reason beside it, and the original is never lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from obligations.rules.delivery import Delivery, require_size
from obligations.steps.gather.extract import gather_extract, keep_extract, load_extract, require_over
from obligations.steps.gather.holdings import holdings_of
from obligations.steps.gather.inbox import find, folder_of, read_settled
from obligations.steps.gather.query import fetch
from obligations.steps.gather.sources import Sources, what_is_missing
from obligations.steps.gather.store import keep, move_aside, require_intact, set_aside
from obligations.words.errors import BadInput, UnusableInput, say_os_error
from obligations.words.material import Holdings, Manuscript, Proven
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event, Period
from obligations.words.publication import DataContract, Snapshot
from obligations.words.sources import InboxSource, SqlSource
from obligations.words.times import SHANGHAI, say_instant

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Examine",
    "Sources",
    "gather",
    "gather_event",
    "gather_extract",
    "gather_file",
    "gather_holdings",
    "is_ready",
    "keep_extract",
    "load_extract",
    "load_frame",
    "load_holdings",
    "load_manuscript",
    "require_over",
    "what_is_missing",
]


Examine: TypeAlias = "Callable[[Any, Snapshot], object]"
"""What a kind does with what was read: rows that keep its contract, or a manuscript where it has none. It raises
BadInput for what contradicts itself."""


def gather(
    obligation: Obligation,
    period: Period,
    contract: DataContract | None,
    *,
    sources: Sources,
    now: datetime,
    examine: Examine | None = None,
) -> Snapshot:
    """Fetch the period's data from the obligation's own source, check them and keep them.

    An inbox file stays where it is; the answer of a query is kept as CSV. Raises SourceNotReady while there is nothing
    yet, BadInput (file, row, column, value, expected form, and where the input was put), CatalogueFault for a source
    that cannot work, and UnusableInput for an obligation written from an event.
    """
    source = obligation.source
    if isinstance(source, InboxSource):
        return _gather_inbox(obligation, source, period, contract, sources, now, examine)
    if isinstance(source, SqlSource):
        return _gather_query(obligation, source, period, contract, sources, now, examine)
    raise UnusableInput(f"{obligation.key} 的内容来自事件报告，没有可采集的数据来源")


def gather_event(event: Event, *, sources: Sources, now: datetime) -> Snapshot:
    """Keep the event's own fields as canonical JSON: sorted keys, UTF-8, instants in Asia/Shanghai.

    Raises BadInput for an event that lies after ``now``.
    """
    if event.happened_at > now:
        fact = f"事件 {event.id} 的发生时间 {say_instant(event.happened_at)} 晚于现在 {say_instant(now)}"
        raise BadInput(event.id, (f"{fact}，应为已经发生的时间；请更正后重新报告。",))
    fields = {
        "id": event.id,
        "type": event.type,
        "level": event.level,
        "title": event.title,
        "happened_at": _instant(event.happened_at),
        "reported_at": _instant(event.reported_at),
        "noticed_at": _instant(event.noticed_at) if event.noticed_at else None,
        "fields": event.fields,
    }
    data = json.dumps(fields, ensure_ascii=False, sort_keys=True, indent=2).encode()
    return _keep(data, f"{event.id}.json", sources, None)


def gather_holdings(
    obligation: Obligation, period: Period, proven: Sequence[Proven], *, sources: Sources, now: datetime
) -> Snapshot:
    """Keep the list of what the obligation's folder and the ledger hold, as canonical JSON; waits for nothing.

    ``proven``: every earlier act of the obligation that the ledger holds as proven. Raises UnusableInput for an
    obligation whose source is no folder, BadInput for a folder that is a link out of the inbox.
    """
    holdings = holdings_of(obligation, period, proven, sources.inbox, now)
    return _keep(holdings.as_json(), f"{obligation.slug}-{period.key}.json", sources, None)


def gather_file(
    file: Path, contract: DataContract | None, *, sources: Sources, now: datetime, examine: Examine | None = None
) -> Snapshot:
    """Check and keep a file that a person names, instead of the source; a refused one stays where it is.

    Raises UnusableInput if it is no file, SourceNotReady while it is being written or may not be read, BadInput.
    """
    delivery = Delivery(file.name, again="再试")
    try:
        require_size(file.stat().st_size, delivery)
        data = read_settled(file, now)
    except OSError as error:
        raise UnusableInput(f"文件 {file} 读不了：{say_os_error(error)}") from None
    _check(data, contract, delivery, examine)
    return _keep(data, file.name, sources, None)


def is_ready(obligation: Obligation, period: Period, sources: Sources, now: datetime) -> bool:
    """Tell cheaply whether ``gather`` has something to work on; raises CatalogueFault, UnusableInput."""
    return what_is_missing(obligation, period.key, sources, now) is None


def load_frame(snapshot: Snapshot, contract: DataContract) -> pd.DataFrame:
    """Read kept bytes into a typed frame; see ``rules.contract.check``. Raises StoreDamaged, BadInput."""
    data = require_intact(Path(snapshot.path), snapshot.sha256)
    return _read(data, contract, Delivery(snapshot.file))


def load_manuscript(snapshot: Snapshot) -> Manuscript:
    """Read a kept document; see ``rules.manuscripts``. Raises StoreDamaged, BadInput."""
    data = require_intact(Path(snapshot.path), snapshot.sha256)
    return _manuscript(data, Delivery(snapshot.file))


def load_holdings(snapshot: Snapshot) -> Holdings:
    """Read a kept list; raises StoreDamaged."""
    return Holdings.from_json(require_intact(Path(snapshot.path), snapshot.sha256))


def _gather_inbox(
    obligation: Obligation,
    source: InboxSource,
    period: Period,
    contract: DataContract | None,
    sources: Sources,
    now: datetime,
    examine: Examine | None,
) -> Snapshot:
    original = find(obligation, source, period.key, sources.inbox, now)
    delivery = Delivery(original.name)
    seen = original.stat()
    try:
        require_size(seen.st_size, delivery)  # before anything that large is read
        data = read_settled(original, now)
        _check(data, contract, delivery, examine)
    except BadInput as bad:
        place, gone = move_aside(original, seen, sources.quarantine / obligation.key, bad.problems, now)
        where = place.relative_to(sources.quarantine)
        moved = f"原件已移至隔离区 {where}" if gone else f"原件仍在收件夹，已复制到隔离区 {where}"
        raise BadInput(bad.file, (*bad.problems, f"{moved}；收件夹为 {folder_of(obligation, source)}。")) from None
    return _keep(data, original.name, sources, source.address)


def _gather_query(
    obligation: Obligation,
    source: SqlSource,
    period: Period,
    contract: DataContract | None,
    sources: Sources,
    now: datetime,
    examine: Examine | None,
) -> Snapshot:
    name = f"{obligation.slug}-{period.key}.csv"
    data = fetch(obligation, source, period.key, sources.engine_for(source.connection))
    try:
        delivery = Delivery(name, fix=f"在来源数据库 {source.connection} 中改正", again="重新运行")
        require_size(len(data), delivery)
        _check(data, contract, delivery, examine)
    except BadInput as bad:
        place = set_aside(data, name, sources.quarantine / obligation.key, bad.problems, now)
        where = place.relative_to(sources.quarantine)
        raise BadInput(bad.file, (*bad.problems, f"查询结果已存入隔离区 {where}。")) from None
    return _keep(data, name, sources, source.address or f"connection:{source.connection}")


def _check(data: bytes, contract: DataContract | None, delivery: Delivery, examine: Examine | None = None) -> None:
    if contract is None and examine is None:
        return
    read = _manuscript(data, delivery) if contract is None else _read(data, contract, delivery)
    if examine is not None:
        examine(read, Snapshot(delivery.file, "", ""))


def _read(data: bytes, contract: DataContract, delivery: Delivery) -> pd.DataFrame:
    # pandas and pandera take a second to import, which would block the triggerer and every task start.
    from obligations.rules.tabular import read_frame

    return read_frame(data, contract, delivery)


def _manuscript(data: bytes, delivery: Delivery) -> Manuscript:
    from obligations.rules.manuscripts import read_manuscript  # loads pandas or python-docx, as above

    return read_manuscript(data, delivery)


def _keep(data: bytes, name: str, sources: Sources, address: str | None) -> Snapshot:
    path, sha256 = keep(data, name, sources.store)
    return Snapshot(file=name, path=str(path), sha256=sha256, address=address)


def _instant(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat()
