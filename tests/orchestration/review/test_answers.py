"""Answers to forms are checked again on the server: Airflow's REST call lets anything through."""

from datetime import datetime, timedelta

import pytest

from obligations.orchestration.review.answers import PROOF, AnswerRefused, fulfilled_at, read_answer, require
from obligations.words.publication import Blank
from obligations.words.times import SHANGHAI

AT = datetime(2026, 9, 30, 16, 0, tzinfo=SHANGHAI)
BLANKS = (Blank("reason", "主要原因"), Blank("outlook", "走势预判", required=False))


def test_an_answer_keeps_the_persons_text_stripped():
    answer = read_answer(["通过"], {"reason": "  政策翘尾 "}, "reviewer", AT, BLANKS)
    assert (answer.option, answer.person, dict(answer.fields)) == (
        "通过",
        "reviewer",
        {"reason": "政策翘尾", "outlook": ""},
    )


@pytest.mark.parametrize(
    ("options", "fields", "person", "message"),
    [
        ([], {}, "reviewer", "请选择一项办理意见"),
        (["通过", "退回修改"], {}, "reviewer", "请选择一项办理意见"),
        (["通过"], {}, None, "没有收到办理人"),
        (["通过"], {"approver": "x"}, "reviewer", "表单没有这些字段：approver"),
        (["通过"], {"reason": 5}, "reviewer", "“主要原因”应填写文字"),
        (["通过"], {"reason": "长" * 4001}, "reviewer", "“主要原因”有4001字，最多4000字"),
        (["通过"], {"reason": "可以\ud83d"}, "reviewer", "“主要原因”含有不完整的字符"),
    ],
)
def test_an_answer_that_the_form_does_not_offer_is_refused(options, fields, person, message):
    with pytest.raises(AnswerRefused, match=message):
        read_answer(options, fields, person, AT, BLANKS)


def test_a_required_blank_left_empty_is_named_and_an_optional_one_is_not():
    answer = read_answer(["通过"], {"reason": "   "}, "reviewer", AT, BLANKS)
    with pytest.raises(AnswerRefused, match=r"^以下内容尚未填写，不能通过：主要原因$"):
        require(answer, BLANKS)


def proof(text):
    return read_answer(["确认"], {"fulfilled_at": text}, "reviewer", AT, PROOF["held"])


@pytest.mark.parametrize(
    "text", ["2026-09-30 15:00", "2026/09/30 15：00", "2026-09-30T15:00+08:00", "2026-09-30T07:00:00+00:00"]
)
def test_a_time_of_fulfilment_is_read_as_people_write_it(text):
    assert fulfilled_at(proof(text), not_before=AT - timedelta(days=1)) == AT - timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("昨天下午", "无法识别，应写作 2026-09-30 15:00"),
        ("2026-09-30 16:01", "晚于填报时刻"),
        ("2026-09-28 15:00", "早于事项开始"),
    ],
)
def test_a_time_that_cannot_be_true_is_refused(text, message):
    with pytest.raises(AnswerRefused, match=message):
        fulfilled_at(proof(text), not_before=AT - timedelta(days=1))
