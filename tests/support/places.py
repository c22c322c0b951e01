"""The addresses of our pages, filled with the occurrence of the desk, for tests that go through all of them."""

from __future__ import annotations

import re

from desk import FIRST, KEY, PERIOD

JURISDICTION, SLUG = KEY.split("/")
KNOWN = {
    "jurisdiction": JURISDICTION, "slug": SLUG, "period": PERIOD, "version": "1", "name": "document.docx", "event_id": "one",
    "dag_id": KEY.replace("/", "."), "run_id": FIRST, "form": "csv", "kind": "contacts", "answer": "acknowledge",
    "sha256": "0" * 64, "token": "0" * 64, "notice_id": "1", "feed_id": "1", "month": "2026-11", "year": "2026",
}  # fmt: skip
"""A value for each part of an address and each query that our pages know."""


def filled(path: str, **known: str) -> str:
    """Return a route's path with the occurrence of the desk in it."""
    return re.sub(r"{(\w+)}", lambda match: {**KNOWN, **known}[match[1]], path)
