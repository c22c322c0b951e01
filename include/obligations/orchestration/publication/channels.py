"""This installation's channels, and the ways out that their Airflow connections describe. Sends nothing.

What each connection holds:

- ``sftp``, type ``sftp``: host, port, login, password or key; in Extra ``host_key``, the server's public key
  (``ssh-ed25519 AAAA…``), without which nobody knows who answers.
- ``site_api``, any type: host (the whole address, ``https://…/publications``), password (key of the signature); in Extra
  ``timeout``, seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from obligations.orchestration.connections import airflow_connection, timeout_of
from obligations.orchestration.settings import Settings
from obligations.orchestration.work import Work
from obligations.rules.channels import channel_of, load_channels
from obligations.steps.publish import RemoteFolders, SiteApi
from obligations.words.channels import Channel, ChannelsFile
from obligations.words.errors import ChannelDown, NotPublishable, ObligationsError, UnusableInput

_ON_THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}


def channels_file(settings: Settings) -> ChannelsFile:
    """Return the channels in force, read again once their file has changed; raises CatalogueFault."""
    return load_channels(settings.channels)


def channel_for(work: Work) -> Channel:
    """Return the channel by which an occurrence goes public."""
    return channel_of(work.obligation, channels_file(work.settings))


def allowed_hosts(work: Work) -> frozenset[str]:
    """Return the hosts on which its channel's pages lie; empty where it names none, and any public one will do."""
    return frozenset(channel_for(work).hosts)


def site_api(connection_id: str) -> SiteApi:
    """Return the platform of a connection; raises UnusableInput where it is missing or not whole."""
    connection = airflow_connection(connection_id, "网站平台")
    parts = urlsplit(connection.host or "")
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise UnusableInput(
            f"Airflow 连接 {connection_id} 应在 Host 中写明接口的完整地址，例如 https://www.example.gov.cn/api/publications，不含账号和密码"
        )
    if parts.scheme == "http" and parts.hostname not in _ON_THIS_MACHINE:
        raise UnusableInput(f"Airflow 连接 {connection_id} 的接口地址应以 https:// 开头：发布的内容不得在途中被改动")
    if not connection.password:
        raise UnusableInput(f"Airflow 连接 {connection_id} 的密码栏应为与网站平台约定的签名密钥")
    return SiteApi(connection.host or "", connection.password, timeout_of(connection_id, connection))


@contextmanager
def drop_folder(connection_id: str) -> Iterator[RemoteFolders]:
    """Open the SFTP session of a connection.

    Raises UnusableInput where the connection is missing or would trust any server, ChannelDown where the server cannot be
    reached or breaks off.
    """
    from airflow.providers.sftp.hooks.sftp import SFTPHook  # loads two SSH libraries, which parsing DAGs must not

    airflow_connection(connection_id, "网站接收文件夹（SFTP）")
    try:
        hook = SFTPHook(ssh_conn_id=connection_id)
    except Exception as error:
        # A key, a file of one, a number in Extra: whatever it cannot read is the connection's fault.
        raise UnusableInput(f"Airflow 连接 {connection_id} 不能使用：{type(error).__name__}，请核对 Extra") from error
    if hook.no_host_key_check or hook.allow_host_key_change:
        raise UnusableInput(
            f"Airflow 连接 {connection_id} 不核对服务器身份；请在 Extra 的 host_key 中写服务器公钥，"
            "删去 no_host_key_check、allow_host_key_change"
        )
    try:
        with hook.get_managed_conn() as session:
            yield session
    except ObligationsError:
        raise
    except PermissionError as error:
        raise NotPublishable(f"Airflow 连接 {connection_id} 的账号没有在网站接收文件夹写入的权限，未上传") from error
    except Exception as error:
        # The server, its SSH library and the network each fail in their own way; to us it is one.
        raise ChannelDown(
            f"网站接收文件夹暂时不能使用（{type(error).__name__}），稍后自动重试；同一版本重复上传不会重复发布"
        ) from error
