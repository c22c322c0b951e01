"""Reads a decision from the fields of a form or of the command line; every fault is told at once. Records nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeVar

from obligations.orchestration.rulings.kinds import BASES, FIELDS, KINDS, WITHDRAWAL_LAWS, Kind
from obligations.words import rulings
from obligations.words.errors import UnusableInput
from obligations.words.limits import Limit
from obligations.words.reviews import Level
from obligations.words.times import SHANGHAI, parse_instant

MAX_TEXT = 2000
Chosen = TypeVar("Chosen")
_SHA256 = re.compile(r"[0-9a-f]{64}")
STAGES = {
    "启动": "start",
    "事件报告": "start",
    "数据": "data",
    "起草": "draft",
    "审核": "review",
    "发布": "publication",
}
SCOPES: tuple[rulings.Scope, ...] = ("不予公开", "部分公开")
_NUMBERS: tuple[tuple[Literal[14, 15, 16], str], ...] = ((14, "十四"), (15, "十五"), (16, "十六"))
_ARTICLES = {text: number for number, said in _NUMBERS for text in (str(number), f"第{said}条")}


def read_ruling(kind: str, fields: Mapping[str, object], now: datetime) -> rulings.Ruling:
    """Return the decision that was filled in; empty texts and None count as not filled in.

    Raises UnusableInput that names every field that is missing, is not of this kind of decision, or cannot be read.
    """
    if kind not in KINDS:
        known = "、".join(f"{code}（{found.title}）" for code, found in KINDS.items())
        raise UnusableInput(f"没有“{kind}”这种决定，应为：{known}")
    reading = _Reading(KINDS[kind], {name: _text(name, fields.get(name)) for name in FIELDS}, now)
    reading.require_fields()
    return _READ_AS[kind](reading)


@dataclass(frozen=True, slots=True)
class _Reading:
    kind: Kind
    texts: Mapping[str, str]
    now: datetime

    def __getitem__(self, name: str) -> str:
        return self.texts[name]

    @property
    def today(self) -> date:
        return self.now.astimezone(SHANGHAI).date()

    @property
    def address(self) -> str | None:
        return self.texts["address"] or None

    def require_fields(self) -> None:
        title = self.kind.title
        missing = [name for name in self.kind.needs if not self.texts[name]]
        allowed = {*self.kind.needs, *self.kind.takes}
        surplus = [name for name, text in self.texts.items() if text and name not in allowed]
        said = []
        if missing:
            said.append(f"{title}还须填写：{_list(missing)}")
        if surplus:
            said.append(f"{title}不用填写，请清空：{_list(surplus)}")
        if self.kind.one_of and not any(self.texts[name] for name in self.kind.one_of):
            said.append(f"{title}至少填写一项：{_list(self.kind.one_of)}")
        if said:
            raise UnusableInput("；".join(said))

    def limit(self) -> Limit:
        text = self.texts["by"]
        try:
            return Limit.parse(f"P{text}WD" if text.isascii() and text.isdigit() else text)
        except ValueError:
            raise _unreadable("by", text) from None

    def day(self, name: str) -> date | None:
        text = self.texts[name]
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise _unreadable(name, text) from None

    def instant(self) -> datetime:
        text = self.texts["at"]
        try:
            return parse_instant(text.replace("：", ":")).astimezone(SHANGHAI)
        except ValueError:
            raise _unreadable("at", text) from None

    def scope(self) -> rulings.Scope:
        for scope in SCOPES:
            if self.texts["scope"] == scope:
                return scope
        raise _unreadable("scope", self.texts["scope"])

    def article(self) -> Literal[14, 15, 16]:
        text = self.texts["article"]
        if text not in _ARTICLES:
            raise _unreadable("article", text)
        return _ARTICLES[text]

    def chosen(self, name: str, choices: Mapping[str, Chosen]) -> Chosen:
        """Return what a label stands for; its code does as well."""
        text = self.texts[name]
        for label, chosen in choices.items():
            if text in {label, chosen}:
                return chosen
        raise _unreadable(name, text)

    def attachments(self) -> tuple[str, ...]:
        parts = re.split(r"[,，、;；\s]+", self.texts["attachments"].lower())
        found = tuple(dict.fromkeys(part for part in parts if part))
        if not all(map(_SHA256.fullmatch, found)):
            raise _unreadable("attachments", self.texts["attachments"])
        return found

    def level(self) -> str | None:
        text = self.texts["level"]
        labels = {level.label for level in Level} | {level.value for level in Level}
        if text and text not in labels:
            raise _unreadable("level", text)
        return next((level.label for level in Level if text in {level.label, level.value}), None)

    def stage(self) -> str | None:
        text = self.texts["stage"]
        if text and text not in STAGES and text not in STAGES.values():
            raise _unreadable("stage", text)
        return STAGES.get(text, text) or None


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else None
    if text is None or len(text) > MAX_TEXT:
        raise UnusableInput(f"字段 {name}（{FIELDS[name]}）应为不超过 {MAX_TEXT} 字的文字")
    # Every space becomes a plain one, the wide one (U+3000) that Chinese is typed with among them, and no space is printable.
    return re.sub(r"[^\S\n]+", " ", "".join(c for c in text.replace("\r", "") if c.isprintable() or c.isspace()))


def _list(names: Sequence[str]) -> str:
    return "、".join(f"{name}（{FIELDS[name]}）" for name in names)


def _unreadable(name: str, text: str) -> UnusableInput:
    return UnusableInput(f"字段 {name} 的值是“{text}”，应为：{FIELDS[name]}")


_READ_AS: dict[str, Callable[[_Reading], rulings.Ruling]] = {
    "extend": lambda read: rulings.Extend(
        read.limit(), read.day("on") or read.today, read["reason"], read["authority"], read["proof"]
    ),
    "pause": lambda read: rulings.Pause(read.day("on") or read.today, read["reason"], read["authority"], read["proof"]),
    "resume": lambda read: rulings.Resume(read.day("on") or read.today, read["proof"]),
    "correct": lambda read: rulings.Correct(read.stage(), read["owner"] or None, read["reason"]),
    "progress": lambda read: rulings.Progress(read.instant(), read["note"], read["proof"]),
    "unchanged": lambda read: rulings.Progress(read.instant(), read["note"], read["proof"], unchanged=True),
    "redraft": lambda read: rulings.Redraft(read["reason"]),
    "waive": lambda read: rulings.Waive(read["reason"], read["authority"], read["proof"]),
    "nil": lambda read: rulings.Nil(read["reason"]),
    "withhold": lambda read: rulings.Withhold(
        read.scope(),
        read.article(),
        read["reason"],
        read["authority"],
        read.day("reassess_on") or read.today,
        read["proof"],
    ),
    "override": lambda read: rulings.Override(read["sha256"].lower(), read["reason"]),
    "merge": lambda read: rulings.Merge(read["into_key"], read["into_period"], read["reason"], read["authority"]),
    "correction": lambda read: rulings.OrderCorrection(read["reason"]),
    "vouch": lambda read: rulings.Vouch(
        read.instant(), read.chosen("basis", BASES), read["proof"], read.attachments(), read.address
    ),
    "accept": lambda read: rulings.AcceptEvidence(read.address, read["note"]),
    "reject": lambda read: rulings.RejectEvidence(read["reason"], read.address),
    "withdraw": lambda read: rulings.OrderWithdrawal(
        read["reason"],
        read["authority"],
        read.chosen("law", WITHDRAWAL_LAWS),
        read.day("on") or read.today,
        read.day("due_on"),
        read.address,
    ),
    "withdrawn": lambda read: rulings.Withdrawn(read.instant(), read["proof"], read["note"], read.address),
    "formalize": lambda read: rulings.Formalize(read.level(), read["proof"], read.attachments()),
}
