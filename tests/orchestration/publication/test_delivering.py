"""An approved version goes public by the channel of its duty, once, whatever dies on the way; nothing else goes anywhere."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from final_versions import is_whole
from object_store import object_store

from obligations.orchestration.publication.delivering import deliver, package_of
from obligations.orchestration.runs.trace import append
from obligations.orchestration.settings import PACKAGE
from obligations.steps.ledger import verify_ledger
from obligations.words.errors import ChannelDown, NotPublishable, UnusableInput

SITE = {"type": "site_api", "connection": "site"}
DROP = {
    "type": "sftp",
    "connection": "drop",
    "root": "/upload",
    "address": "https://www.example.gov.cn/{slug}/{period}/{sha}/",
}
PUBLIC_PACKAGE = {"type": "package", "address": "https://www.example.gov.cn/{slug}/{period}.html"}


def test_where_people_post_only_the_package_is_laid_ready(settings, office, now):
    ours = office(settings)
    final = ours.sign()
    assert deliver(ours.work, final, now) is None
    assert is_whole(Path(package_of(ours.work, final.sha256).path))
    assert ours.events("published") == []


def test_a_package_without_a_public_address_is_registered_where_it_lies(channels, office, now):
    ours = office(channels(type="package"))
    final = ours.sign()
    made = deliver(ours.work, final, now)
    assert made.address == str(package_of(ours.work, final.sha256))
    assert made.address.startswith("file:///")
    (event,) = ours.events("published")
    assert (event.payload["channel"], event.payload["address"], event.happened_at) == ("网站", made.address, now)
    assert set(event.payload["evidence"]["files"]) == {"page.html", "table-1.csv"}
    assert not {"claimed_at", "corrects"} & set(event.payload)


def test_a_package_with_one_is_registered_under_it_and_counted_once(channels, office, now, statsd):
    ours = office(channels(**PUBLIC_PACKAGE))
    final = ours.sign()
    for _ in range(2):
        assert deliver(ours.work, final, now).address == "https://www.example.gov.cn/monthly/2026-09.html"
    statsd.settle()
    assert statsd.total("airflow.obligations.published") == 1
    assert is_whole(Path(package_of(ours.work, final.sha256).path))


def test_a_channel_may_have_a_package_folder_of_its_own(channels, office, now, tmp_path):
    ours = office(channels(type="package", root=str(tmp_path / "elsewhere")))
    deliver(ours.work, ours.sign(), now)
    (manifest,) = (tmp_path / "elsewhere").rglob("manifest.json")
    assert is_whole(manifest.parent)
    assert not (tmp_path / "home" / "packages").exists()


def test_a_package_may_lie_in_an_object_store(settings, office, now, connect):
    with object_store() as store:
        connect("store", conn_type="aws", login="key", password="unused", extra=store.extra)  # noqa: S106 - of no real store
        ours = office(replace(settings, package_root="s3://store@packages/county"))
        final = ours.sign()
        for _ in range(2):
            assert deliver(ours.work, final, now) is None
        found = store.keys()
    folder = f"county/county/monthly/2026-09/{final.sha256[:16]}"
    assert found == {f"{folder}/{name}" for name in ("page.html", "table-1.csv", "manifest.json")}


def test_a_sites_platform_is_given_the_version_and_its_word_is_kept_apart(channels, office, now, portal):
    ours = office(channels(**SITE))
    final = ours.sign(text="财政收入增长5.0%")
    made = deliver(ours.work, final, now)
    assert "财政收入增长5.0%" in httpx.get(made.address).text
    (event,) = ours.events("published")
    assert event.happened_at == now
    assert datetime.fromisoformat(event.payload["claimed_at"])
    assert event.payload["evidence"]["receipt"]["status"] == 201


def test_who_let_errors_pass_and_why_is_kept_with_the_publication(channels, office, now, portal):
    ours = office(channels(**SITE))
    final = ours.sign()
    about = {"version": final.version, "sha256": "f" * 64, "errors": ["第2段“5.0%”与数据不符"], "reason": "决算口径"}
    append(ours.work, "overridden", now, about, person="leader")
    deliver(ours.work, final, now)
    (event,) = ours.events("published")
    said = {"person": "leader", "reason": "决算口径", "errors": ["第2段“5.0%”与数据不符"]}
    assert event.payload["evidence"]["overridden"] == [said]


def test_a_drop_folder_is_given_the_version(channels, office, now, drop):
    ours = office(channels(**DROP))
    final = ours.sign()
    made = deliver(ours.work, final, now)
    assert made.address == f"https://www.example.gov.cn/monthly/2026-09/{final.sha256[:16]}/"
    assert is_whole(drop / "county" / "monthly" / "2026-09" / final.sha256[:16])


@pytest.mark.parametrize("channel", [{"type": "package"}, SITE, DROP])
def test_publishing_twice_is_one_publication(channels, office, now, later, portal, drop, channel):
    ours = office(channels(**channel))
    final = ours.sign()
    first = deliver(ours.work, final, now)
    assert deliver(ours.work, final, later) == first
    assert len(ours.events("published")) == 1
    assert len(portal.posts) == (channel is SITE)


def test_what_was_published_is_not_delivered_again_though_the_site_is_down(channels, office, now, later, portal):
    ours = office(channels(**SITE))
    final = ours.sign()
    first = deliver(ours.work, final, now)
    portal.faults.failures = 100
    assert deliver(ours.work, final, later) == first


KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from dataclasses import replace
from obligations.orchestration.publication.delivering import deliver
from obligations.orchestration.settings import Settings
from obligations.orchestration.work import open_work
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Ledger

Ledger.register_publication = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
settings = replace(Settings.from_environment(), channels=Path(sys.argv[1]))
with open_work(settings, load_one(settings.catalogue, "county/monthly"), "2026-09", "run") as work:
    (final,) = [draft for draft in work.ledger.drafts(work.key, work.period) if draft.state == "final"]
    deliver(work, final, datetime.fromisoformat(sys.argv[2]))
"""


@pytest.mark.parametrize("channel", [{"type": "package"}, SITE, DROP])
def test_a_process_killed_between_the_delivery_and_the_ledger_makes_no_second_page(
    channels, office, now, later, portal, drop, channel, monkeypatch, settings
):
    ours = office(channels(**channel))
    final = ours.sign()
    monkeypatch.setenv("OBLIGATIONS_HOME", str(settings.home))
    monkeypatch.setenv("OBLIGATIONS_CATALOGUE", str(settings.catalogue))
    monkeypatch.setenv("PYTHONPATH", str(PACKAGE.parent))
    command = [sys.executable, "-c", KILLED, str(ours.work.settings.channels), now.isoformat()]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert ours.events("published") == []
    assert len(public(ours, portal, drop)) == 1  # it was delivered before it was killed
    made = deliver(ours.work, final, later)
    assert [event.payload["address"] for event in ours.events("published")] == [made.address]
    assert len(public(ours, portal, drop)) == 1


def public(ours, portal, drop):
    """Return everything that is public anywhere."""
    packages = Path(ours.work.settings.home / "packages")
    return [*portal.pages, *drop.rglob("manifest.json"), *packages.rglob("manifest.json")]


def test_a_platform_in_trouble_can_be_tried_again_and_leaves_no_publication(channels, office, now, later, portal):
    portal.faults.failures = 1
    ours = office(channels(**SITE))
    final = ours.sign()
    with pytest.raises(ChannelDown, match="HTTP 500"):
        deliver(ours.work, final, now)
    assert ours.events("published") == []
    deliver(ours.work, final, later)
    (event,) = ours.events("published")
    assert event.happened_at == later


def test_a_corrected_version_takes_the_place_of_the_first_and_the_chain_holds(channels, office, now, later, portal):
    ours = office(channels(**SITE))
    first = deliver(ours.work, ours.sign(1, "增长5.0%"), now)
    second = deliver(ours.work, ours.sign(2, "增长5.1%"), later)
    assert second.address == first.address
    assert "增长5.1%" in httpx.get(first.address).text
    assert [event.payload.get("corrects") for event in ours.events("published")] == [None, first.address]
    assert verify_ledger(ours.work.ledger) == []


def test_after_a_withdrawal_nothing_is_left_to_correct(channels, office, now, later, portal):
    ours = office(channels(**SITE))
    deliver(ours.work, ours.sign(1), now)
    ours.work.ledger.append("county/monthly", "2026-09", "withdrawn", happened_at=now, recorded_at=now)
    deliver(ours.work, ours.sign(2, "重新发布"), later)
    assert len(portal.pages) == 2
    assert "corrects" not in ours.events("published")[1].payload


@pytest.mark.parametrize("channel", [{"type": "package"}, SITE, DROP, {"type": "manual"}])
def test_a_duty_to_report_up_cannot_reach_any_public_channel(channels, office, now, portal, drop, channel):
    ours = office(channels(**channel), "report")
    with pytest.raises(NotPublishable, match="不得通过公开渠道发布"):
        deliver(ours.work, ours.sign(), now)
    assert public(ours, portal, drop) == []
    assert portal.posts == []


@pytest.mark.parametrize("channel", [{"type": "package"}, SITE, DROP, {"type": "manual"}])
def test_a_file_changed_after_it_was_signed_goes_nowhere(channels, office, now, portal, drop, channel):
    ours = office(channels(**channel))
    final = ours.sign()
    (Path(final.folder) / "page.html").write_text("<p>改过的</p>", "utf-8")
    with pytest.raises(NotPublishable, match="审签后文件被改动"):
        deliver(ours.work, final, now)
    assert public(ours, portal, drop) == []
    assert portal.posts == []


def test_a_draft_goes_nowhere(channels, office, now, portal):
    ours = office(channels(**SITE))
    with pytest.raises(NotPublishable, match="是送审稿"):
        deliver(ours.work, ours.draft(), now)
    assert portal.posts == []


def test_a_connection_that_is_not_there_is_named(channels, office, now):
    ours = office(channels(type="site_api", connection="nowhere"))
    with pytest.raises(UnusableInput, match="没有名为 nowhere 的网站平台连接"):
        deliver(ours.work, ours.sign(), now)
    assert ours.events("published") == []
