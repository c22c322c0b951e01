"""Which channel an obligation goes public by: reads ``channels.yaml`` and refuses one that names what is not there.

Going there is ``steps.publish``; whether an obligation may reach the public at all, its duty says.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from string import Formatter
from urllib.parse import quote, urlsplit

from obligations.rules.public_addresses import is_host, unfit
from obligations.rules.rule_files import names, read_rules
from obligations.words.channels import Channel, ChannelRule, ChannelsFile
from obligations.words.obligation import Obligation

PACKAGED_CHANNELS = Path(__file__).with_name("channels.yaml")
ADDRESS_FIELDS = ("jurisdiction", "slug", "period", "sha")
_CONNECTION = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_NEEDS = {"manual": (), "package": (), "sftp": ("connection", "root", "address"), "site_api": ("connection",)}
_MAY_HAVE = {
    "manual": (),
    "package": ("root", "address"),
    "sftp": ("connection", "root", "address"),
    "site_api": ("connection",),
}


def channel_of(obligation: Obligation, file: ChannelsFile) -> Channel:
    """Return the channel of an obligation."""
    name = next(rule.channel for rule in file.rules if _holds(rule, obligation))
    return next(channel for channel in file.channels if channel.name == name)


def public_address(pattern: str, obligation: Obligation, period: str, sha256: str) -> str:
    """Fill the pattern of a channel's public address for one version of one occurrence."""
    values = (obligation.jurisdiction.slug, obligation.slug, period, sha256[:16])
    return pattern.format(**{name: quote(value, safe="") for name, value in zip(ADDRESS_FIELDS, values, strict=True)})


def load_channels(path: Path | None = None) -> ChannelsFile:
    """Return the channels in ``path`` (default: the packaged one), read again once the file has changed.

    Raises CatalogueFault with every fault of the file.
    """
    return read_rules(path or PACKAGED_CHANNELS, ChannelsFile, _faults)


def _holds(rule: ChannelRule, obligation: Obligation) -> bool:
    slug = obligation.jurisdiction.slug
    return names(rule.obligations, rule.publications, obligation) and (
        not rule.jurisdictions or slug in rule.jurisdictions
    )


def _faults(file: ChannelsFile) -> Iterator[tuple[str, str, str]]:
    """Yield field, value and expected form of everything wrong."""
    known = [channel.name for channel in file.channels]
    for name, times in Counter(known).items():
        if times > 1:
            yield "channels", name, "每个渠道的 name 只用一次"
    for number, rule in enumerate(file.rules):
        if rule.channel not in known:
            yield f"rules.{number}.channel", rule.channel, f"channels 中有的渠道：{'、'.join(known) or '（没有）'}"
    last = file.rules[-1] if file.rules else None
    if last is None or last.obligations or last.publications or last.jurisdictions:
        yield (
            "rules",
            last.channel if last else "（空）",
            "最后一条不写 obligations、publications、jurisdictions，适用于其余全部",
        )
    yield from _faults_of_hosts("hosts", file.hosts)
    for number, channel in enumerate(file.channels):
        for field, value, expected in _faults_of(channel, file.hosts_of(channel)):
            yield f"channels.{number}.{field}", value, expected


def _faults_of_hosts(field: str, hosts: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for number, host in enumerate(hosts):
        if not is_host(host):
            yield (
                f"{field}.{number}",
                _without_secret(host),
                "主机名，例如 www.example.gov.cn 或 *.example.gov.cn，不带 http://、账号、端口和路径",
            )


def _faults_of(channel: Channel, hosts: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    yield from _faults_of_hosts("hosts", channel.hosts)
    for field in ("connection", "root", "address"):
        value: str | None = getattr(channel, field)
        if not value and field in _NEEDS[channel.type]:
            yield field, "（缺）", f"type: {channel.type} 必须写明 {field}"
        elif value is not None and field not in _MAY_HAVE[channel.type]:
            yield field, _without_secret(value), f"type: {channel.type} 不写 {field}"
    if channel.connection is not None and not _CONNECTION.fullmatch(channel.connection):
        yield "connection", _without_secret(channel.connection), "Airflow 连接的编号，密码只写在该连接中"
    if channel.root is not None:
        yield from _faults_of_root(channel, channel.root)
    if channel.address is not None:
        yield from _faults_of_address(channel.address, hosts)


def _faults_of_root(channel: Channel, root: str) -> Iterator[tuple[str, str, str]]:
    if _has_secret(root):
        yield "root", _without_secret(root), "不含密码的位置；对象存储写作 s3://连接编号@存储桶/文件夹"
    elif channel.type == "sftp" and (not PurePosixPath(root).is_absolute() or ".." in PurePosixPath(root).parts):
        yield "root", root, "服务器上的绝对路径，例如 /upload/gongkai"
    elif channel.type == "package" and "://" not in root and not PurePosixPath(root).is_absolute():
        yield "root", root, "绝对路径，或 s3://连接编号@存储桶/文件夹 形式的地址"


def _faults_of_address(pattern: str, hosts: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    expected = f"花括号中只能写 {'、'.join(f'{{{name}}}' for name in ADDRESS_FIELDS)}"
    try:
        fields = [found[1:] for found in Formatter().parse(pattern) if found[1] is not None]
    except ValueError:
        yield "address", _without_secret(pattern), expected
        return
    if any(name not in ADDRESS_FIELDS or form or conversion for name, form, conversion in fields):
        yield "address", _without_secret(pattern), expected
        return
    if not {"period", "sha"} & {name for name, _, _ in fields}:
        yield "address", _without_secret(pattern), "至少含 {period} 或 {sha}：每一期有自己的网址"
    if why := unfit(pattern.format(**dict.fromkeys(ADDRESS_FIELDS, "x")), hosts):
        yield "address", _without_secret(pattern), f"公开网页的网址，{why}"


def _has_secret(address: str) -> bool:
    """Whether an address holds a password: a user name alone is, for object storage, the id of a connection."""
    account, has_account, _ = address.partition("://")[2].partition("/")[0].rpartition("@")
    return bool(has_account) and (":" in account or urlsplit(address).scheme in {"http", "https"})


def _without_secret(address: str) -> str:
    """Return an address as messages may show it."""
    return re.sub(r"(?<=://)[^/]*@", "（账号和密码从略）@", address)
