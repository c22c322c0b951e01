"""Drafts and publications of an occurrence: each row is made in one transaction with the event that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, func, insert, select, update

from obligations.steps.ledger import tables
from obligations.steps.ledger.events import EventKind, NewEvent, digest
from obligations.steps.ledger.occurrences import append_to, known, of_each
from obligations.steps.ledger.projection import OccurrenceRow
from obligations.words.errors import UnusableInput
from obligations.words.evidence import Grade
from obligations.words.obligation import Fulfilment
from obligations.words.publication import Blank

DraftState = Literal["generated", "uploaded", "filled", "final"]


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft as registered.

    Attributes:
        version: 1, 2, 3 … of the occurrence; filling its blanks and finishing it makes further drafts of the same version.
        sha256: of the document model; approvals name it.
        folder: path or URL of the folder; files: names below it.
        state: generated, uploaded (a person's own file), filled (with a person's answers in it) or final (as it goes out).
        open_blanks: what only a person can still fill in.
    """

    version: int
    sha256: str
    folder: str
    files: tuple[str, ...]
    state: str
    open_blanks: tuple[Blank, ...]


@dataclass(frozen=True, slots=True)
class RegisteredPublication:
    """One version at one place.

    Attributes:
        address: where it can be seen, or what the record of a conference, submission or task is kept under.
        evidence: what proves it; grade: 系统核验, 人工佐证 or 待核验.
        published_at: when it came out, was held, submitted or completed.
    """

    version: int
    sha256: str
    address: str
    evidence: dict[str, Any]
    grade: str
    published_at: datetime


def drafted_once(version: object, sha256: object) -> str:
    """Return the token of the event that registers a draft."""
    return f"drafted:{version}:{sha256}"


def published_once(kind: str, sha256: object, address: object) -> str:
    """Return the token of the event that registers a publication; long addresses are shortened by their hash."""
    return f"{kind}:{digest(f'{sha256} {address}')}"


def verified_once(sha256: object, address: object) -> str:
    """Return the token of the event that proves a publication."""
    return f"verified:{digest(f'{sha256} {address}')}"


def next_version(connection: Connection, key: str, period: str) -> int:
    """Return 1 where there is no draft yet, else one more than the last; only reads."""
    query = (
        select(func.max(tables.draft.c.version))
        .join(tables.occurrence)
        .where(tables.occurrence.c.obligation_key == key, tables.occurrence.c.period == period)
    )
    return int(connection.scalar(query) or 0) + 1


def register_draft(
    connection: Connection,
    key: str,
    period: str,
    draft: Draft,
    *,
    happened_at: datetime,
    recorded_at: datetime,
    person: str | None,
    payload: Mapping[str, Any],
) -> int:
    """Keep a draft and append ``drafted``; the same draft of the same version again changes nothing. Returns the seq."""
    row = known(connection, key, period, lock=True)
    said = {**payload, "version": draft.version, "sha256": draft.sha256, "state": draft.state}
    once = drafted_once(draft.version, draft.sha256)
    event = NewEvent(EventKind.DRAFTED, happened_at, said, once, person)
    after, seq = append_to(connection, row, event, recorded_at)
    if after.head_seq != row.head_seq:
        values = asdict(draft) | {"occurrence_id": row.id, "registered_at": recorded_at}
        connection.execute(insert(tables.draft).values(values))
    return seq


def register_publication(
    connection: Connection,
    key: str,
    period: str,
    *,
    kind: Fulfilment,
    version: int,
    sha256: str,
    address: str,
    evidence: Mapping[str, Any],
    grade: Grade,
    happened_at: datetime,
    recorded_at: datetime,
    person: str | None,
    channel: str | None,
    claimed_at: datetime | None,
    corrects: str | None,
) -> int:
    """Keep a publication and append its event (``kind``); the same version at the same address again changes nothing.

    ``channel``, ``claimed_at`` and ``corrects`` are said in the event alone, each where there is one.
    """
    row = known(connection, key, period, lock=True)
    values = {"version": version, "sha256": sha256, "address": address, "evidence": dict(evidence), "grade": grade}
    facts = {"channel": channel, "claimed_at": claimed_at, "corrects": corrects}
    said = values | {name: fact for name, fact in facts.items() if fact is not None}
    event = NewEvent(kind, happened_at, said, published_once(kind, sha256, address), person)
    after, seq = append_to(connection, row, event, recorded_at)
    if after.head_seq != row.head_seq:
        values |= {"occurrence_id": row.id, "published_at": happened_at}
        connection.execute(insert(tables.publication).values(values))
    return seq


def register_evidence(
    connection: Connection,
    key: str,
    period: str,
    *,
    sha256: str,
    address: str,
    evidence: Mapping[str, Any],
    grade: Grade,
    happened_at: datetime,
    recorded_at: datetime,
    person: str | None,
    published_at: datetime | None = None,
) -> int:
    """Append ``verified`` for a registered publication and keep the evidence with it.

    The event carries ``published_at``, the instant that the proof establishes, which is when the duty was met; the
    publication's own time unless given. Verifying the same version at the same address again changes nothing. Raises
    UnusableInput if it was never published there.
    """
    row = known(connection, key, period, lock=True)
    its = (
        (tables.publication.c.occurrence_id == row.id)
        & (tables.publication.c.sha256 == sha256)
        & (tables.publication.c.address == address)
    )
    registered_at = connection.scalar(select(tables.publication.c.published_at).where(its))
    if registered_at is None:
        raise UnusableInput(
            f"{key} 的 {period} 没有登记过发布到 {address} 的这一版本（SHA-256 {sha256}），不能记录佐证材料"
        )
    values = {"evidence": dict(evidence), "grade": grade}
    payload = {"sha256": sha256, "address": address, "published_at": published_at or registered_at, **values}
    event = NewEvent(EventKind.VERIFIED, happened_at, payload, verified_once(sha256, address), person)
    after, seq = append_to(connection, row, event, recorded_at)
    if after.head_seq != row.head_seq:
        keep_proof(connection, row, event.payload)
    return seq


def keep_proof(connection: Connection, row: OccurrenceRow, verified: Mapping[str, Any]) -> None:
    """Keep with a publication what a ``verified`` event, appended in the same transaction, says proves it."""
    its = tables.publication.c
    where = (its.occurrence_id == row.id) & (its.sha256 == verified["sha256"]) & (its.address == verified["address"])
    values = {"evidence": verified["evidence"], "grade": verified["grade"]}
    connection.execute(update(tables.publication).where(where).values(values))


def drafts_of(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[Draft, ...]]:
    """Return the drafts of each occurrence id, in the order they were registered."""
    return {
        id_: tuple(
            Draft(
                version=mapping["version"],
                sha256=mapping["sha256"],
                folder=mapping["folder"],
                files=tuple(mapping["files"]),
                state=mapping["state"],
                open_blanks=tuple(Blank(**blank) for blank in mapping["open_blanks"]),
            )
            for mapping in mappings
        )
        for id_, mappings in of_each(connection, tables.draft, ids, tables.draft.c.id).items()
    }


def publications_of(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[RegisteredPublication, ...]]:
    """Return the publications of each occurrence id, in the order they were registered."""
    return {
        id_: tuple(
            RegisteredPublication(
                version=mapping["version"],
                sha256=mapping["sha256"],
                address=mapping["address"],
                evidence=mapping["evidence"],
                grade=mapping["grade"],
                published_at=mapping["published_at"],
            )
            for mapping in mappings
        )
        for id_, mappings in of_each(connection, tables.publication, ids, tables.publication.c.id).items()
    }
