"""A site's drop folder, on a real SFTP server: whole or not at all, once, and never over what is there."""

from __future__ import annotations

import base64

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
def session(drop):
    """Our side: an open session."""
    server = SftpServer(drop.parent)
    client = paramiko.SSHClient()
    kind, key = server.host_key.split()
    client.get_host_keys().add(f"[127.0.0.1]:{server.port}", kind, paramiko.Ed25519Key(data=base64.b64decode(key)))
    client.connect("127.0.0.1", server.port, "gongkai", "geheim", look_for_keys=False, allow_agent=False)
    with client.open_sftp() as opened:
        yield opened
    client.close()
    server.stop()


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


def test_an_upload_that_was_broken_off_is_done_again_whole(drop, session, parcel, now):
    sent = parcel()
    half = drop / "county" / "monthly" / "2026-09" / f".{sent.sha256[:16]}.part"
    half.mkdir(parents=True)
    (half / "page.html").write_text("half")
    (half / "stray.txt").write_text("of another attempt")
    upload(sent, session, "/upload", ADDRESS, now=now)
    assert is_whole(half.with_name(sent.sha256[:16]))
    assert not half.exists()


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
