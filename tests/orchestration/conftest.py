"""A public website on loopback and the office that published on it, and a receiver of metrics, for tests that look there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from airflow.sdk._shared.observability.metrics import stats
from airflow.sdk._shared.observability.metrics.statsd_logger import SafeStatsdLogger
from public_pages import PublicOffice, make_public_office
from statsd_receiver import Receiver, statsd_receiver
from websites import Website, website

from obligations.orchestration import metrics


@pytest.fixture
def site() -> Iterator[Website]:
    with website() as running:
        yield running


@pytest.fixture
def public_office(tmp_path, monkeypatch, site) -> PublicOffice:
    return make_public_office(tmp_path, monkeypatch, site)


@pytest.fixture
def statsd(monkeypatch) -> Iterator[Receiver]:
    """Receive what this process tells monitoring."""
    with statsd_receiver() as receiver:
        for name, value in receiver.environment.items():
            monkeypatch.setenv(name, value)
        metrics._stats.cache_clear()
        yield receiver
        backend = stats._get_backend()
        if isinstance(backend, SafeStatsdLogger):
            backend.statsd.close()  # which Airflow leaves to chance
    metrics._stats.cache_clear()
