"""By which channel a publication reaches the public: the models that ``channels.yaml`` fills. Choosing is ``rules.channels``.

A channel names the Airflow connection that holds its secret; no secret lies in the file.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from obligations.words.clocks import Words
from obligations.words.obligation import Key, Slug

ChannelType = Literal["manual", "package", "sftp", "site_api"]
Host = Annotated[str, Field(max_length=260)]
"""A host as an address names it, ``www.example.gov.cn``, or ``*.example.gov.cn`` for every host below that one."""


class Channel(Words):
    """One way to the public.

    Attributes:
        type: ``manual`` (a person posts it and enters the address), ``package`` (the 发布包 folder is what the site takes it
            from), ``sftp`` (the site's drop folder) or ``site_api`` (the site's platform, docs/site-api.zh-CN.md).
        site: whose site it is, the 政务公开办's or the department's own; before its own goes public, the office checks.
        connection: id of the Airflow connection, for ``sftp`` and ``site_api``.
        root: folder that the publications lie below: a path on the server for ``sftp``; a path or an object-storage URL
            for ``package``, the installation's 发布包 folder unless given.
        address: pattern of the public address, with ``{jurisdiction}``, ``{slug}``, ``{period}`` and ``{sha}`` (the first
            16 digits of the version's SHA-256); None where only the site or a person knows it.
        hosts: on which its pages lie, beside the installation's.
    """

    name: str
    type: ChannelType
    site: Literal["office", "department"] = "department"
    connection: str | None = None
    root: str | None = None
    address: str | None = None
    hosts: tuple[Host, ...] = ()


class ChannelRule(Words):
    """Which channel holds for what.

    Attributes:
        channel: its name.
        obligations: keys, or ``jurisdiction/*``; publications: kinds; jurisdictions: slugs. A rule holds where each of the
            three that is not empty names the obligation; the first that holds is taken.
    """

    channel: str
    obligations: tuple[Key | Annotated[str, Field(pattern=r"^[a-z0-9-]+/\*$")], ...] = ()
    publications: tuple[Slug, ...] = ()
    jurisdictions: tuple[Slug, ...] = ()


class ChannelsFile(Words):
    """What ``channels.yaml`` holds.

    Attributes:
        hosts: on which this installation's publications may lie, whatever the channel; with none here and none of the
            channel's, any host that is public.
    """

    channels: tuple[Channel, ...]
    rules: tuple[ChannelRule, ...]
    hosts: tuple[Host, ...] = ()

    def hosts_of(self, channel: Channel) -> frozenset[str]:
        """Return every host on which what goes by a channel may lie."""
        return frozenset({*self.hosts, *channel.hosts})
