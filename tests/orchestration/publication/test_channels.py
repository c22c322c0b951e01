"""From Airflow's connections to a site: only to one that proves who it is, and no error shows a secret."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace

import pytest

from obligations.orchestration.publication.channels import allowed_hosts, channel_for, drop_folder, site_api
from obligations.steps.publish import SiteApi
from obligations.words.errors import CatalogueFault, ChannelDown, NotPublishable, UnusableInput

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKqP3Cr632C2dNhhgKVcon4ldUSAeKiku2yP9O9/bDtY"


def test_a_platforms_connection_is_its_address_and_its_key(connect):
    connect("site", host="https://www.example.gov.cn/api", password="geheim", extra={"timeout": 7})  # noqa: S106 - none
    assert site_api("site") == SiteApi("https://www.example.gov.cn/api", "geheim", 7)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"host": "www.example.gov.cn", "password": "geheim"}, "完整地址"),
        ({"host": "https://u:geheim@www.example.gov.cn", "password": "geheim"}, "不含账号和密码"),
        ({"host": "http://www.example.gov.cn/api", "password": "geheim"}, "应以 https:// 开头"),
        ({"host": "https://www.example.gov.cn/api"}, "签名密钥"),
        ({"host": "https://a.gov.cn/", "password": "geheim", "extra": {"timeout": "soon"}}, "timeout 是“soon”"),
        ({"host": "https://a.gov.cn/", "password": "geheim", "extra": {"timeout": -1}}, "大于0的秒数"),
        ({"host": "https://a.gov.cn/", "password": "geheim", "extra": {"timeout": "inf"}}, "大于0的秒数"),
    ],
)
def test_one_that_is_not_whole_says_what_is_missing(connect, fields, message):
    connect("site", conn_type="http", **fields)
    with pytest.raises(UnusableInput, match=message) as refused:
        site_api("site")
    assert "geheim" not in str(refused.value)


def sftp(port: int, **extra: object) -> dict[str, object]:
    return {
        "conn_type": "sftp", "host": "127.0.0.1", "port": port, "login": "gongkai", "password": "geheim", "extra": extra,
    }  # fmt: skip


@pytest.fixture
def impatient(monkeypatch):
    """Let Airflow's hook try as often as it does, without the seconds between."""
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=lambda _: None))


def test_a_session_reaches_the_drop_folder(drop):
    with drop_folder("drop") as session:
        assert session.listdir("/") == ["upload"]


def test_a_server_that_is_not_the_one_we_know_gets_nothing(connect, drop, impatient):
    port = json.loads(os.environ["AIRFLOW_CONN_DROP"])["port"]
    connect("drop", **sftp(port, host_key=HOST_KEY))
    with pytest.raises(ChannelDown, match="BadHostKeyException"), drop_folder("drop"):
        pass


@pytest.mark.parametrize("extra", [{"no_host_key_check": True}, {"allow_host_key_change": True, "host_key": HOST_KEY}])
def test_a_connection_that_would_trust_any_server_is_refused(connect, extra):
    connect("drop", **sftp(22, **extra))
    with pytest.raises(UnusableInput, match="不核对服务器身份"), drop_folder("drop"):
        pass


def test_a_server_that_is_not_there_is_tried_again_later(connect, free_port, impatient):
    connect("drop", **sftp(free_port, host_key=HOST_KEY))
    with pytest.raises(ChannelDown, match="稍后自动重试"), drop_folder("drop"):
        pass


def test_an_account_that_may_not_write_is_told_so(drop):
    drop.chmod(0o555)
    try:
        with pytest.raises(NotPublishable, match="没有在网站接收文件夹写入的权限"), drop_folder("drop") as session:
            raise PermissionError(session.listdir("/"))  # root, who runs some tests, may write anywhere
    finally:
        drop.chmod(0o755)


def test_a_host_key_that_is_none_is_the_connections_fault(connect):
    connect("drop", **sftp(22, host_key="ssh-ed25519 !!!"))
    with pytest.raises(UnusableInput, match="请核对 Extra"), drop_folder("drop"):
        pass


def test_the_installations_file_says_which_channel_and_hosts(channels, office):
    ours = office(channels(type="manual", hosts=("*.example.gov.cn",)))
    assert channel_for(ours.work).name == "网站"
    assert allowed_hosts(ours.work) == {"*.example.gov.cn"}


def test_a_faulty_file_publishes_nothing(channels, office):
    ours = office(channels(type="sftp"))
    with pytest.raises(CatalogueFault, match="必须写明"):
        channel_for(ours.work)
