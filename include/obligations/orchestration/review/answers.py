"""What a person answered on a form, read and checked again: Airflow's REST call checks nothing but the option."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from obligations.words.errors import ObligationsError
from obligations.words.obligation import Fulfilment
from obligations.words.publication import Blank
from obligations.words.times import SHANGHAI, parse_instant, say_instant

APPROVE = "通过"
RETURN = "退回修改"
SUBMIT = "送审"
RELEASE = "核验通过"
CONFIRM = "确认"
COMMENT = Blank("comment", "审核意见（退回修改时必填）", required=False)
OVERRIDE = Blank("override_reason", "核对有错误仍需通过的，书面理由（由有权放行的人填写）", required=False)
ORAL_BY = Blank("oral_by", "口头批准人姓名（本人办理的不填）", required=False)
ORAL_AT = Blank("oral_at", "口头批准时间（例如 2026-09-30 15:00，北京时间）", required=False)
MAX_LENGTH = 4000
_HALF_A_CHARACTER = re.compile(r"[\ud800-\udfff]")  # JSON can say one, UTF-8 and so the ledger cannot
ADDRESS = Blank("address", "公开网页的网址（例如 https://www.example.gov.cn/art/2026/9/30/art_1.html）")
CLAIMED_AT = Blank("claimed_at", "网页上的发布时间（例如 2026-09-30 15:00，北京时间；没有的不填）", required=False)
NOTE = Blank("note", "说明（例如发布栏目）", required=False)
POSTED = (ADDRESS, CLAIMED_AT, NOTE)
PROOF: dict[Fulfilment, tuple[Blank, ...]] = {
    "held": (
        Blank("fulfilled_at", "发布会开始时间（例如 2026-09-30 15:00，北京时间）"),
        Blank("place", "举行地点"),
        Blank("host", "主持人和发布人"),
        Blank("record", "记录或报道的链接、存放位置"),
    ),
    "submitted": (
        Blank("fulfilled_at", "报送时间（例如 2026-09-30 15:00，北京时间）"),
        Blank("recipient", "报送对象"),
        Blank("receipt", "回执编号或签收记录"),
    ),
    "completed": (
        Blank("fulfilled_at", "办结时间（例如 2026-09-30 15:00，北京时间）"),
        Blank("proof", "办结材料的名称、文号或存放位置"),
    ),
}


class AnswerRefused(ObligationsError):
    """The answer cannot be accepted; the same task asks again. ``str()`` tells the person what to do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one form.

    Attributes:
        option: the button pressed.
        fields: text by field name, stripped; empty where nothing was written.
        person: user id of who answered, as the auth manager knows it.
        at: when it was answered.
    """

    option: str
    fields: Mapping[str, str]
    person: str
    at: datetime


def read_answer(
    options: Iterable[str], fields: Mapping[str, object], person: str | None, at: datetime, blanks: Iterable[Blank]
) -> Answer:
    """Read an answer to a form with these ``blanks``; raises AnswerRefused for what the form does not offer."""
    chosen = list(options)
    if len(chosen) != 1 or not isinstance(chosen[0], str):
        raise AnswerRefused(f"请选择一项办理意见，收到的是：{'、'.join(map(str, chosen))[:200] or '空'}")
    if not person:
        raise AnswerRefused("没有收到办理人，请登录后重新办理")
    known = {blank.name: blank for blank in blanks}
    if unknown := sorted(set(fields) - set(known)):
        raise AnswerRefused(f"表单没有这些字段：{'、'.join(unknown)}，请刷新页面后重新填写")
    texts = {name: _text(blank, fields.get(name)) for name, blank in known.items()}
    return Answer(chosen[0], texts, person, at)


def _text(blank: Blank, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise AnswerRefused(f"“{blank.label}”应填写文字")
    if len(value) > MAX_LENGTH:
        raise AnswerRefused(f"“{blank.label}”有{len(value)}字，最多{MAX_LENGTH}字，请精简")
    if _HALF_A_CHARACTER.search(value):
        raise AnswerRefused(f"“{blank.label}”含有不完整的字符（多为被截断的表情符号），不能保存，请删去后重新填写")
    return value.strip()


def require(answer: Answer, blanks: Iterable[Blank]) -> None:
    """Refuse an answer that leaves a required blank empty, naming every one."""
    empty = [blank.label for blank in blanks if blank.required and not answer.fields.get(blank.name)]
    if empty:
        raise AnswerRefused(f"以下内容尚未填写，不能通过：{'；'.join(empty)}")


def fulfilled_at(answer: Answer, *, not_before: datetime) -> datetime:
    """Read when it was done; refuses a time after the answer itself or before the occurrence began."""
    instant = instant_of(answer.fields["fulfilled_at"], "时间")
    if instant > answer.at:
        raise AnswerRefused(
            f"时间 {say_instant(instant)} 晚于填报时刻 {say_instant(answer.at)}，只能填写已经发生的时间"
        )
    if instant < not_before:
        raise AnswerRefused(f"时间 {say_instant(instant)} 早于事项开始的 {say_instant(not_before)}，请核对")
    return instant


def instant_of(text: str, label: str) -> datetime:
    """Read a time that a person wrote, Asia/Shanghai unless it says otherwise; refuses what is none."""
    try:
        return parse_instant(text.replace("：", ":").replace("/", "-")).astimezone(SHANGHAI)
    except ValueError:
        raise AnswerRefused(f"{label}“{text}”无法识别，应写作 2026-09-30 15:00") from None
