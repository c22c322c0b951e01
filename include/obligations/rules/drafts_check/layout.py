"""The layout of GB/T 9704-2012 in an edited file: page, margins, fonts, sizes, levels of headings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from obligations.rules.drafts_check.findings import HINT, WARNING, Finding
from obligations.rules.edited_word.pieces import EditedWord, Grid, Line, PageSetting

_PAGE = {"width": ("纸张宽", 210.0), "height": ("纸张高", 297.0)}
_MARGINS = {"top": ("上白边", 37.0), "left": ("左白边", 28.0), "right": ("右白边", 26.0), "bottom": ("下白边", 35.0)}
_TOLERANCE = 1.0
"""Millimeters, as the standard allows for 天头 and 订口."""
_FANGSONG = ("仿宋_GB2312", {"仿宋_GB2312", "仿宋", "仿宋_GBK", "方正仿宋_GBK", "华文仿宋", "fangsong", "stfangsong"})
_KAITI = ("楷体_GB2312", {"楷体_GB2312", "楷体", "楷体_GBK", "方正楷体_GBK", "华文楷体", "kaiti", "stkaiti"})
_HEITI = ("黑体", {"黑体", "方正黑体_GBK", "华文黑体", "simhei"})
_BIAOSONG = ("方正小标宋简体", {"方正小标宋简体", "方正小标宋_GBK", "小标宋", "华文中宋", "方正小标宋_GB18030"})
_OFFICIAL = {
    "title": ("题目", *_BIAOSONG, 22.0),
    "heading 1": ("一级标题", *_HEITI, 16.0),
    "heading 2": ("二级标题", *_KAITI, 16.0),
    "heading 3": ("三级标题", *_FANGSONG, 16.0),
    "body text": ("正文", *_FANGSONG, 16.0),
    "normal": ("正文", *_FANGSONG, 16.0),
    "": ("正文", *_FANGSONG, 16.0),
    "signature": ("落款", *_FANGSONG, 16.0),
}
_ORDINAL = re.compile(r"[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]")
_LONGEST_HEADING = 30


def layout_findings(word: EditedWord) -> Iterator[Finding]:
    """Yield what is not laid out as official documents are; each kind of difference once, with its first place."""
    for page in dict.fromkeys(word.pages):
        yield from _page(page)
    yield from _fonts([piece for piece in word.pieces if isinstance(piece, Line)])
    yield from _levels(word)


def _page(page: PageSetting) -> Iterator[Finding]:
    for sort, sides in (("纸张应为A4", _PAGE), ("页边距不合要求", _MARGINS)):
        for side, (name, expected) in sides.items():
            found = getattr(page, side)
            if found is not None and abs(found - expected) > _TOLERANCE:
                said = f"{sort}：{name}为{found:g}毫米，应为{expected:g}毫米（GB/T 9704-2012）"
                code = "page-size" if sides is _PAGE else "page-margin"
                yield Finding(WARNING, code, "页面设置", said, f"{expected:g}毫米", f"{found:g}毫米")


def _fonts(lines: list[Line]) -> Iterator[Finding]:
    places: dict[tuple[str, str, str, str], list[str]] = {}
    for line in lines:
        official = _OFFICIAL.get(line.style)
        if official is None:
            continue
        name, font, families, size = official
        for each in line.formats:
            words = line.text[each.start : each.end]
            if not words.strip() or words.isascii():
                continue
            if each.font is not None and each.font.lower() not in {family.lower() for family in families}:
                places.setdefault(("font", name, font, each.font), []).append(line.place)
            if each.size is not None and each.size != size:
                places.setdefault(("font-size", name, f"{size:g}磅", f"{each.size:g}磅"), []).append(line.place)
            if each.bold:
                places.setdefault(("bold", name, "不加粗", "加粗"), []).append(line.place)
            if each.highlighted and "待填写" not in line.text:
                places.setdefault(("highlight", name, "无底色", "有突出显示的底色"), []).append(line.place)
    for (code, name, expected, found), where in places.items():
        count = len(dict.fromkeys(where))
        more = f"，共{count}处" if count > 1 else ""
        yield Finding(HINT, code, where[0], f"{name}应为{expected}，现为{found}{more}", expected, found)


def _levels(word: EditedWord) -> Iterator[Finding]:
    before = 0
    for piece in word.pieces:
        if isinstance(piece, Grid) or not piece.text.strip():
            continue
        level = piece.outline
        if level is not None and level > before + 1:
            said = (
                f"标题从第{before}级跳到第{level}级，应逐级使用"
                if before
                else f"第一个标题是第{level}级，应从第1级开始"
            )
            yield Finding(WARNING, "heading-level", piece.place, said, f"第{before + 1}级", f"第{level}级")
        if (
            level is None
            and _ORDINAL.match(piece.text)
            and len(piece.text) <= _LONGEST_HEADING
            and piece.text[-1] not in "。；："
        ):
            said = "像是标题，但没有使用标题样式，网页和目录会认不出来"
            yield Finding(HINT, "heading-style", piece.place, said, "标题样式", piece.style or "默认样式")
        before = level if level is not None else before
