"""Whether an address may be that of a public page, by what it says alone: nothing is looked up and nothing fetched.

Whether the page is there, and where the name leads, is ``steps.verify``.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

MAX_LENGTH = 2000
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_LOCAL = ("localhost", "local", "internal", "lan", "home.arpa", "localdomain")


def unfit(address: str, hosts: Collection[str] = ()) -> str | None:
    """Say in Chinese what keeps ``address`` from being a public page's, as the end of a sentence; None if nothing does.

    Args:
        address: as written by a person or a site.
        hosts: the only hosts allowed, ``*.gov.cn`` for every one below; with none, any host that is not private.
    """
    if len(address) > MAX_LENGTH or re.search(r"[\s\\\x00-\x1f\x7f\ud800-\udfff]", address):
        return f"应为一个不超过{MAX_LENGTH}字、不含空格和换行的网址"
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "应为完整的网址，例如 https://www.example.gov.cn/art/1.html"
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        return "应以 http:// 或 https:// 开头，例如 https://www.example.gov.cn/art/1.html"
    if "@" in parts.netloc:
        return "不得含用户名、密码"
    host = host_of(parts)
    if host is None:
        return f"主机名 {parts.hostname} 无法识别"
    if hosts:
        return None if is_listed(host, hosts) else f"主机 {host} 不在允许的网站之列（{'、'.join(sorted(hosts))}）"
    return f"主机 {host} 不是公开网站" if _is_private(host) else None


def host_of(parts: SplitResult) -> str | None:
    """Return the host of a split address as servers know it: lower case, Chinese names in ASCII; None if it is none."""
    name = (parts.hostname or "").rstrip(".")
    try:
        return ipaddress.ip_address(name).compressed
    except ValueError:
        pass
    try:
        host = name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    labels = host.split(".")
    # A last label that is a number makes an IPv4 address to browsers (127.1, 0x7f.1, 2130706433): other than above, a trick.
    if re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]) or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    return host


def is_listed(host: str, hosts: Collection[str]) -> bool:
    """Whether a host, as ``host_of`` returns it, is one of ``hosts`` or lies below one of the form ``*.gov.cn``."""
    return any(
        host.endswith(listed[1:]) if listed.startswith("*.") else host == listed for listed in map(_written, hosts)
    )


def is_host(text: str) -> bool:
    """Whether ``text`` can stand in a list of hosts: no scheme, port or path; ``*.`` only before at least two labels."""
    name = text.removeprefix("*.")
    if ("." not in name and text != name) or set(text) & set("[]"):
        return False
    written = f"[{name}]" if ":" in name else name
    try:
        parts = urlsplit(f"//{written}")
        return parts.netloc == written and "@" not in written and parts.port is None and host_of(parts) is not None
    except ValueError:
        return False


def _written(listed: str) -> str:
    """Return an entry of a list as hosts are compared: what a person wrote in Chinese or capitals is the same host."""
    star, name = ("*.", listed[2:]) if listed.startswith("*.") else ("", listed)
    written = f"[{name}]" if ":" in name else name
    return star + (host_of(urlsplit(f"//{written}")) or name)


def _is_private(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or any(host == name or host.endswith(f".{name}") for name in _LOCAL)
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global or address.is_multicast
