"""Words one message: subject, plain text, HTML, and the short text of IM and SMS, from the templates in ``notices``.

What each notice says was decided before (``Entry``). Drafts and their figures never come here, and of an incident the
short text names the obligation alone: it passes through servers and groups that are not ours.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from obligations.words.errors import TemplateFault
from obligations.words.letters import Entry, Letter

MARK = "〔政务公开〕"
URGENT = "【紧急】"
MOST_CHARACTERS = 500
"""A longer remark is cut; the page that the notice links to has all of it."""
_IN_SHORT = 3
_GROUPS_IN_SUBJECT = 3


def letter(entries: Sequence[Entry], recipient_name: str, *, urgent: bool, templates: Path) -> Letter:
    """Word one message of at least one entry.

    Args:
        entries: in the order in which they are told.
        recipient_name: as people write it.
        urgent: the subject says so first.
        templates: folder of ``letter.txt.j2``, ``letter.html.j2`` and ``short.txt.j2``.

    Raises TemplateFault for a template that is missing or faulty.
    """
    said = [_cleaned(entry) for entry in entries]
    told = [_for_others_servers(entry) for entry in said]
    mark = f"{URGENT if urgent else ''}{MARK}"
    subject = mark + _summary(said)
    words = {"subject": subject, "name": _line(recipient_name), "entries": said}
    return Letter(
        subject=subject,
        text=_render(templates, "letter.txt.j2", words),
        html=_render(templates, "letter.html.j2", words),
        short=_render(
            templates, "short.txt.j2", {"subject": mark + _summary(told), "entries": told, "most": _IN_SHORT}
        ),
    )


def _for_others_servers(entry: Entry) -> Entry:
    """Leave out what may not pass through IM and SMS: remarks of people, and of an incident all but the obligation."""
    if not entry.incident:
        return replace(entry, remarks=(), derivation=())
    return Entry("突发事件", entry.title, "", "", "", "", (), "", "", incident=True, link=None)


def _summary(entries: Sequence[Entry]) -> str:
    """Say what the message is about, in the few words of a subject line."""
    if len(entries) == 1:
        entry = entries[0]
        if not entry.title:
            return entry.heading
        period = f"（{entry.period}）" if entry.period else ""
        return f"{entry.heading}：{entry.title}{period}{'，' if entry.remaining else ''}{entry.remaining}"
    overdue = sum(entry.overdue for entry in entries)
    groups = [f"{overdue}项逾期"] if overdue else []
    headings = Counter(entry.heading for entry in entries if not entry.overdue)
    groups += [f"{count}项{heading}" for heading, count in headings.items()]
    more = "等" if len(groups) > _GROUPS_IN_SUBJECT else ""
    return f"{len(entries)}项待办：{'、'.join(groups[:_GROUPS_IN_SUBJECT])}{more}"


def _render(folder: Path, name: str, words: dict[str, Any]) -> str:
    try:
        return _environment(folder).get_template(name).render(words).strip() + "\n"
    except TemplateSyntaxError as error:
        raise TemplateFault(f"通知模板 {error.name} 第 {error.lineno} 行：写法有误（{error.message}）") from error
    except (TemplateError, TypeError, ValueError, LookupError) as error:
        raise TemplateFault(f"通知模板 {folder / name}：{error or type(error).__name__}") from error


@lru_cache(maxsize=4)
def _environment(folder: Path) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder),
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _cleaned(entry: Entry) -> Entry:
    """Put each text on one line: what people typed may break neither a header nor the layout of a letter."""
    changes: dict[str, Any] = {}
    for field in fields(entry):
        value = getattr(entry, field.name)
        if isinstance(value, str):
            changes[field.name] = _line(value)
        elif isinstance(value, tuple):
            changes[field.name] = tuple(_line(item) for item in value)
    return replace(entry, **changes)


def _line(text: str) -> str:
    """Return ``text`` without line breaks, control and invisible formatting characters, and cut to a sensible length."""
    visible = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in text)
    line = " ".join(visible.split())
    return line if len(line) <= MOST_CHARACTERS else f"{line[:MOST_CHARACTERS]}……"
