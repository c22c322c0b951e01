"""A site's drop folder, on a real SFTP server: whole or not at all, once, and never over what is there."""

from __future__ import annotations

import base64
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import paramiko
import pytest
from final_versions import is_whole
from onlookers import onlooker
from sftp_server import SftpServer

from obligations.steps.publish import upload
from obligations.words.errors import NotPublishable

ADDRESS = "https://www.example.gov.cn/county/monthly/2026-09/"


@pytest.fixture
def drop(tmp_path):
    """The site's side: what lies in its drop folder."""
    folder = tmp_path / "site" / "upload"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def server(drop):
    """The site's server."""
    running = SftpServer(drop.parent)
    yield running
    running.stop()


@pytest.fixture
def session(server):
    """Our side: an open session."""
    with connected(server) as opened:
        yield opened


@contextmanager
def connected(server):
    """Open a session of our own."""
    client = paramiko.SSHClient()
    kind, key = server.host_key.split()
    client.get_host_keys().add(f"[127.0.0.1]:{server.port}", kind, paramiko.Ed25519Key(data=base64.b64decode(key)))
    client.connect("127.0.0.1", server.port, "gongkai", "geheim", look_for_keys=False, allow_agent=False)
    with client, client.open_sftp() as opened:
        yield opened


def test_a_version_lies_whole_under_its_own_name(drop, session, parcel, now):
    sent = parcel()
    made = upload(sent, session, "/upload", ADDRESS, now=now)
    folder = drop / "county" / "monthly" / "2026-09" / sent.sha256[:16]
    assert is_whole(folder)
    assert (made.address, made.acknowledged_at) == (ADDRESS, now)
    assert made.receipt == {"folder": f"/upload/county/monthly/2026-09/{sent.sha256[:16]}", "files": 3}
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_uploading_twice_leaves_the_first_untouched(drop, session, parcel, now):
    sent = parcel()
    upload(sent, session, "/upload", ADDRESS, now=now)
    (page,) = drop.rglob("page.html")
    before = page.stat().st_ino
    assert upload(sent, session, "/upload", ADDRESS, now=now).address == ADDRESS
    assert page.stat().st_ino == before


@pytest.mark.parametrize("name", [".{}.part", ".{}.0a1b2c3d.part"])
def test_what_a_broken_off_upload_left_goes_after_an_hour(drop, session, parcel, now, name):
    sent = parcel()
    place = drop / "county" / "monthly" / "2026-09" / sent.sha256[:16]
    old, young = place.with_name(name.format(place.name)), place.with_name(f".{place.name}.ffffffff.part")
    for half in (old, young):
        half.mkdir(parents=True)
        (half / "page.html").write_text("half")
    an_hour_ago = time.time() - 3700
    os.utime(old, (an_hour_ago, an_hour_ago))
    upload(sent, session, "/upload", ADDRESS, now=now)
    assert is_whole(place)
    assert {path.name for path in place.parent.iterdir()} == {place.name, young.name}


def test_an_upload_that_breaks_off_leaves_nothing(drop, session, parcel, now, monkeypatch):
    sent = parcel()
    monkeypatch.setattr(session, "rename", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        upload(sent, session, "/upload", ADDRESS, now=now)
    assert list((drop / "county" / "monthly" / "2026-09").iterdir()) == []


def test_two_who_upload_one_version_at_once_leave_it_whole(drop, server, session, parcel, now):
    """A task that Airflow started anew, while the process that it gave up is still at work."""
    sent = parcel("第一版" * 200_000)
    halfway = threading.Event()
    first_put, first_rename = session.putfo, threading.Event()

    def put_and_wait(*said):
        made = first_put(*said)
        halfway.set()
        first_rename.wait(30)
        return made

    session.putfo = put_and_wait
    with ThreadPoolExecutor(1) as pool, connected(server) as other:
        first = pool.submit(upload, sent, session, "/upload", ADDRESS, now=now)
        halfway.wait(30)
        second = upload(sent, other, "/upload", ADDRESS, now=now)
        first_rename.set()
        assert first.result() == second
    (folder,) = (drop / "county" / "monthly" / "2026-09").iterdir()
    assert is_whole(folder)


@pytest.mark.parametrize("there", ["a folder without a manifest", "a folder with another", "a file"])
def test_what_already_has_its_name_is_never_overwritten(drop, session, parcel, now, there):
    sent = parcel()
    place = drop / "county" / "monthly" / "2026-09" / sent.sha256[:16]
    place.parent.mkdir(parents=True)
    if there == "a file":
        place.write_text("theirs")
    else:
        place.mkdir()
        (place / ("manifest.json" if "another" in there else "other.txt")).write_text("theirs")
    with pytest.raises(NotPublishable, match=r"未上传；请网站管理员"):
        upload(sent, session, "/upload", ADDRESS, now=now)
    assert "theirs" in {file.read_text() for file in [place, *place.parent.rglob("*")] if file.is_file()}


def test_a_root_that_is_not_there_is_named(drop, session, parcel, now):
    with pytest.raises(NotPublishable, match="服务器上没有文件夹 /elsewhere"):
        upload(parcel(), session, "/elsewhere", ADDRESS, now=now)


def test_a_file_in_the_way_of_a_folder_fails_and_nothing_is_uploaded(drop, session, parcel, now):
    (drop / "county").write_text("theirs")
    with pytest.raises(OSError, match=r".+"):
        upload(parcel(), session, "/upload", ADDRESS, now=now)
    assert [path.name for path in drop.iterdir()] == ["county"]


def test_nobody_ever_sees_half_of_a_folder(drop, session, parcel, now):
    """A reader on the site's side looks as fast as it can while fifteen versions arrive."""
    sent = [parcel(f"第{number}版" * 50_000, number) for number in range(1, 16)]

    def look() -> dict[str, bool]:
        return {folder.name: is_whole(folder) for folder in drop.glob("county/monthly/2026-09/[!.]*")}

    with onlooker(look) as seen:
        for each in sent:
            upload(each, session, "/upload", ADDRESS, now=now)
    assert seen.halves == []
    assert len(seen.versions) == 15
