"""Waking the sweep never costs what was handed in before it: a database that fails leaves a session that can go on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from airflow.models import DagRun
from sqlalchemy import create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from obligations.orchestration.pages import waking
from obligations.orchestration.pages.waking import wake_sweep


class _Base(DeclarativeBase):
    pass


class _Run(_Base):
    """A row that a database refuses: it has no name."""

    __tablename__ = "run"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


@pytest.fixture
def session() -> Iterator[Session]:
    """A database in which no sweep is queued."""
    engine = create_engine("sqlite://")
    DagRun.__table__.create(engine)
    _Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_a_run_that_cannot_be_written_leaves_a_session_that_can_be_committed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_what_is_refused(*, session: Session, **_: Any) -> None:
        session.add(_Run())
        session.flush()

    monkeypatch.setattr(waking, "trigger_dag", write_what_is_refused)
    assert wake_sweep(session) is False
    session.commit()


def test_a_run_that_cannot_be_committed_is_not_said_to_come(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Session) -> None:
        raise OperationalError("COMMIT", {}, Exception("database is locked"))

    monkeypatch.setattr(waking, "trigger_dag", lambda **_: None)
    event.listen(session, "before_commit", fail)
    assert wake_sweep(session) is False


def test_a_run_that_is_committed_comes(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking, "trigger_dag", lambda *, session, **_: session.add(_Run(name="sweep")))
    assert wake_sweep(session) is True
    session.rollback()
    assert session.query(_Run).one().name == "sweep"
