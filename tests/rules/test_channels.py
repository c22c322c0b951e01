"""The packaged channel, which channel is whose, and files that are refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from obligations.orchestration.settings import PACKAGE
from obligations.rules.catalogue import load
from obligations.rules.channels import PACKAGED_CHANNELS, channel_of, load_channels, public_address
from obligations.words.errors import CatalogueFault

MANUAL = {"name": "人工发布", "type": "manual"}
SFTP = {
    "name": "门户",
    "type": "sftp",
    "connection": "site",
    "root": "/upload",
    "address": "https://www.x.gov.cn/{sha}/",
}
API = {"name": "平台", "type": "site_api", "connection": "site"}


def file_of(*channels: dict[str, Any], rules: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    return {"channels": [MANUAL, *channels], "rules": [*(rules or []), {"channel": "人工发布"}], **more}


@pytest.fixture
def read(tmp_path: Path):
    def read_file(content: dict[str, Any]):
        path = tmp_path / "channels.yaml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
        return load_channels(path)

    return read_file


@pytest.fixture(scope="module")
def obligations():
    return load(PACKAGE / "catalogue").obligations


def faults_of(read, content: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(CatalogueFault) as refused:
        read(content)
    assert all(fault.file == "channels.yaml" and fault.expected for fault in refused.value.faults)
    assert "geheim" not in str(refused.value)
    return [(fault.field, fault.value) for fault in refused.value.faults]


def test_where_nothing_is_said_people_post_on_their_departments_site(obligations):
    file = load_channels()
    found = {(channel_of(each, file).type, channel_of(each, file).site) for each in obligations.values()}
    assert found == {("manual", "department")}
    assert PACKAGED_CHANNELS.is_file()


@pytest.mark.parametrize(
    ("rule", "ours", "others"),
    [
        ({"obligations": ["demo/fiscal-monthly"]}, "demo/fiscal-monthly", "demo/land-supply-quarterly"),
        ({"obligations": ["demo/*"]}, "demo/land-supply-quarterly", "dingtao/social-assistance-quarterly"),
        ({"publications": ["fiscal-monthly"]}, "demo/fiscal-monthly", "demo/land-supply-quarterly"),
        ({"jurisdictions": ["demo"]}, "demo/fiscal-monthly", "dingtao/social-assistance-quarterly"),
        (
            {"jurisdictions": ["demo"], "publications": ["fiscal-monthly"]},
            "demo/fiscal-monthly",
            "demo/land-supply-quarterly",
        ),
    ],
)
def test_a_rule_holds_for_what_it_names(read, obligations, rule, ours, others):
    file = read(file_of(SFTP, rules=[{"channel": "门户", **rule}]))
    assert channel_of(obligations[ours], file).name == "门户"
    assert channel_of(obligations[others], file).name == "人工发布"


def test_the_first_rule_that_holds_is_taken(read, obligations):
    rules = [
        {"channel": "平台", "obligations": ["demo/fiscal-monthly"]},
        {"channel": "门户", "jurisdictions": ["demo"]},
    ]
    file = read(file_of(SFTP, API, rules=rules))
    assert channel_of(obligations["demo/fiscal-monthly"], file).name == "平台"
    assert channel_of(obligations["demo/land-supply-quarterly"], file).name == "门户"


def test_a_channels_own_hosts_come_beside_the_installations(read):
    file = read(file_of({**API, "hosts": ["www.x.gov.cn"]}, hosts=["*.y.gov.cn"]))
    assert file.hosts_of(file.channels[1]) == {"www.x.gov.cn", "*.y.gov.cn"}
    assert file.hosts_of(file.channels[0]) == {"*.y.gov.cn"}


def test_an_address_is_filled_and_nothing_of_a_value_can_break_out_of_it(obligations):
    pattern = "https://www.x.gov.cn/{jurisdiction}/{slug}/{period}/{sha}.html"
    filled = public_address(pattern, obligations["demo/fiscal-monthly"], "2026-09/../x", "a" * 64)
    assert filled == f"https://www.x.gov.cn/demo/fiscal-monthly/2026-09%2F..%2Fx/{'a' * 16}.html"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (file_of(MANUAL), [("channels", "人工发布")]),
        (file_of(rules=[{"channel": "没有的"}]), [("rules.0.channel", "没有的")]),
        ({"channels": [MANUAL], "rules": []}, [("rules", "（空）")]),
        ({"channels": [], "rules": [{"channel": "人工发布"}]}, [("rules.0.channel", "人工发布")]),
        (
            {"channels": [MANUAL], "rules": [{"channel": "人工发布", "jurisdictions": ["demo"]}]},
            [("rules", "人工发布")],
        ),
        (file_of(hosts=["https://www.x.gov.cn"]), [("hosts.0", "https://www.x.gov.cn")]),
        (file_of({**API, "hosts": ["www.x.gov.cn", "*.cn"]}), [("channels.1.hosts.1", "*.cn")]),
        (file_of(hosts=["https://u:geheim@www.x.gov.cn"]), [("hosts.0", "https://（账号和密码从略）@www.x.gov.cn")]),
    ],
)
def test_what_contradicts_itself_is_refused(read, content, expected):
    assert faults_of(read, content) == expected


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ({**SFTP, "connection": None}, [("connection", "（缺）")]),
        ({**SFTP, "root": None, "address": None}, [("root", "（缺）"), ("address", "（缺）")]),
        ({**SFTP, "root": "upload"}, [("root", "upload")]),
        ({**SFTP, "root": "/upload/../etc"}, [("root", "/upload/../etc")]),
        ({**SFTP, "connection": "sftp://u:geheim@host"}, [("connection", "sftp://（账号和密码从略）@host")]),
        ({**API, "connection": None}, [("connection", "（缺）")]),
        ({**API, "address": "https://www.x.gov.cn/{sha}"}, [("address", "https://www.x.gov.cn/{sha}")]),
        ({"type": "manual", "connection": "site"}, [("connection", "site")]),
        ({"type": "package", "root": "relative"}, [("root", "relative")]),
        ({"type": "package", "root": "s3://key:geheim@bucket"}, [("root", "s3://（账号和密码从略）@bucket")]),
        ({"type": "package", "root": "https://geheim@x.gov.cn"}, [("root", "https://（账号和密码从略）@x.gov.cn")]),
        ({**SFTP, "address": "https://www.x.gov.cn/{month}/{sha}"}, [("address", "https://www.x.gov.cn/{month}/{sha}")]),
        ({**SFTP, "address": "https://www.x.gov.cn/{sha"}, [("address", "https://www.x.gov.cn/{sha")]),
        ({**SFTP, "address": "https://www.x.gov.cn/{}"}, [("address", "https://www.x.gov.cn/{}")]),
        ({**SFTP, "address": "https://www.x.gov.cn/{sha.__class__}"}, [("address", "https://www.x.gov.cn/{sha.__class__}")]),
        ({**SFTP, "address": "https://www.x.gov.cn/{sha!r:>9}"}, [("address", "https://www.x.gov.cn/{sha!r:>9}")]),
        ({**SFTP, "address": "https://www.x.gov.cn/{slug}/"}, [("address", "https://www.x.gov.cn/{slug}/")]),
        ({**SFTP, "address": "https://u:geheim@x.cn/{sha}"}, [("address", "https://（账号和密码从略）@x.cn/{sha}")]),
        ({**SFTP, "address": "ftp://x.cn/{sha}"}, [("address", "ftp://x.cn/{sha}")]),
        ({**SFTP, "address": "http://10.0.0.1/{sha}"}, [("address", "http://10.0.0.1/{sha}")]),
        ({**SFTP, "hosts": ["www.y.gov.cn"]}, [("address", "https://www.x.gov.cn/{sha}/")]),
    ],
)  # fmt: skip
def test_a_channel_that_cannot_work_is_refused(read, channel, expected):
    content = file_of({"name": "渠道", **{k: v for k, v in channel.items() if k != "name" and v is not None}})
    assert faults_of(read, content) == [(f"channels.1.{field}", value) for field, value in expected]


@pytest.mark.parametrize(
    "root", ["/srv/packages", "file:///srv/packages", "s3://bucket/packages", "s3://conn@bucket/packages"]
)
def test_a_package_may_lie_on_disk_or_in_an_object_store(read, root):
    assert read(file_of({"name": "发布包", "type": "package", "root": root})).channels[1].root == root


def test_a_field_that_is_none_is_named(read):
    assert faults_of(read, file_of({**MANUAL, "name": "二", "password": "x"})) == [("channels.1.password", "x")]


def test_a_change_of_the_file_is_seen_at_once(read, tmp_path):
    assert len(read(file_of()).channels) == 1
    path = tmp_path / "channels.yaml"
    changed = path.stat().st_mtime_ns
    path.write_text(yaml.safe_dump(file_of(API), allow_unicode=True), "utf-8")
    os.utime(path, ns=(changed + 1, changed + 1))
    assert len(load_channels(path).channels) == 2


def test_a_file_that_is_not_there_is_a_fault(tmp_path):
    with pytest.raises(CatalogueFault, match="没有这个文件"):
        load_channels(tmp_path / "none.yaml")
