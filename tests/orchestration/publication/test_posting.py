"""The address that a person enters: asked for with what they need, checked again on the server, entered under their name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from obligations.orchestration.publication.delivering import deliver, package_of
from obligations.orchestration.publication.posting import POSTED, answer_post, ask_post, is_posted
from obligations.orchestration.review.answers import Answer, AnswerRefused, read_answer
from obligations.orchestration.runs.claims import Superseded
from obligations.steps.ledger import verify_ledger
from obligations.words.errors import NotApproved, NotPublishable

PAGE = "https://www.example.gov.cn/art/2026/10/9/art_1.html"
MANUAL = {"type": "manual", "hosts": ["www.example.gov.cn"]}


@pytest.fixture
def answered(later):
    """Return a function that makes an answer to the form."""

    def make(address: object = PAGE, person: str = "caizheng", **fields: Any) -> Answer:
        return read_answer(["确认"], {"address": address, **fields}, person, later, POSTED)

    return make


@pytest.fixture
def signed(channels, office):
    ours = office(channels(**MANUAL))
    ours.final = ours.sign()
    return ours


def test_the_form_says_what_to_post_from_where_to_where_and_until_when(signed, now):
    form = ask_post(signed.work, now)
    assert form.subject == "登记发布网址：财政收支情况（第1版）"
    assert form.fields == POSTED
    place = str(package_of(signed.work, signed.final.sha256)).replace("_", "\\_")
    for said in ("非涉密系统", "网站", "www.example.gov.cn", "page.html", "table-1.csv", place, "### 时限推算", "还剩"):
        assert said in form.body
    assert "更正" not in form.body


def test_without_a_list_of_sites_any_public_one_will_do(settings, office, now, answered):
    ours = office(settings)
    ours.sign()
    assert "不限，须为公开网站" in ask_post(ours.work, now).body
    answer_post(ours.work, answered("https://www.another.gov.cn/1.html"), now)
    assert is_posted(ours.work)


def test_what_is_entered_counts_from_its_entry_under_the_persons_name(signed, now, later, answered):
    assert not is_posted(signed.work)
    answer_post(signed.work, answered(claimed_at="2026-10-09 15：30", note="首页要闻"), later)
    (event,) = signed.events("published")
    assert (event.happened_at, event.person) == (later, "caizheng")
    said = event.payload
    assert (said["address"], said["channel"], said["sha256"]) == (PAGE, "网站", signed.final.sha256)
    assert said["claimed_at"] == "2026-10-09T15:30:00+08:00"
    assert said["evidence"]["note"] == "首页要闻"
    assert said["evidence"]["package"] == str(package_of(signed.work, signed.final.sha256))
    assert set(said["evidence"]["files"]) == {"page.html", "table-1.csv"}
    assert said["grade"] == "待核验"
    row = signed.work.ledger.occurrence("county/monthly", "2026-09")
    assert (row.stage_label, row.is_met) == ("已发布待核验", False)
    assert is_posted(signed.work)
    assert verify_ledger(signed.work.ledger) == []


def test_an_answer_that_comes_twice_is_one_publication(signed, later, answered, statsd):
    for _ in range(2):
        answer_post(signed.work, answered(), later)
    assert len(signed.events("published")) == 1
    statsd.settle()
    assert statsd.total("airflow.obligations.published") == 1


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "以下内容尚未填写"),
        ("https://www.another.gov.cn/1.html", "不在允许的网站之列"),
        ("https://www.example.gov.cn@evil.com/", "不得含用户名、密码"),
        ("http://127.0.0.1/", "不在允许的网站之列"),
        ("javascript:alert(1)", "以 http:// 或 https:// 开头"),
        ("已发布", "以 http:// 或 https:// 开头"),
        ("https://www.example.gov.cn/" + "a" * 3000, "不超过2000字"),
    ],
)
def test_an_address_that_cannot_be_the_page_is_refused(signed, later, answered, address, why):
    with pytest.raises(AnswerRefused, match=why) as refused:
        answer_post(signed.work, answered(address), later)
    assert len(str(refused.value)) < 400
    assert signed.events("published") == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/x", "http://localhost/", "http://10.0.0.1/", "http://oa/"])
def test_without_a_list_a_host_of_our_own_network_is_refused_all_the_same(settings, office, later, answered, address):
    ours = office(settings)
    ours.sign()
    with pytest.raises(AnswerRefused, match="不是公开网站"):
        answer_post(ours.work, answered(address), later)


def test_a_host_of_our_own_network_may_be_listed(channels, office, later, answered):
    ours = office(channels(type="manual", hosts=("127.0.0.1",)))
    ours.sign()
    answer_post(ours.work, answered("http://127.0.0.1:8000/demo/"), later)
    assert is_posted(ours.work)


@pytest.mark.parametrize(
    ("claimed", "why"),
    [
        ("昨天", "网页上的发布时间“昨天”无法识别"),
        ("2026-10-09 16:05", "晚于登记时刻 2026年10月9日16:04"),
        ("2026-08-31 16:00", "早于事项开始"),
    ],
)
def test_a_time_that_cannot_be_true_is_refused(signed, later, answered, claimed, why):
    with pytest.raises(AnswerRefused, match=why):
        answer_post(signed.work, answered(claimed_at=claimed), later)
    assert signed.events("published") == []


def test_nothing_can_be_posted_that_was_not_approved(channels, office, now, later, answered):
    ours = office(channels(**MANUAL))
    ours.draft()
    for act in (lambda: ask_post(ours.work, now), lambda: answer_post(ours.work, answered(), later)):
        with pytest.raises(NotApproved):
            act()
    with pytest.raises(NotApproved):
        is_posted(ours.work)
    assert ours.events("published") == []


def test_a_return_after_the_approval_stops_it(signed, now, later, answered):
    reviewed = next(
        draft for draft in signed.work.ledger.drafts("county/monthly", "2026-09") if draft.state == "filled"
    )
    signed.work.ledger.append(
        "county/monthly", "2026-09", "returned", happened_at=now, recorded_at=now,
        payload={"sha256": reviewed.sha256, "run_id": "another"},
    )  # fmt: skip
    with pytest.raises(NotApproved):
        answer_post(signed.work, answered(), later)


def test_a_duty_to_report_up_has_no_address(settings, office, now, later, answered):
    ours = office(settings, "report")
    ours.sign()
    for act in (lambda: ask_post(ours.work, now), lambda: answer_post(ours.work, answered(), later)):
        with pytest.raises(NotPublishable, match="不得通过公开渠道发布"):
            act()


def test_another_run_cannot_enter_it(signed, later, answered):
    other = replace(signed.work, run_id="other")
    with pytest.raises(Superseded):
        answer_post(other, answered(), later)


def test_what_the_channel_delivered_itself_needs_no_entry(channels, office, now, portal):
    ours = office(channels(type="site_api", connection="site"))
    final = ours.sign()
    assert not is_posted(ours.work)
    deliver(ours.work, final, now)
    assert is_posted(ours.work)


def test_a_corrected_version_is_posted_in_the_place_of_the_first(signed, now, later, answered):
    answer_post(signed.work, answered(), later)
    signed.sign(2, "增长5.1%")
    assert not is_posted(signed.work)
    assert "本版更正已发布的" in ask_post(signed.work, now + timedelta(days=1)).body
    answer_post(signed.work, answered(note="更正"), later)
    assert [event.payload.get("corrects") for event in signed.events("published")] == [None, PAGE]
    assert is_posted(signed.work)
