"""Pages as an attacker and a browser read them: their forms with all fields, and what of a page is not just text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lxml import html

TAKES_ADDRESS = {"href", "src", "action", "formaction", "data"}


@dataclass(frozen=True)
class Form:
    """One form of a page.

    Attributes:
        method, action: as a browser would send it; fields: what stands in them; brings_file: whether a file goes along.
    """

    method: str
    action: str
    fields: tuple[tuple[str, str], ...]
    brings_file: bool

    @property
    def values(self) -> dict[str, str]:
        """What a browser would send if nothing was changed."""
        return dict(self.fields)


def forms(page: str) -> list[Form]:
    """Return every form of a page, with every name that it could send: of buttons and choices the last."""
    found = []
    for form in html.document_fromstring(page).forms:
        fields = []
        for element in form.iter("input", "select", "textarea", "button"):
            if element.get("name") and element.get("type") != "file":
                value = element.get("value") or ""
                if element.tag == "select":
                    value = next((option.get("value") or "" for option in element.iter("option")), "")
                fields.append((element.get("name"), value))
        brings = form.get("enctype") == "multipart/form-data"
        found.append(Form((form.get("method") or "get").upper(), form.get("action") or "", tuple(fields), brings))
    return found


def living(page: str) -> Counter[str]:
    """Return what of a page is markup: elements with their attributes' names, and the scheme of every address."""
    found: Counter[str] = Counter()
    for element in html.document_fromstring(page).iter():
        if not isinstance(element.tag, str):
            found["comment"] += 1
            continue
        found[f"<{element.tag} {' '.join(sorted(set(element.attrib) - {'value'}))}>"] += 1
        for name in TAKES_ADDRESS & set(element.attrib):
            address = element.get(name).strip().lower()
            scheme = address.partition(":")[0] if ":" in address.partition("/")[0] else "own"
            found[f"{name} to {scheme}"] += 1
    return found
