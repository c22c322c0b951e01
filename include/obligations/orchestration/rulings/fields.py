"""Reads a decision from the fields of a form or of the command line; every fault is told at once. Records nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeVar

from obligations.orchestration.rulings.kinds import BASES, FIELDS, KINDS, WITHDRAWAL_LAWS, Kind
from obligations.words.errors import UnusableInput
from obligations.words.limits import Limit
from obligations.words.reviews import Level
from obligations.words.rulings import (
    AcceptEvidence,
    Correct,
    Extend,
    Formalize,
    Merge,
    Nil,
    OrderCorrection,
    OrderWithdrawal,
    Override,
    Pause,
    Progress,
    Redraft,
    RejectEvidence,
    Resume,
    Ruling,
    Scope,
    Vouch,
    Waive,
    Withdrawn,
    Withhold,
)
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
SCOPES: tuple[Scope, ...] = ("不予公开", "部分公开")
_NUMBERS: tuple[tuple[Literal[14, 15, 16], str], ...] = ((14, "十四"), (15, "十五"), (16, "十六"))
_ARTICLES = {text: number for number, said in _NUMBERS for text in (str(number), f"第{said}条")}


def read_ruling(kind: str, fields: Mapping[str, object], now: datetime) -> Ruling:
    """Return the decision that was filled in; empty texts and None count as not filled in.

    Raises UnusableInput that names every field that is missing, is not of this kind of decision, or cannot be read.
    """
    if kind not in KINDS:
        known = "、".join(f"{code}（{found.title}）" for code, found in KINDS.items())
        raise UnusableInput(f"没有“{kind}”这种决定，应为：{known}")
    reading = _Reading(KINDS[kind], {name: _text(name, fields.get(name)) for name in FIELDS}, now)
    reading.require_fields()
    return reading.ruling(kind)


@dataclass(frozen=True, slots=True)
class _Reading:
    kind: Kind
    texts: Mapping[str, str]
    now: datetime

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

    def ruling(self, kind: str) -> Ruling:
        texts = self.texts
        reason, authority, proof = texts["reason"], texts["authority"], texts["proof"]
        today = self.now.astimezone(SHANGHAI).date()
        match kind:
            case "extend":
                return Extend(self._limit(), self._day("on") or today, reason, authority, proof)
            case "pause":
                return Pause(self._day("on") or today, reason, authority, proof)
            case "resume":
                return Resume(self._day("on") or today, proof)
            case "correct":
                return Correct(self._stage(), texts["owner"] or None, reason)
            case "progress" | "unchanged":
                return Progress(self._instant(), texts["note"], proof, unchanged=kind == "unchanged")
            case "redraft":
                return Redraft(reason)
        return self._ruling_on_outcome(kind)

    def _ruling_on_outcome(self, kind: str) -> Ruling:
        """Read what is decided that nothing is owed, or otherwise, or anew."""
        texts = self.texts
        reason, authority, proof = texts["reason"], texts["authority"], texts["proof"]
        match kind:
            case "waive":
                return Waive(reason, authority, proof)
            case "nil":
                return Nil(reason)
            case "withhold":
                reassess_on = self._day("reassess_on") or self.now.astimezone(SHANGHAI).date()
                return Withhold(self._scope(), self._article(), reason, authority, reassess_on, proof)
            case "override":
                return Override(texts["sha256"].lower(), reason)
            case "merge":
                return Merge(texts["into_key"], texts["into_period"], reason, authority)
            case "correction":
                return OrderCorrection(reason)
        return self._ruling_on_proof(kind)

    def _ruling_on_proof(self, kind: str) -> Ruling:
        """Read what is decided about evidence, withdrawals and paperwork."""
        texts = self.texts
        reason, proof, address = texts["reason"], texts["proof"], texts["address"] or None
        match kind:
            case "vouch":
                return Vouch(self._instant(), self._chosen("basis", BASES), proof, self._attachments(), address)
            case "accept":
                return AcceptEvidence(address, texts["note"])
            case "reject":
                return RejectEvidence(reason, address)
            case "withdraw":
                law = self._chosen("law", WITHDRAWAL_LAWS)
                since = self._day("on") or self.now.astimezone(SHANGHAI).date()
                return OrderWithdrawal(reason, texts["authority"], law, since, self._day("due_on"), address)
            case "withdrawn":
                return Withdrawn(self._instant(), proof, texts["note"], address)
        return Formalize(self._level(), proof, self._attachments())

    def _limit(self) -> Limit:
        text = self.texts["by"]
        try:
            return Limit.parse(f"P{text}WD" if text.isascii() and text.isdigit() else text)
        except ValueError:
            raise _unreadable("by", text) from None

    def _day(self, name: str) -> date | None:
        text = self.texts[name]
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise _unreadable(name, text) from None

    def _instant(self) -> datetime:
        text = self.texts["at"]
        try:
            return parse_instant(text.replace("：", ":")).astimezone(SHANGHAI)
        except ValueError:
            raise _unreadable("at", text) from None

    def _scope(self) -> Scope:
        for scope in SCOPES:
            if self.texts["scope"] == scope:
                return scope
        raise _unreadable("scope", self.texts["scope"])

    def _article(self) -> Literal[14, 15, 16]:
        text = self.texts["article"]
        if text not in _ARTICLES:
            raise _unreadable("article", text)
        return _ARTICLES[text]

    def _chosen(self, name: str, choices: Mapping[str, Chosen]) -> Chosen:
        """Return what a label stands for; its code does as well."""
        text = self.texts[name]
        for label, chosen in choices.items():
            if text in {label, chosen}:
                return chosen
        raise _unreadable(name, text)

    def _attachments(self) -> tuple[str, ...]:
        parts = re.split(r"[,，、;；\s]+", self.texts["attachments"].lower())
        found = tuple(dict.fromkeys(part for part in parts if part))
        if not all(map(_SHA256.fullmatch, found)):
            raise _unreadable("attachments", self.texts["attachments"])
        return found

    def _level(self) -> str | None:
        text = self.texts["level"]
        labels = {level.label for level in Level} | {level.value for level in Level}
        if text and text not in labels:
            raise _unreadable("level", text)
        return next((level.label for level in Level if text in {level.label, level.value}), None)

    def _stage(self) -> str | None:
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
    return re.sub(r"[^\S\n]+", " ", "".join(c for c in text if c.isprintable() or c in "\n\t"))


def _list(names: Sequence[str]) -> str:
    return "、".join(f"{name}（{FIELDS[name]}）" for name in names)


def _unreadable(name: str, text: str) -> UnusableInput:
    return UnusableInput(f"字段 {name} 的值是“{text}”，应为：{FIELDS[name]}")
