"""The page 稿件: what is due and why, the versions, where each figure comes from, and who may see which of it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import FIRST, KEY, NOW, PERIOD, SECOND, Desk, edited, make_desk, retype
from fastapi.testclient import TestClient
from office_pages import BASE, AsUser, browsers

from obligations.orchestration.pages import occurrence
from obligations.orchestration.uploads.attaching import attach
from obligations.orchestration.uploads.receiving import receive

PLACE = f"/occurrences/{KEY}/{PERIOD}"
REASONS = retype("【待填写：收入增减变化的主要原因】", "主要受减税降费影响")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = make_desk(tmp_path, monkeypatch)
    monkeypatch.setenv("AIRFLOW__API__SECRET_KEY", "a key of this test")
    desk.run(FIRST)
    monkeypatch.setattr(occurrence, "now", desk.tick)
    return desk


@pytest.fixture
def as_user(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[AsUser]:
    with browsers(monkeypatch, frozenset({KEY.replace("/", ".")}), "user") as log_in:
        yield log_in


def text_of(page: Any) -> str:
    assert page.status_code == 200, page.text
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)))


def hand_in(desk: Desk, *changes: Any, note: str = "") -> None:
    """Hand in the edited first version and let the next run make a version of it."""
    with desk.work() as work:
        receive(work, edited(desk.document(), *changes), "改稿.docx", "finance", note, desk.tick())
    desk.run(SECOND)


def test_it_says_what_is_due_why_and_where_it_stands(as_user: AsUser, desk: Desk) -> None:
    page = as_user("finance").get(PLACE)
    said = text_of(page)
    for expected in (
        "2017年7月28日24时前",
        "时限推算",
        "审核中",
        "山东省财政厅",
        "《",
        "系统起草",
        "第1版（本页所示）",
    ):
        assert expected in said
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"<[^>]+ (style|on\w+)=", page.text)


def test_the_blanks_and_warnings_of_the_version_are_listed(as_user: AsUser) -> None:
    said = text_of(as_user("finance").get(PLACE))
    assert "待填写" in said
    assert "收入增减变化的主要原因" in said


def test_every_figure_of_the_draft_says_how_it_was_computed_and_from_which_cells(as_user: AsUser, desk: Desk) -> None:
    page = as_user("finance").get(PLACE)
    said = text_of(page)
    figures = json.loads((desk.settings.store / "drafts" / KEY / PERIOD / "v1" / "figures.json").read_text("utf-8"))
    assert len(figures["measures"]) > 5
    for measure in figures["measures"]:
        assert measure["label"] in said
        assert re.sub(r"\s+", " ", measure["formula"]) in said
    assert "2017-06.csv 第2行“累计数”：151735" in said


def test_every_figure_in_the_preview_is_reached_by_keyboard_and_answers(as_user: AsUser, desk: Desk) -> None:
    preview = as_user("finance").get(f"{PLACE}/v1/preview")
    assert preview.status_code == 200
    numbers = re.findall(r"<data [^>]*>", preview.text)
    assert len(numbers) > 10
    for number in numbers:
        assert 'tabindex="0"' in number
        described = re.search(r'aria-describedby="([^"]+)"', number)
        assert described is not None
        assert f'id="{described[1]}"' in preview.text
        answer = html.unescape(re.search(r'data-source="([^"]*)"', number)[1])
        assert "来源：2017-06.csv 第" in answer
    policy = preview.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox" in policy
    assert "<script" not in preview.text
    assert "附件下载" not in preview.text, "within the frame nothing can be fetched"


def test_the_frame_is_sandboxed_and_its_page_is_our_own(as_user: AsUser) -> None:
    page = as_user("finance").get(PLACE).text
    assert f'<iframe class="preview" sandbox src="/obligations{PLACE}/v1/preview"' in page


def test_an_uploaded_version_shows_its_findings_its_differences_and_what_was_overwritten(
    as_user: AsUser, desk: Desk
) -> None:
    hand_in(desk, REASONS, retype("151,735万元", "161,735万元"), note="补写原因")
    page = as_user("finance").get(PLACE)
    said = text_of(page)
    for expected in (
        "第2版（本页所示）",
        "上传的修改稿",
        "与第1版的差异",
        "主要受减税降费影响",
        "人工改动的数字",
        "161,735万元",
        "错误",
    ):
        assert expected in said
    assert "<ins>" in page.text
    older = as_user("finance").get(f"{PLACE}?version=1")
    assert "第1版（本页所示）" in text_of(older)
    assert "与第" not in text_of(older)


def test_the_rounds_of_review_tell_who_said_what_and_when(as_user: AsUser, desk: Desk) -> None:
    desk.say("returned", person="signer", level="初审", comment="请核对<上年>数")
    said = text_of(as_user("office").get(PLACE))
    for expected in ("审核经过", "初审", "退回修改", "signer", "请核对<上年>数", "2026年11月3日09:"):
        assert expected in said


def test_attachments_are_listed_as_downloads(as_user: AsUser, desk: Desk) -> None:
    with desk.work() as work:
        sha256 = attach(work, b"\x89PNG\r\n\x1a\n" + b"0" * 64, "截图<1>.png", "screenshot", "finance", desk.tick())
    page = as_user("finance").get(PLACE)
    assert f'href="/obligations/attachments/{KEY}/{PERIOD}/{sha256}"' in page.text
    assert "截图&lt;1&gt;.png" in page.text


def test_files_that_were_purged_are_said_to_be_gone(as_user: AsUser, desk: Desk) -> None:
    folder = desk.settings.store / "drafts" / KEY / PERIOD / "v1"
    for path in folder.iterdir():
        path.unlink()
    assert "已按规定清除，或不在草稿库中" in text_of(as_user("finance").get(PLACE))
    assert as_user("finance").get(f"{PLACE}/v1/preview").status_code == 404
    lost = as_user("finance").get(f"/drafts/{KEY}/{PERIOD}/v1/document.docx")
    assert lost.status_code == 404
    assert "从备份恢复" in lost.text


@pytest.mark.parametrize("path", [PLACE, f"{PLACE}/v1/preview"])
def test_who_may_see_it(path: str, as_user: AsUser) -> None:
    for account in ("finance", "second", "signer", "secrecy", "office"):
        assert as_user(account).get(path).status_code == 200, account
    for account in ("lands", "stranger"):
        assert as_user(account).get(path).status_code == 404, account
    anonymous = as_user(None).get(path)
    assert anonymous.status_code == 303
    assert "login" in anonymous.headers["location"]


def test_who_is_not_logged_in_cannot_answer(as_user: AsUser) -> None:
    assert as_user(None).post(f"{PLACE}/answer", data={"task": "review_final"}).status_code == 401


@pytest.mark.parametrize(
    "path",
    [f"/occurrences/{KEY}/2017-13", f"/occurrences/{KEY}/2099-01", "/occurrences/shandong/nothing/2017-06",
     f"{PLACE}?version=9", f"{PLACE}/v9/preview", f"/occurrences/{KEY}/..%2F..%2Fetc/v1/preview"],
)  # fmt: skip
def test_what_there_is_not_is_not_found(path: str, as_user: AsUser) -> None:
    assert as_user("finance").get(path).status_code == 404


@pytest.mark.parametrize("account", ["lands", "stranger"])
def test_another_department_gets_no_draft_and_no_attachment_by_any_address(
    account: str, as_user: AsUser, desk: Desk
) -> None:
    with desk.work() as work:
        sha256 = attach(work, b"\x89PNG\r\n\x1a\n" + b"0" * 64, "截图.png", "screenshot", "finance", desk.tick())
    addresses = [f"/drafts/{KEY}/{PERIOD}/v1/document.docx", f"/drafts/{KEY}/{PERIOD}/v1/figures.json",
                 f"/attachments/{KEY}/{PERIOD}/{sha256}"]  # fmt: skip
    for address in addresses:
        assert as_user("finance").get(address).status_code == 200, address
        assert as_user(account).get(address).status_code in {403, 404}, address


def test_looking_changes_nothing(as_user: AsUser, desk: Desk) -> None:
    before = desk.events()
    as_user("finance").get(PLACE)
    as_user("finance").get(f"{PLACE}/v1/preview")
    assert desk.events() == before
    assert desk.now > NOW


def attach_by_form(client: TestClient, desk: Desk, name: str, data: bytes, *, what: str = "approval_form") -> Any:
    place = f"{PLACE}/attach"
    found = re.search(rf'action="[^"]*{place}".*?name="token" value="(\w+)"', client.get(PLACE).text, re.DOTALL)
    fields = {"what": what, "token": found[1] if found else ""}
    return client.post(place, data=fields, files={"file": (name, data)}, headers={"Origin": BASE})


def test_the_signed_form_is_attached_from_the_page_and_listed_with_who_brought_it(as_user: AsUser, desk: Desk) -> None:
    client = as_user("finance")
    answer = attach_by_form(client, desk, "审批单<甲>.pdf", b"%PDF-1.7\n" + b"0" * 64)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"../{PERIOD}#attached")
    (event,) = desk.events("attached")
    assert (event.person, event.payload["what"]) == ("finance", "approval_form")
    said = text_of(client.get(PLACE))
    assert "信息发布审批单： 审批单<甲>.pdf" in said
    assert "审批单<甲>" not in client.get(PLACE).text, "escaped"


def test_what_cannot_be_attached_is_refused_on_the_page(as_user: AsUser, desk: Desk) -> None:
    answer = attach_by_form(as_user("finance"), desk, "程序.exe", b"MZ" + b"0" * 64)
    assert answer.status_code == 409
    assert "程序.exe" in re.search(r'role="alert">(.*?)</p>', answer.text, re.DOTALL)[1]
    assert desk.events("attached") == []


def test_only_who_works_on_it_is_offered_the_form(as_user: AsUser, desk: Desk) -> None:
    assert f"{PLACE}/attach" in as_user("signer").get(PLACE).text
    office = as_user("office")
    assert f"{PLACE}/attach" in office.get(PLACE).text
    assert (
        office.post(f"{PLACE}/attach", data={"what": "record"}, files={"file": ("a.pdf", b"%PDF-1.7")}).status_code
        == 403
    )
    assert as_user("lands").get(PLACE).status_code == 404
