"""The demo's own site: the portal that its publications go to, and the channel that leads there. Nothing of production."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from obligations.orchestration.demo.portal import Portal
from obligations.steps.replace import replace_file
from obligations.words.times import SHANGHAI


@contextmanager
def demo_portal(state: Path) -> Iterator[dict[str, str]]:
    """Run the demo's stand-in for a government site and yield the environment in which the demo goes public on it.

    Its pages, its key and, where that is free, its port outlive a restart.
    """
    folder = state / "demo" / "portal"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "site"
    port, secret = kept.read_text("utf-8").split() if kept.exists() else ("0", secrets.token_urlsafe(24))
    portal = _open_portal(folder / "pages", secret, int(port))
    replace_file(kept, f"{urlsplit(portal.url).port} {secret}".encode())
    try:
        yield demo_channel(state, portal, secret)
    finally:
        portal.stop()


def _open_portal(pages: Path, secret: str, port: int) -> Portal:
    pages.mkdir(exist_ok=True)
    try:
        return Portal(pages, secret, lambda: datetime.now(SHANGHAI), port)
    except OSError:  # somebody else has taken the port since
        return Portal(pages, secret, lambda: datetime.now(SHANGHAI))


def demo_channel(state: Path, portal: Portal, secret: str) -> dict[str, str]:
    """Return the environment in which every duty goes public on the portal, by the interface of sites."""
    channels = state / "demo" / "channels.yaml"
    channels.parent.mkdir(parents=True, exist_ok=True)
    channels.write_text(
        "channels:\n"
        "  - {name: 演示门户, type: site_api, site: office, connection: demo_portal, hosts: [127.0.0.1]}\n"
        "rules:\n"
        "  - {channel: 演示门户}\n",
        "utf-8",
    )
    connection = {"conn_type": "http", "host": portal.api, "password": secret}
    return {"OBLIGATIONS_CHANNELS": str(channels), "AIRFLOW_CONN_DEMO_PORTAL": json.dumps(connection)}
