"""What a reader sees of an HTML page: its elements without scripts and what is hidden. Follows no link and runs no script."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

UNSEEN = ("script", "style", "noscript", "template", "iframe", "object", "select", "textarea", "button", "svg")
"""Elements whose text nobody reads as part of the page."""
_INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label",
    "mark", "o:p", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
}  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def visible_root(markup: str, also_unseen: Iterable[str] = ()) -> Any | None:
    """Return the root element with what is seen, as lxml has it; None where there is nothing.

    Args:
        markup: of the page.
        also_unseen: elements that are left out beside ``UNSEEN``.
    """
    from lxml import etree, html  # loads slowly, and the scheduler parses what imports this module

    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing in it
        return None
    etree.strip_elements(root, *UNSEEN, *also_unseen, with_tail=False)
    for element in list(root.iter(etree.Element)):
        if element.tag in {"html", "body"}:
            continue  # hidden until a script shows it, against framing
        if element.get("hidden") is not None or _HIDDEN.search(element.get("style") or ""):
            element.drop_tree()
    return root


def text_under(root: Any) -> str:
    """Return the text of an element: blocks are parted by line ends, cells by tabs, so that their numbers stay apart."""
    from lxml import etree

    parts: list[str] = []
    for moment, element in etree.iterwalk(root, events=("start", "end")):
        inline = element.tag in _INLINE
        if moment == "start":
            parts += ["" if inline else "\n", element.text or ""]
        else:
            parts += ["" if inline else "\t" if element.tag in {"td", "th"} else "\n", element.tail or ""]
    return "".join(parts)
