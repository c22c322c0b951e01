"""The network to a site or an object store falls silent in the middle: told in time, tried again, published once."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from network_pipe import Pipe, pipe_to
from object_store import object_store

from obligations.orchestration.publication.delivering import deliver
from obligations.steps.ledger import verify_ledger
from obligations.words.errors import ChannelDown

SITE = {"type": "site_api", "connection": "site"}
SECRET = "geheim"  # noqa: S105 - of a server that lives as long as a test


@pytest.fixture
def pipe(portal, connect):
    """The network to the site."""
    with pipe_to(urlsplit(portal.url).port) as found:
        yield found


@pytest.mark.parametrize("silent", [(), ("there",), ("back",)], ids=["both ways", "question", "answer"])
def test_a_site_that_falls_silent_publishes_once(channels, office, now, later, portal, pipe: Pipe, connect, silent):
    ours = office(channels(**SITE))
    final = ours.sign()
    address = portal.api.replace(portal.url, f"http://127.0.0.1:{pipe.port}")
    connect("site", conn_type="http", host=address, password=SECRET, extra={"timeout": 1})
    pipe.pause(*silent)
    for _ in range(2):
        with pytest.raises(ChannelDown, match="稍后自动重试"):
            deliver(ours.work, final, now)
    assert ours.events("published") == []
    pipe.resume()
    connect("site", conn_type="http", host=address, password=SECRET, extra={"timeout": 60})  # a machine may be busy
    deliver(ours.work, final, later)
    assert len(portal.pages) == len(ours.events("published")) == 1
    assert verify_ledger(ours.work.ledger) == []


@pytest.mark.parametrize("silent", [("there", "back"), ("back",)], ids=["both ways", "answer"])
def test_an_object_store_that_falls_silent_gets_the_package_once(settings, office, now, later, connect, silent):
    with object_store() as store, pipe_to(urlsplit(store.address).port) as pipe:
        patience = {"connect_timeout": 5, "read_timeout": 5, "retries": {"max_attempts": 0}}
        extra = {**store.extra, "endpoint_url": f"http://127.0.0.1:{pipe.port}", "config_kwargs": patience}
        name = "_".join(silent)  # a store is kept open under its connection's name
        connect(name, conn_type="aws", login="key", password="unused", extra=extra)  # noqa: S106 - of no real store
        ours = office(replace(settings, package_root=f"s3://{name}@packages/county"))
        final = ours.sign()
        pipe.pause(*silent)
        with pytest.raises(ChannelDown, match="稍后自动重试"):
            deliver(ours.work, final, now)
        pipe.resume()
        deliver(ours.work, final, later)
        folder = f"county/county/monthly/2026-09/{final.sha256[:16]}"
        assert store.keys() == {f"{folder}/{name}" for name in ("page.html", "table-1.csv", "manifest.json")}
    assert verify_ledger(ours.work.ledger) == []
