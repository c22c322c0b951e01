"""What may stand in the header and footer of a draft: its own marks and the page's number. No part of the document."""

from __future__ import annotations

import re
from collections.abc import Iterator

from obligations.rules.delivery import shown
from obligations.rules.edited_word.pieces import EditedWord, Trouble

_PAGE_NUMBER = re.compile(r"[\s\d\-—–－·/第共页]*")


def margin_troubles(word: EditedWord, watermark: str | None) -> Iterator[Trouble]:
    """Yield what a header or footer holds beside 送审稿, the draft's number, its watermark and the page's number."""
    marks = re.compile(rf"(?:送审稿|第\d+稿|{re.escape(watermark or '演示数据')}|\s)*")
    for margin in word.margins:
        if not (_PAGE_NUMBER.fullmatch(margin.text) or (margin.name == "页眉" and marks.fullmatch(margin.text))):
            fix = f"删去{margin.name}的文字，需要公布的写进正文"
            yield Trouble("unreadable", margin.name, f"文字“{shown(margin.text)}”", fix)
        if margin.drawn:
            yield Trouble("unreadable", margin.name, margin.drawn, f"删去{margin.name}的{margin.drawn}")
