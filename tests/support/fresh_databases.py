"""A PostgreSQL database of a test's own on the server that ``OBLIGATIONS_TEST_POSTGRESQL_URL`` names."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager

from bench._ledgers import own_database

SERVER = os.environ.get("OBLIGATIONS_TEST_POSTGRESQL_URL", "")
"""URL of a role that may create databases; empty where there is no server."""


def fresh_database() -> AbstractContextManager[str]:
    """Make a database without tables, whose URL the context is; it is dropped with whoever is still connected."""
    return own_database(SERVER)
