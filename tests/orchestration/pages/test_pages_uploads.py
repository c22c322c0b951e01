"""The page on which an edited Word file comes back: who may, only from our own form, and nothing of it on disk before."""

from __future__ import annotations

import html
import io
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.api_fastapi.common.db.common import _get_session
from desk import FIRST, KEY, PERIOD, Desk, add, edited, make_desk, retype
from fastapi.testclient import TestClient
from office_pages import BASE, AsUser, browsers

from obligations.orchestration.pages import attachments, uploads
from obligations.orchestration.pages.app import app
from obligations.orchestration.upkeep.purges import Why, carry_out, of_content
from obligations.steps.ledger import open_ledger

PLACE, ATTACHMENTS = f"/uploads/{KEY}/{PERIOD}", f"/attachments/{KEY}/{PERIOD}"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
REASONS = retype("【待填写：收入增减变化的主要原因】", "主要受减税降费影响")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = make_desk(tmp_path, monkeypatch)
    monkeypatch.setenv("AIRFLOW__API__SECRET_KEY", "a key of this test")
    desk.run(FIRST)
    monkeypatch.setattr(uploads, "now", desk.tick)
    monkeypatch.setattr(attachments, "now", desk.tick)
    return desk


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Count how often the sweep is woken; that it then runs is tried with a real Airflow."""
    calls: list[object] = []
    monkeypatch.setattr(uploads, "wake_sweep", lambda session: calls.append(session) is None)
    return calls


@pytest.fixture
def as_user(desk: Desk, woken: list[object], monkeypatch: pytest.MonkeyPatch) -> Iterator[AsUser]:
    with browsers(monkeypatch, frozenset({KEY.replace("/", ".")}), "user") as log_in:
        app.dependency_overrides[_get_session] = lambda: None
        yield log_in


def token(page: Any) -> str:
    found = re.search(r'name="token" value="(\w+)"', page.text)
    return found[1] if found else ""


def post(
    client: TestClient, data: bytes, *, name: str = "修改稿.docx", origin: str | None = BASE, **fields: str
) -> Any:
    fields.setdefault("token", token(client.get(PLACE)))
    headers = {} if origin is None else {"Origin": origin}
    return client.post(PLACE, data=fields, files={"file": (name, data, DOCX)}, headers=headers)


def test_the_page_says_what_is_to_be_edited_and_by_whom(as_user: AsUser, desk: Desk) -> None:
    page = as_user("finance").get(PLACE)
    assert page.status_code == 200
    for said in (
        "非涉密系统",
        "全省财政收支情况按月公开（2017-06）",
        "第1版",
        "finance",
        f"/drafts/{KEY}/{PERIOD}/v1/document.docx",
    ):
        assert said in page.text
    assert "script" not in page.text
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]


def test_an_edited_file_is_taken_its_findings_are_shown_and_the_sweep_is_woken(
    as_user: AsUser, desk: Desk, woken: list[object]
) -> None:
    client = as_user("finance")
    data = edited(desk.document(), REASONS, retype("151,735万元", "161,735万元"))
    answer = post(client, data, note="补写<原因>")
    assert answer.status_code == 200
    assert "已收到第1版的修改稿，正在审核的一版已撤回" in answer.text
    assert "稿中改成了“161,735万元”" in html.unescape(answer.text)
    (uploaded,) = desk.events("uploaded")
    assert (uploaded.person, uploaded.payload["name"], uploaded.payload["note"]) == (
        "finance",
        "修改稿.docx",
        "补写<原因>",
    )
    assert len(woken) == 1
    assert "没有重复登记" in post(client, data).text
    assert len(woken) == 1


def test_a_program_with_its_own_token_needs_no_form_and_gets_json(as_user: AsUser, desk: Desk) -> None:
    client = as_user("second")
    headers = {"Authorization": "Bearer x", "Accept": "application/json"}
    answer = client.post(PLACE, files={"file": ("稿.docx", edited(desk.document(), REASONS), DOCX)}, headers=headers)
    assert answer.status_code == 200
    said = answer.json()
    assert (said["accepted"], said["is_new"], said["base_version"], said["replaced_run"]) == (True, True, 1, FIRST)
    refused = client.post(PLACE, files={"file": ("稿.docx", b"%PDF-1.7", DOCX)}, headers=headers)
    assert (refused.status_code, refused.json()["accepted"]) == (422, False)
    assert "不是 .docx 文件" in refused.json()["said"]


def test_a_bearer_token_beside_a_cookie_is_a_browsers_and_needs_the_form(as_user: AsUser, desk: Desk) -> None:
    client = as_user("finance")
    client.cookies.set("_token", "x")
    answer = client.post(
        PLACE, files={"file": ("稿.docx", desk.document(), DOCX)}, headers={"Authorization": "Bearer x"}
    )
    assert answer.status_code == 403
    assert desk.events("uploaded") == []


@pytest.mark.parametrize(
    ("given", "origin"), [("", BASE), ("0" * 64, BASE), (None, "http://other.example"), (None, None)]
)
def test_only_our_own_form_uploads(given: str | None, origin: str | None, as_user: AsUser, desk: Desk) -> None:
    fields = {} if given is None else {"token": given}
    answer = post(as_user("finance"), edited(desk.document(), REASONS), origin=origin, **fields)
    assert answer.status_code == 403
    assert desk.events("uploaded") == []


@pytest.mark.parametrize(
    ("name", "role"),
    [("lands", "user"), ("office", "op"), ("stranger", "admin"), ("收件夹", "admin"), ("finance", None)],
)
def test_who_neither_owes_nor_reviews_it_may_not(name: str, role: str | None, as_user: AsUser, desk: Desk) -> None:
    data = edited(desk.document(), REASONS)
    own_token = token(as_user("finance").get(PLACE))
    client = as_user(name, role)
    assert client.get(PLACE).status_code == 403
    assert post(client, data, token=own_token).status_code == 403
    assert desk.events("uploaded", "answer_refused") == []


@pytest.mark.parametrize(("role", "code"), [("viewer", 403), ("user", 200)])
def test_without_contacts_airflows_own_right_to_answer_is_asked(
    role: str, code: int, as_user: AsUser, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OBLIGATIONS_CONTACTS")
    assert as_user("anybody", role).get(PLACE).status_code == code


def test_what_is_too_large_is_refused_before_it_is_read_whole(as_user: AsUser, desk: Desk) -> None:
    answer = post(as_user("finance"), b"PK" + b"0" * (21 * 1024 * 1024))
    assert answer.status_code == 413
    assert "20 MB" in answer.text


@pytest.mark.parametrize("files", [[], [("file", ("a.docx", b"PK", DOCX)), ("more", ("b.docx", b"PK", DOCX))]])
def test_a_form_brings_exactly_one_file(files: list[Any], as_user: AsUser, desk: Desk) -> None:
    client = as_user("finance")
    fields = {"token": token(client.get(PLACE)), "note": "x"}
    answer = client.post(PLACE, data=fields, files=files or {"note": (None, "x")}, headers={"Origin": BASE})
    assert answer.status_code in {400, 422}
    assert desk.events("uploaded") == []


def test_a_classified_file_touches_no_disk_and_the_page_says_what_to_do(
    as_user: AsUser, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rolled: list[object] = []
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", rolled.append)
    stream = io.BytesIO(edited(desk.document(), add("绝密★启用前")))
    with zipfile.ZipFile(stream, "a") as package:
        # more than a web framework keeps in memory unless told to
        package.writestr("word/media/image9.png", os.urandom(3_000_000))
    files = desk.files()
    refused = post(as_user("finance"), stream.getvalue())
    assert refused.status_code == 422
    assert "报告本单位保密员" in refused.text
    assert rolled == []
    assert desk.files() == files
    assert len(desk.events("answer_refused")) == 1


def test_what_is_published_takes_no_file_and_says_why(as_user: AsUser, desk: Desk) -> None:
    desk.say("published", address="https://example.gov.cn/a", evidence={}, grade="待核验")
    client = as_user("finance")
    page = client.get(PLACE)
    assert page.status_code == 409
    assert "已经发布" in page.text
    assert "<form" not in page.text
    answer = client.post(
        PLACE,
        files={"file": ("稿.docx", b"PK", DOCX)},
        headers={"Authorization": "Bearer x", "Accept": "application/json"},
    )
    assert answer.status_code == 409


@pytest.mark.parametrize("place", ["/uploads/shandong/nothing/2017-06", "/uploads/shandong/fiscal-monthly/2017-13"])
def test_what_there_is_not_is_not_found(place: str, as_user: AsUser) -> None:
    assert as_user("finance").get(place).status_code == 404


def test_while_the_contacts_cannot_be_read_nobody_uploads_and_no_path_is_told(as_user: AsUser, desk: Desk) -> None:
    assert desk.settings.contacts is not None
    desk.settings.contacts.unlink()
    answer = as_user("finance").get(PLACE)
    assert answer.status_code == 503
    assert "contacts" not in answer.text


def attach(client: TestClient, data: bytes, name: str, what: str) -> Any:
    return client.post(
        ATTACHMENTS,
        data={"what": what},
        files={"file": (name, data, "application/octet-stream")},
        headers={"Authorization": "Bearer x"},
    )


def test_an_attachment_is_taken_and_handed_out_as_a_download(as_user: AsUser, desk: Desk) -> None:
    answer = attach(as_user("office"), PNG, '截图";x.png', "screenshot")
    assert answer.json()["accepted"], answer.text
    sha256 = answer.json()["sha256"]
    (attached,) = desk.events("attached")
    assert (attached.person, attached.payload["what"]) == ("office", "screenshot")
    got = as_user("second", "viewer").get(f"{ATTACHMENTS}/{sha256}")
    assert got.content == PNG
    assert got.headers["Content-Disposition"] == f'attachment; filename="{sha256[:16]}.png"'
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Type"] == "image/png"
    assert "sandbox" in got.headers["Content-Security-Policy"]


def test_an_uploaded_word_file_can_be_fetched_again(as_user: AsUser, desk: Desk) -> None:
    data = edited(desk.document(), REASONS)
    post(as_user("finance"), data)
    sha256 = desk.events("uploaded")[0].payload["sha256"]
    assert as_user("second").get(f"{ATTACHMENTS}/{sha256}").content == data


def test_only_files_that_the_ledger_names_for_this_occurrence_are_there(as_user: AsUser, desk: Desk) -> None:
    client = as_user("office")
    sha256 = attach(client, PNG, "截图.png", "screenshot").json()["sha256"]
    assert client.get(f"/attachments/{KEY}/2017-05/{sha256}").status_code == 404
    assert client.get(f"{ATTACHMENTS}/{'0' * 64}").status_code == 404
    assert client.get(f"{ATTACHMENTS}/..%2F..%2Fledger.sqlite3").status_code == 404
    assert as_user("office", None).get(f"{ATTACHMENTS}/{sha256}").status_code == 403


def test_a_purged_attachment_says_so(as_user: AsUser, desk: Desk) -> None:
    client = as_user("office")
    sha256 = attach(client, PNG, "截图.png", "screenshot").json()["sha256"]
    with open_ledger(desk.settings.ledger_url) as ledger:
        why = Why("文书档案保管期限表", "演示甲", "演示单位办公室负责人")
        gone = carry_out(desk.settings, ledger, of_content(desk.settings, ledger, sha256), why, desk.tick())
    assert [path.name for path in gone] == [sha256]
    assert client.get(f"{ATTACHMENTS}/{sha256}").status_code == 410


@pytest.mark.parametrize(
    ("data", "name", "what", "code"),
    [
        (PNG, "截图.jpg", "screenshot", 422),
        (b"<html>", "页面.html", "screenshot", 422),
        (b"", "空.pdf", "receipt", 422),
        (PNG, "截图.png", "photo", 400),
    ],
)
def test_what_is_no_attachment_is_refused(
    data: bytes, name: str, what: str, code: int, as_user: AsUser, desk: Desk
) -> None:
    assert attach(as_user("office"), data, name, what).status_code == code
    assert desk.events("attached") == []


def test_another_department_attaches_nothing_here(as_user: AsUser, desk: Desk) -> None:
    assert attach(as_user("lands"), PNG, "截图.png", "screenshot").status_code == 403
