"""Which addresses may be asked for: what must never reach this server's own network, case by case."""

from __future__ import annotations

import pytest

from obligations.steps.verify.addresses import AddressRefused, allowed_ips, read_address

ALLOW = frozenset({"www.example.gov.cn", "*.shandong.gov.cn", "政务.中国"})
PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("https://www.example.gov.cn/art/1.html", "www.example.gov.cn", 443),
        ("http://www.example.gov.cn/", "www.example.gov.cn", 80),
        ("http://WWW.Example.GOV.cn./x", "www.example.gov.cn", 80),
        ("https://www.example.gov.cn:8443/x", "www.example.gov.cn", 8443),
        ("https://czt.shandong.gov.cn/a?b=c#d", "czt.shandong.gov.cn", 443),
        ("https://a.b.shandong.gov.cn/", "a.b.shandong.gov.cn", 443),
        ("http://政务.中国/x", "xn--zfr164b.xn--fiqs8s", 80),
        ("http://www.example.gov.cn/公开/1.html", "www.example.gov.cn", 80),
    ],
)
def test_an_address_of_an_allowed_site_is_read(address, host, port):
    target = read_address(address, ALLOW)
    assert (target.host, target.port) == (host, port)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "www.example.gov.cn",
        "//www.example.gov.cn/",
        "ftp://www.example.gov.cn/",
        "file:///etc/passwd",
        "gopher://www.example.gov.cn:70/",
        "javascript:alert(1)",
        "http://",
        "http:///etc",
        "http://other.example.cn/",
        "http://gov.cn/",
        "http://shandong.gov.cn/",  # the suffix stands for what lies below it
        "http://evilshandong.gov.cn/",
        "http://www.example.gov.cn.evil.cn/",
        "http://www.example.gov.cn@evil.cn/",
        "http://user:pass@www.example.gov.cn/",
        "http://evil.cn\\@www.example.gov.cn/",
        "http://evil.cn#@www.example.gov.cn/",
        "http://evil.cn?@www.example.gov.cn/",
        "http://www.example.gov.cn:22/",
        "http://www.example.gov.cn:25/",
        "http://www.example.gov.cn:99999/",
        "http://www.example.gov.cn:0/",
        "http://www.example.gov.cn /",
        "http://www.example.gov.cn/\r\nX: y",
        "http://www.example.gov.cn/\x00",
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.8/",
        f"http://www.example.gov.cn/{'a' * 2000}",
    ],
)
def test_any_other_address_is_refused_in_words(address):
    with pytest.raises(AddressRefused, match=r"[\u4e00-\u9fff]"):
        read_address(address, ALLOW)


def test_without_a_list_nothing_is_asked_for():
    with pytest.raises(AddressRefused, match="hosts"):
        read_address("https://www.example.gov.cn/", frozenset())


def test_a_password_is_not_repeated_in_the_refusal():
    with pytest.raises(AddressRefused) as refused:
        read_address("http://user:secret@www.example.gov.cn/", ALLOW)
    assert "secret" not in str(refused.value)


PRIVATE = [
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - nothing is bound to it
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00::1",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("ip", PRIVATE)
def test_a_listed_name_that_points_inward_is_refused(ip):
    target = read_address("http://www.example.gov.cn/", ALLOW)
    with pytest.raises(AddressRefused, match="不对外"):
        allowed_ips(target, ALLOW, lambda host, port: [ip])


@pytest.mark.parametrize("ips", [[PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC]])
def test_one_inward_address_among_public_ones_is_enough_to_refuse(ips):
    target = read_address("http://www.example.gov.cn/", ALLOW)
    with pytest.raises(AddressRefused):
        allowed_ips(target, ALLOW, lambda host, port: ips)


def test_public_addresses_are_returned_in_the_resolvers_order_each_once():
    target = read_address("http://www.example.gov.cn/", ALLOW)
    ips = ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", PUBLIC, PUBLIC]
    assert allowed_ips(target, ALLOW, lambda host, port: ips) == tuple(ips[:2])


def test_an_inward_address_is_allowed_where_it_is_listed_itself_and_no_other():
    allow = {*ALLOW, "10.1.2.3"}
    target = read_address("http://www.example.gov.cn/", allow)
    assert allowed_ips(target, allow, lambda host, port: ["10.1.2.3"]) == ("10.1.2.3",)
    with pytest.raises(AddressRefused):
        allowed_ips(target, allow, lambda host, port: ["10.1.2.4"])


def test_a_listed_ip_address_is_asked_for_without_any_resolver():
    target = read_address("http://10.1.2.3:8080/", {"10.1.2.3"})
    assert allowed_ips(target, {"10.1.2.3"}, lambda host, port: pytest.fail("asked")) == ("10.1.2.3",)


def test_a_name_that_does_not_resolve_is_no_address():
    target = read_address("http://www.example.gov.cn/", ALLOW)
    with pytest.raises(OSError, match="no address"):
        allowed_ips(target, ALLOW, lambda host, port: [])
