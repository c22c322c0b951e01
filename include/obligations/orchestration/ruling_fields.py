"""Reads a decision from the fields of a form or of the command line; every fault is told at once. Records nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from obligations.words.errors import UnusableInput
from obligations.words.limits import Limit
from obligations.words.rulings import (
    Correct,
    Extend,
    Nil,
    Pause,
    Progress,
    Redraft,
    Resume,
    Ruling,
    Scope,
    Waive,
    Withhold,
)
from obligations.words.times import SHANGHAI, parse_instant

MAX_TEXT = 2000
FIELDS = {
    "reason": "理由",
    "authority": "批准人或批准机构（职务和姓名）",
    "by": "延长多少个工作日，例如 10",
    "on": "日期，例如 2026-11-05",
    "scope": "不予公开 或 部分公开",
    "article": "依据政府信息公开条例的条款：14、15 或 16",
    "reassess_on": "重新评估日期，例如 2027-11-05",
    "stage": "滞后环节：启动、数据、起草、审核 或 发布",
    "owner": "责任单位或责任人",
    "at": "发生时间，例如 2026-11-05T15:00",
    "note": "进展情况",
    "proof": "佐证：文号、链接或存放位置",
}
"""What may be filled in, and what to write there."""

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


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of decision.

    Attributes:
        title: as people call it; says: when it is for.
        needs, takes: names of fields that must, and that may, be filled in.
    """

    title: str
    says: str
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()


KINDS = {
    "extend": Kind(
        "延长期限",
        "条文规定可以延长的，一次；on 为批准日期，不填为今天",
        ("by", "reason", "authority"),
        ("on", "proof"),
    ),
    "pause": Kind(
        "时限中止",
        "条文规定可以扣除时间的；on 为不计入期限的第一日，不填为今天",
        ("reason", "authority"),
        ("on", "proof"),
    ),
    "resume": Kind("恢复计时", "结束中止；on 为不计入期限的最后一日", ("on",), ("proof",)),
    "waive": Kind("不计入考核", "经批准不计入考核", ("reason", "authority"), ("proof",)),
    "nil": Kind("零报告", "本期没有应公开的内容", ("reason",)),
    "withhold": Kind(
        "不予公开", "依法不予公开或部分公开", ("scope", "article", "reason", "authority", "reassess_on"), ("proof",)
    ),
    "correct": Kind("更正滞后环节", "系统推定的滞后环节或责任单位不对", ("reason",), ("stage", "owner")),
    "progress": Kind("登记进展", "进展情况；按次数或常态更新考核的，每登记一次计一次", ("at", "note"), ("proof",)),
    "redraft": Kind("重拟", "退回、数据有误或处理失败之后，申请重新起草一版", ("reason",)),
}
"""The kinds of decision by their code."""


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
        if self.kind is KINDS["correct"] and not self.texts["stage"] and not self.texts["owner"]:
            said.append(f"{title}至少填写一项：{_list(['stage', 'owner'])}")
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
            case "waive":
                return Waive(reason, authority, proof)
            case "nil":
                return Nil(reason)
            case "withhold":
                reassess_on = self._day("reassess_on") or today
                return Withhold(self._scope(), self._article(), reason, authority, reassess_on, proof)
            case "correct":
                return Correct(self._stage(), texts["owner"] or None, reason)
            case "progress":
                return Progress(self._instant(), texts["note"], proof)
        return Redraft(reason)

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


def _list(names: list[str]) -> str:
    return "、".join(f"{name}（{FIELDS[name]}）" for name in names)


def _unreadable(name: str, text: str) -> UnusableInput:
    return UnusableInput(f"字段 {name} 的值是“{text}”，应为：{FIELDS[name]}")
