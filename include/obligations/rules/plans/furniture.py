"""Finds what is no part of a plan: page furniture, and words that somebody injected into the page. Reports both.

Injected words are known by what they are (addresses, betting, a run of Latin letters and digits within Chinese), never by
where they stand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from obligations.rules.plans.stream import plain
from obligations.words.plans import SetAside

FURNITURE, INJECTED = "网页或页面的附加文字，不是文件内容", "与文件无关的插入文字（疑为博彩等垃圾信息）"
_LABELS = (
    r"(?:当前位置|您的位置|热门搜索|推荐访问|来源|信息来源|发布时间|发布日期|发布机构|访问次数|浏览次数|点击数|字体|字号大小|字体大小"
    r"|打印本页|关闭窗口|分享到|上一篇|下一篇|扫一扫|责任编辑|索引号|政策类型|政策层级|发文机构|发文机关|发文字号|关键字|主题词)"
)
_FURNITURE = re.compile(rf"[•·*\s]*(?:{_LABELS}\s*[:：]?(?:\s|$|[^，。；]{{0,60}}$)|Top$|返回顶部$|\[?打印\]?$|-->)")
_PAGE = re.compile(r"[\s\-—–·|第页共/]*\d{0,4}[\s\-—–·|第页共/]*$")
_SPAM_WORDS = (
    r"(?:投注|博彩|彩票|娱乐[城场]|赌场|赌博|棋牌|百家乐|时时彩|六合彩|真人视讯|官方登录|比分网|体育直播|老虎机|开户送)"
)
_SPAM_TAIL = r"(?:[A-Za-z0-9_.\-]|入口|登录|网页版|官网|官方|平台|网址|比分|下载|手机版){0,60}"
_SPAM_RUN = re.compile(
    rf"[A-Za-z0-9_.\-]{{0,24}}{_SPAM_WORDS}(?:{_SPAM_WORDS}|{_SPAM_TAIL})"
    + _SPAM_TAIL
    + r"|(?:bet|BET)\s?\d{2,5}[^\s，。；|办]{0,8}"
)
_LATIN = re.compile(r"(?<![\w])(?:https?://|www\.)[\w./?=&%\-]{4,200}")
_LONGEST_LINE = 20_000
_SAID_OFTEN = re.compile(r"单位|部门|牵头|责任|政府|局|[。;:)]$")
MOST_TOLD = 1000
REPEATED = 4
"""A short line that comes this often is the head or foot of a page."""


def find_furniture(raw: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the ranges of ``raw`` to set aside, in order and apart, each with the reason."""
    lines = raw.splitlines(keepends=True)
    often = {text for text, count in Counter(line.strip() for line in lines).items() if count >= REPEATED and text}
    position = 0
    for line in lines:
        bare = line.strip()
        end = position + len(line)
        if bare and _is_furniture(bare, repeated=bare in often and "|" not in bare and len(bare) < 40):
            yield (position, end), FURNITURE
        elif len(line) <= _LONGEST_LINE:
            yield from _injected(line, position)
        position = end


def _is_furniture(bare: str, *, repeated: bool) -> bool:
    text = plain(bare[:120])
    if bare.startswith(("#", "【", "•")) and len(bare) < 60 and "。" not in bare:
        return True
    if len(bare) > 120 or "。" in bare:
        return False
    return bool(_FURNITURE.match(text) or _PAGE.fullmatch(text) or (repeated and not _SAID_OFTEN.search(text)))


def _injected(line: str, position: int) -> Iterator[tuple[tuple[int, int], str]]:
    found = []
    for pattern in (_SPAM_RUN, _LATIN):
        found += [(match.start(), match.end()) for match in pattern.finditer(line)]
    last = 0
    for start, end in sorted(found):
        if start >= last:
            yield (position + start, position + end), INJECTED if pattern_is_spam(line[start:end]) else FURNITURE
            last = end


def pattern_is_spam(words: str) -> bool:
    """Say whether words are of the kind that is injected, rather than an address that a page prints."""
    return not _LATIN.fullmatch(words)


def told_aside(raw: str, found: list[tuple[tuple[int, int], str]]) -> Iterator[SetAside]:
    """Yield the ranges as the report lists them, the first thousand."""
    line, counted = 1, 0
    for (start, end), reason in found[:MOST_TOLD]:
        line += raw.count("\n", counted, start)
        counted = start
        words = raw[start:end].strip()
        yield SetAside(line, "", words[:120], words[:20], reason)
