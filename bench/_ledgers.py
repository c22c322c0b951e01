"""A ledger for a bench: in a file, or in a database of its own on a PostgreSQL server that goes when the bench ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

from obligations.steps.ledger import migrate


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """Yield the address of a database made on ``server``, a SQLAlchemy URL, and dropped when it is left."""
    name = f"bench_{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


@contextmanager
def ledger_url(folder: Path, server: str) -> Iterator[str]:
    """Return the address of an empty ledger on ``server``, a SQLAlchemy URL; of a file in ``folder`` where there is none."""
    if not server:
        yield f"sqlite:///{folder / 'ledger.sqlite3'}"
        return
    with own_database(server) as url:
        migrate(url)
        yield url
