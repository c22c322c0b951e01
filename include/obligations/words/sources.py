"""Where an obligation's data come from, as YAML fills it. Reading a source is ``steps.gather``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from obligations.words.clocks import Words
from obligations.words.limits import Limit, LimitField


class SqlSource(Words):
    """A departmental database: an Airflow connection id and one SELECT with ``:period`` bound as a parameter."""

    kind: Literal["sql"]
    connection: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    query: str
    address: str | None = None


class InboxSource(Words):
    """A folder below the inbox where a department drops one file a period.

    Attributes:
        folder: relative to the inbox root; default ``<jurisdiction>/<slug>``.
        pattern: file name with ``{period}``, several suffixes allowed: ``{period}.*``.
        address: where the figures were published, carried into the figures file.
    """

    kind: Literal["inbox"]
    folder: str | None = None
    pattern: str = "{period}.*"
    address: str | None = None


class FolderSource(Words):
    """What lies in an inbox folder, listed but not read: for duties that no single delivery of a period meets.

    Attributes:
        folder: relative to the inbox root; default ``<jurisdiction>/<slug>``.
    """

    kind: Literal["folder"]
    folder: str | None = None


class EventSource(Words):
    """The event's own fields, as reported."""

    kind: Literal["event"]


class LedgerSource(Words):
    """This installation's own ledger: the occurrences of the jurisdiction that fell due in the period, frozen.

    Attributes:
        feedback: how long departments have to answer for their own figures before the draft (反馈核实).
    """

    kind: Literal["ledger"]
    feedback: LimitField = Limit(3, "working_day")


Source = Annotated[SqlSource | InboxSource | FolderSource | EventSource | LedgerSource, Field(discriminator="kind")]
