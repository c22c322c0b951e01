"""A public website on loopback, and the office that published on it, for tests of what is looked at afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from public_pages import PublicOffice, make_public_office
from websites import Website, website


@pytest.fixture
def site() -> Iterator[Website]:
    with website() as running:
        yield running


@pytest.fixture
def public_office(tmp_path, monkeypatch, site) -> PublicOffice:
    return make_public_office(tmp_path, monkeypatch, site)
