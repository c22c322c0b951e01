"""Which addresses may be those of public pages: decided by what they say, so that no trick of writing passes."""

from __future__ import annotations

import pytest

from obligations.rules.public_addresses import is_host, unfit

HOSTS = {"www.example.gov.cn", "*.county.gov.cn", "127.0.0.1", "::1", "政务.cn"}


@pytest.mark.parametrize(
    "address",
    [
        "https://www.example.gov.cn/art/2026/9/30/art_1.html?id=1#top",
        "http://WWW.Example.GOV.cn.:8080/",
        "https://news.county.gov.cn/中文路径",
        "https://a.b.county.gov.cn",
        "http://127.0.0.1:8000/demo/",
        "http://[::1]/demo/",
        "https://政务.cn/",
        "https://xn--zfr164b.cn/",
    ],
)
def test_a_page_on_a_listed_host_is_fit(address):
    assert unfit(address, HOSTS) is None


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://county.gov.cn/", "不在允许的网站之列"),  # *. names those below, not the host itself
        ("https://evilcounty.gov.cn/", "不在允许的网站之列"),
        ("https://www.example.gov.cn.evil.com/", "不在允许的网站之列"),
        ("https://www.example.gov.cn@evil.com/", "不得含用户名、密码"),
        ("https://user:pw@www.example.gov.cn/", "不得含用户名、密码"),
        ("https://@www.example.gov.cn/", "不得含用户名、密码"),
        ("https://evil.com\\@www.example.gov.cn/", "不含空格和换行"),
        ("https://evil.com\t.www.example.gov.cn/", "不含空格和换行"),
        (" https://www.example.gov.cn/", "不含空格和换行"),
        ("https://www.example.gov.cn/\r\nHost: evil.com", "不含空格和换行"),
        (
            "https://www.example.gov.cn/\ud83d",
            "不超过2000字",
        ),  # half a character, as JSON can say it; no ledger can keep it
        ("https://www.example.gov.cn:99999/", "完整的网址"),
        ("https://www.example.gov.cn:0/", "以 http:// 或 https:// 开头"),
        ("https://[::1/", "完整的网址"),
        ("ftp://www.example.gov.cn/", "以 http:// 或 https:// 开头"),
        ("javascript://www.example.gov.cn/%0aalert(1)", "以 http:// 或 https:// 开头"),
        ("file:///etc/passwd", "以 http:// 或 https:// 开头"),
        ("//www.example.gov.cn/", "以 http:// 或 https:// 开头"),
        ("www.example.gov.cn/1.html", "以 http:// 或 https:// 开头"),
        ("https:///path", "以 http:// 或 https:// 开头"),
        ("https://www..example.gov.cn/", "无法识别"),
        ("https://www.example.gov.cn/" + "a" * 2000, "不超过2000字"),
        ("http://127.0.0.2/", "不在允许的网站之列"),
        ("", "以 http:// 或 https:// 开头"),
    ],
)
def test_any_other_is_refused_with_the_reason(address, why):
    assert why in (unfit(address, HOSTS) or "")


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/", "http://localhost:8080/", "http://a.localhost/", "http://intranet/", "http://oa.local/",
        "http://127.0.0.1/", "http://127.1/", "http://0x7f.0.0.1/", "http://0x7f000001/", "http://2130706433/",
        "http://017700000001/", "http://10.1.2.3/", "http://172.16.0.1/", "http://192.168.1.1/", "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data/", "http://0.0.0.0/", "http://224.0.0.1/", "http://255.255.255.255/",
        "http://[::1]/", "http://[::]/", "http://[fe80::1]/", "http://[fd00::1]/", "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:10.0.0.1]/", "http://１２７.０.０.１/", "http://metadata.internal/",
    ],
)  # fmt: skip
def test_without_a_list_only_what_is_public_is_fit(address):
    assert unfit(address) is not None


@pytest.mark.parametrize("address", ["https://www.gov.cn/", "http://8.8.8.8/", "https://[2001:4860:4860::8888]/"])
def test_without_a_list_a_public_host_is_fit(address):
    assert unfit(address) is None


@pytest.mark.parametrize("host", ["www.example.gov.cn", "*.gov.cn", "127.0.0.1", "::1", "localhost", "政务.cn"])
def test_a_list_holds_hosts(host):
    assert is_host(host)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "*.",
        "*.cn",
        "*.*.cn",
        "a.*.cn",
        "http://a.cn",
        "a.cn:80",
        "u@a.cn",
        "u:p@a.cn",
        "a.cn/x",
        "a b.cn",
        "::1]",
    ],
)
def test_and_nothing_else(text):
    assert not is_host(text)
