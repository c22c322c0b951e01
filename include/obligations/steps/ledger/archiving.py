"""A year of the ledger as lines of text that prove themselves, for the archive (档案移交). Only reads; writes no file.

A line is one occurrence with everything the ledger holds of it, each event's payload as the text that its hash covers, so
that the chain can be recomputed from the line alone. An occurrence belongs to the year in which it falls due. Nothing ever
leaves the ledger: a chain and its daily checkpoints hold only as long as every event is there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, Connection, and_, func, select

from obligations.steps.ledger import checkpoints, tables
from obligations.steps.ledger.columns import canonical, raw_text
from obligations.steps.ledger.events import GENESIS, digest
from obligations.steps.ledger.ledger import Ledger
from obligations.steps.ledger.occurrences import BATCH, of_each, row_of, rows_query
from obligations.steps.ledger.projection import OccurrenceRow
from obligations.steps.ledger.reported import seal_report
from obligations.steps.ledger.verify import fault_of
from obligations.words.times import midnight, parse_instant

_its = tables.occurrence.c
_ROW = TypeAdapter(OccurrenceRow)
_PARTS = {"drafts": tables.draft, "publications": tables.publication, "purged": tables.purged}
_INSTANTS = {
    "happened_at",
    "recorded_at",
    "published_at",
    "registered_at",
    "at",
    "reported_at",
    "noticed_at",
    "taken_at",
}
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An occurrence of the year that is still open."""

    key: str
    period: str
    title: str
    due_at: datetime


def unfinished(ledger: Ledger, year: int, *, most: int) -> tuple[tuple[Unfinished, ...], int]:
    """Return the open occurrences of a year, earliest due first, at most ``most``, and how many there are; 补录 left out."""
    open_ = and_(of_year(year), _its.closed_at.is_(None), ~_its.historical)
    query = (
        select(_its.obligation_key, _its.period, _its.title, _its.due_at).where(open_).order_by(_its.due_at).limit(most)
    )
    with ledger.reading() as connection:
        found = tuple(Unfinished(*row) for row in connection.execute(query))
        return found, connection.scalar(select(func.count()).where(open_)) or 0


def of_year(year: int) -> ColumnElement[bool]:
    """Return the condition under which an occurrence belongs to a year: due after its first 0:00, at its last 24:00 at most."""
    return and_(_its.due_at > midnight(date(year, 1, 1)), _its.due_at <= midnight(date(year + 1, 1, 1)))


def occurrences(connection: Connection, year: int) -> Iterator[Line]:
    """Yield the year's occurrences in the order they were expected, at most 500 in memory."""
    last = 0
    while True:
        query = rows_query().where(of_year(year), _its.id > last).order_by(_its.id).limit(BATCH)
        rows = [row_of(mapping) for mapping in connection.execute(query).mappings()]
        if not rows:
            return
        ids = [row.id for row in rows]
        events = of_each(connection, tables.event, ids, tables.event.c.seq, raw_text(tables.event.c.payload))
        parts = {name: of_each(connection, table, ids, table.c.id) for name, table in _PARTS.items()}
        for row in rows:
            yield {
                "occurrence": _ROW.dump_python(row, mode="json"),
                "events": [_plain(mapping, without={"id", "occurrence_id", "payload"}) for mapping in events[row.id]],
                **{
                    name: [_plain(mapping, without={"id", "occurrence_id"}) for mapping in found[row.id]]
                    for name, found in parts.items()
                },
            }
        last = ids[-1]


def documents(connection: Connection, year: int) -> Iterator[Line]:
    """Yield the documents whose clauses ordered the year's occurrences."""
    ordered = select(_its.document_id).where(of_year(year))
    table = tables.document
    query = select(table, raw_text(table.c.content)).where(table.c.id.in_(ordered)).order_by(table.c.id)
    for mapping in connection.execute(query).mappings():
        yield _plain(mapping, without={"id", "content"})


def reported_events(connection: Connection, year: int) -> Iterator[Line]:
    """Yield every report of the events that opened the year's occurrences."""
    opened = select(_its.event_id).where(of_year(year), _its.event_id.is_not(None))
    table = tables.reported_event
    query = (
        select(table, raw_text(table.c.fields))
        .where(table.c.event_id.in_(opened))
        .order_by(table.c.event_id, table.c.seq)
    )
    for mapping in connection.execute(query).mappings():
        yield _plain(mapping, without={"id", "fields"})


def all_checkpoints(connection: Connection) -> Iterator[Line]:
    """Yield every daily checkpoint so far; the last one's hash stands for the whole ledger as of that day."""
    for mapping in connection.execute(select(tables.checkpoint).order_by(tables.checkpoint.c.id)).mappings():
        yield _plain(mapping, without={"id"})


def fault_of_occurrence(line: Line) -> str | None:
    """Recompute one occurrence from its line alone; return what is first wrong with it, or None."""
    try:
        row = _ROW.validate_python(line["occurrence"])
        events = [_stored(each) | {"payload": json.loads(each["raw"])} for each in line["events"]]
        parts = [[_stored(each) for each in line[name]] for name in _PARTS]
        fault = fault_of(row, events, *parts)
    except (ValidationError, KeyError, TypeError, ValueError) as error:
        return f"内容不成形（{type(error).__name__}）"
    return f"{row.key} {row.period}：{fault}" if fault else None


def fault_of_document(line: Line) -> str | None:
    """Compare a document with its hash."""
    return None if digest(line["raw"]) == line["digest"] else f"依据文件“{line['title']}”的内容与其散列值不符"


def faults_of_reports(lines: Iterator[Line]) -> Iterator[str]:
    """Recompute the chain of each event's reports."""
    for event_id, reports in groupby(lines, key=lambda line: str(line["event_id"])):
        head = GENESIS
        for line in reports:
            if line["previous_hash"] != head or line["hash"] != seal_report(_stored(line), line["raw"]):
                yield f"事件 {event_id} 的第 {line['seq']} 次报告被改动，或其前有报告缺失"
                break
            head = line["hash"]


def faults_of_checkpoints(lines: Iterator[Line]) -> Iterator[str]:
    """Recompute the chain of checkpoints; what each covers is in the ledger, of which this is one year."""
    head = GENESIS
    for line in lines:
        values = _stored(line) | {"day": date.fromisoformat(line["day"])}
        if line["previous_hash"] != head or line["hash"] != checkpoints.seal(values):
            yield f"核对点 {line['day']} 被改动，或与前一核对点不衔接"
            return
        head = line["hash"]


def differing(ledger: Ledger, heads: Mapping[tuple[str, str], tuple[int, str]]) -> Iterator[str]:
    """Compare archived chains, by key and period their last seq and hash, with the ledger; more events since are no fault."""
    joined = tables.event.join(tables.occurrence)
    with ledger.reading() as connection:
        for (key, period), (seq, hash_) in heads.items():
            its = (_its.obligation_key == key, _its.period == period, tables.event.c.seq == seq)
            found = connection.scalar(select(tables.event.c.hash).select_from(joined).where(*its))
            if found != hash_:
                now = "台账中已没有这一条" if found is None else "台账中的这一条与归档时不同"
                yield f"{key} {period} 第 {seq} 条：{now}"


def as_text(line: Line) -> str:
    """Write one line in the one form that is hashed."""
    return canonical(line)


def _plain(mapping: Mapping[Any, Any], *, without: set[str]) -> Line:
    return {str(name): value for name, value in mapping.items() if name not in without}


def _stored(line: Mapping[str, Any]) -> Line:
    """Return what a query would have returned of a line."""
    return {name: parse_instant(value) if name in _INSTANTS and value else value for name, value in line.items()}
