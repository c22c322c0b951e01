"""Which addresses may be asked for, and to which IP addresses a connection may go. Asks for nothing itself.

An address comes from a form, from a site platform's answer or from a redirect: whoever writes it must not make this
server ask its own network. So a host must be allow-listed, and what its name resolves to must be public, or be
allow-listed as an IP address itself; a name that is listed and suddenly points inward is refused.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from obligations.rules.public_addresses import host_of, unfit
from obligations.words.errors import ObligationsError

_PORTS = {"http": 80, "https": 443}
_FIRST_UNPRIVILEGED = 1024
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Collection[str]]
"""Returns the IP addresses of a host name; raises OSError where it has none."""


class AddressRefused(ObligationsError):
    """The address may not be asked for; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be asked for.

    Attributes:
        url: the one form in which it was checked and is asked for.
        host: ASCII, lower case; port: the scheme's own unless the address names one.
    """

    url: httpx.URL
    host: str
    port: int


def read_address(address: str, allow: Collection[str]) -> Target:
    """Return the address as it may be asked for; raises AddressRefused.

    ``allow`` holds hosts as the channels file does: ``www.example.gov.cn``, ``*.gov.cn`` for every host below it, or an
    IP address. Without any, nothing is asked for. A port is the scheme's own or an unprivileged one.
    """
    if not allow:
        raise AddressRefused("渠道文件没有登记允许核验的网站，没有访问；请在其 hosts 中写明本单位网站的域名")
    if why := unfit(address, allow):
        raise AddressRefused(f"网址不能核验：{why}；确为本单位网站的，请在渠道文件的 hosts 中登记")
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise AddressRefused("网址无法识别，应为完整的 http 或 https 网址") from None
    host = _host_asked(url)
    if host is None or host != host_of(urlsplit(address)):
        raise AddressRefused("网址中的主机名可以有不同的读法，没有访问；请登记公众打开的网址")
    port = url.port or _PORTS[url.scheme]
    if port not in _PORTS.values() and port < _FIRST_UNPRIVILEGED:
        raise AddressRefused(f"{host} 的端口 {port} 不是网站的端口，没有访问；请登记公众打开的网址")
    return Target(url, host, port)


def allowed_ips(target: Target, allow: Collection[str], resolve: Resolve) -> tuple[str, ...]:
    """Resolve the host once and return the IP addresses that may be connected to, in the resolver's order.

    Raises AddressRefused if any of them is not public and not allow-listed itself, OSError where the name does not
    resolve.
    """
    own = _read_ip(target.host)
    found = [own] if own else [ip for text in resolve(target.host, target.port) if (ip := _read_ip(text))]
    if not found:
        raise OSError(f"{target.host} has no address")
    listed = {_read_ip(entry.strip("[]")) for entry in allow}
    for ip in found:
        if not _is_public(ip) and ip not in listed:
            raise AddressRefused(
                f"{target.host} 指向不对外的地址 {ip}，没有访问；确在内网的网站，请在渠道文件的 hosts 中另行登记该 IP 地址"
            )
    return tuple(dict.fromkeys(map(str, found)))


def resolve_by_system(host: str, port: int) -> list[str]:
    """Ask the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(where[0]) for *_, where in found]


def web_host(address: str) -> str | None:
    """Return the host of an address that could be opened in a browser, None for any other place."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return host_of(parts) if parts.scheme in _PORTS else None


def _host_asked(url: httpx.URL) -> str | None:
    """Return the host that a connection would be asked for in, None where the address as sent names another."""
    sent = url.raw_host.decode("ascii").lower().removesuffix(".")
    ip = _read_ip(sent)
    host = ip.compressed if ip else sent
    return host if host == host_of(urlsplit(str(url))) else None


def _read_ip(text: str) -> IpAddress | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None  # a host name


def _is_public(ip: IpAddress) -> bool:
    """Whether the address, and one that it carries inside, is for everybody."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return _is_public(ip.ipv4_mapped)
        carried = [inner for inner in (ip.sixtofour, *(ip.teredo or ())) if inner is not None]
        if not all(map(_is_public, carried)):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
