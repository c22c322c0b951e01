"""An edited Word file is checked, kept and made the next version; what must not come in leaves nothing behind."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desk import FIRST, PERIOD, SECOND, THIRD, Desk, add, edited, retype
from docx.document import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from obligations.orchestration import route
from obligations.orchestration.runs.claims import Superseded
from obligations.orchestration.uploads.keeping import AttachmentDamaged, spoken_name
from obligations.orchestration.uploads.receiving import (
    ClassifiedRefused,
    NotOpenForUploads,
    Received,
    UploadRefused,
    receive,
)
from obligations.words.errors import BadInput

MARKED = "绝密★启用前 卫星轨道参数"
REASONS = retype("【待填写：收入增减变化的主要原因】", "主要受减税降费影响")


def hand_in(desk: Desk, data: bytes, name: str = "修改稿.docx", person: str = "finance", note: str = "") -> Received:
    with desk.work() as work:
        return receive(work, data, name, person, note, desk.tick())


def model_of(desk: Desk, version: int) -> Any:
    folder = desk.settings.store / "drafts" / "shandong/fiscal-monthly" / PERIOD / f"v{version}"
    return json.loads((folder / "model.json").read_bytes())


def figures_of(desk: Desk, version: int) -> Any:
    folder = desk.settings.store / "drafts" / "shandong/fiscal-monthly" / PERIOD / f"v{version}"
    return json.loads((folder / "figures.json").read_bytes())


def test_an_edited_file_becomes_the_next_version_under_the_uploaders_name(at_review: Desk) -> None:
    data = edited(at_review.document(), REASONS)
    received = hand_in(at_review, data, note="补写原因")
    assert (received.base_version, received.is_new, received.replaced_run) == (1, True, FIRST)
    (uploaded,) = at_review.events("uploaded")
    said = uploaded.payload
    assert (uploaded.person, said["name"], said["base_version"], said["note"]) == (
        "finance",
        "修改稿.docx",
        1,
        "补写原因",
    )
    assert said["sha256"] == hashlib.sha256(data).hexdigest()
    assert Path(said["path"]) == at_review.settings.store / "attachments" / said["sha256"][:2] / said["sha256"]
    assert Path(said["path"]).read_bytes() == data

    made = at_review.run(SECOND)
    assert made.version == 2
    assert "主要受减税降费影响" in made.text
    assert (made.folder / "uploaded.docx").read_bytes() == data
    drafted = at_review.events("drafted")[-1]
    assert (drafted.person, drafted.payload["state"], drafted.payload["upload"]) == (
        "finance", "uploaded", said["sha256"],
    )  # fmt: skip
    first, second = (event.payload["snapshot"] for event in at_review.events("data_arrived"))
    assert first == second, "nothing is fetched anew for an edited file"


def test_a_number_changed_by_hand_is_an_error_that_the_version_carries(at_review: Desk) -> None:
    received = hand_in(at_review, edited(at_review.document(), REASONS, retype("151,735万元", "161,735万元")))
    assert "number-changed" in {found.code for found in received.findings}
    made = at_review.run(SECOND)
    errors = at_review.events("drafted")[-1].payload["errors"]
    assert any("161,735万元" in error for error in errors)
    figures = figures_of(at_review, 2)
    (changed,) = figures["overwritten"]
    assert (changed["printed"], changed["instead"]) == ("151,735万元", "161,735万元")
    for measure in figures["measures"]:
        for place in measure["printed"]:
            assert "161,735" not in place["printed"]
    note = (made.folder / "cover_note.html").read_text("utf-8")
    assert "人工改写的数字" in note
    assert "与上一版的不同" in note


def test_figures_count_the_numbers_of_the_new_version(at_review: Desk) -> None:
    hand_in(at_review, edited(at_review.document(), REASONS, add("另有说明，共12项。")))
    at_review.run(SECOND)
    runs = [run for block in model_of(at_review, 2)["blocks"] for run in block.get("runs", ())]
    printed = [run["printed"] for run in runs if run["type"] == "number"]
    places = [place for measure in figures_of(at_review, 2)["measures"] for place in measure["printed"]]
    assert {place["printed"] for place in places} >= set(printed)
    assert sorted(place["number"] for place in places) == list(range(1, len(places) + 1))


def test_a_version_may_be_edited_again_and_again(at_review: Desk) -> None:
    hand_in(at_review, edited(at_review.document(1), REASONS, add("第一次新增的一段。")))
    at_review.run(SECOND)
    hand_in(at_review, edited(at_review.document(2), add("第二次新增的一段。")), person="second")
    made = at_review.run(THIRD)
    assert "第一次新增的一段。" in made.text
    assert "第二次新增的一段。" in made.text
    ids = [block["id"] for block in model_of(at_review, 3)["blocks"]]
    assert len(ids) == len(set(ids)), "every block has an id of its own"
    known = [block["id"] for block in model_of(at_review, 1)["blocks"]]
    assert [id_ for id_ in ids if id_ in known] == known, "and those of the first draft are as they were"
    assert [event.person for event in at_review.events("drafted")] == [None, "finance", "second"]


def test_the_run_whose_version_was_replaced_never_works_again(at_review: Desk) -> None:
    hand_in(at_review, edited(at_review.document(), REASONS))
    (returned,) = at_review.events("returned")
    assert (returned.payload["replaced"], returned.payload["level"], returned.payload["comment"]) == (
        True, None, "上传修改稿",
    )  # fmt: skip
    assert (returned.person, returned.payload["run_id"]) == ("finance", FIRST)
    with at_review.work(FIRST) as work:
        for step in (
            lambda: route.gather(work, at_review.sources, at_review.tick()),
            lambda: route.draft(work, at_review.tick()),
            lambda: route.record(work, at_review.tick()),
        ):
            with pytest.raises(Superseded):
                step()
    at_review.run(SECOND)
    at_review.say("returned", SECOND, level="初审", comment="再改")
    with at_review.work(FIRST) as work, pytest.raises(Superseded):
        route.gather(work, at_review.sources, at_review.tick())


def test_after_a_return_nothing_is_taken_back_again(at_review: Desk) -> None:
    at_review.say("returned", person="second", level="复审", comment="请补写原因")
    received = hand_in(at_review, edited(at_review.document(), REASONS))
    assert received.replaced_run is None
    assert len(at_review.events("returned")) == 1
    assert "主要受减税降费影响" in at_review.run(SECOND).text


def test_the_same_file_for_the_same_version_changes_nothing(at_review: Desk) -> None:
    data = edited(at_review.document(), REASONS)
    assert hand_in(at_review, data).is_new
    before = at_review.events()
    assert not hand_in(at_review, data, name="再传一次.docx").is_new
    assert at_review.events() == before
    at_review.run(SECOND)
    assert not hand_in(at_review, data).is_new, "it is the version there is"


def test_of_two_files_for_one_version_the_last_counts_also_if_it_came_before(at_review: Desk) -> None:
    one, other = (edited(at_review.document(), REASONS, add(text)) for text in ("甲稿。", "乙稿。"))
    hand_in(at_review, one, name="甲.docx")
    assert hand_in(at_review, other, name="乙.docx").instead_of == "甲.docx"
    assert hand_in(at_review, one, name="甲.docx").instead_of == "乙.docx"
    assert "甲稿。" in at_review.run(SECOND).text
    assert len(at_review.events("uploaded")) == 3


def test_two_uploads_at_once_leave_one_return_and_a_sound_ledger(at_review: Desk) -> None:
    files = [edited(at_review.document(), REASONS, add(f"{number}号稿。")) for number in range(4)]
    start = threading.Barrier(len(files))
    done: list[Received] = []

    def upload(data: bytes) -> None:
        with at_review.work() as work:
            start.wait()
            done.append(receive(work, data, "修改稿.docx", "finance", "", at_review.now))

    threads = [threading.Thread(target=upload, args=(data,)) for data in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == len(files)
    assert len(at_review.events("uploaded")) == len(files)
    assert len(at_review.events("returned")) == 1
    last = at_review.events("uploaded")[-1].payload["sha256"]
    assert at_review.run(SECOND).text.count("号稿。") == 1
    assert at_review.events("drafted")[-1].payload["upload"] == last


def test_a_run_that_failed_before_it_drafted_leaves_the_file_to_the_next(at_review: Desk) -> None:
    hand_in(at_review, edited(at_review.document(), REASONS))
    with at_review.work(SECOND) as work:
        route.gather(work, at_review.sources, at_review.tick())
    at_review.say("failed", SECOND, stage="起草中")
    assert "主要受减税降费影响" in at_review.run(THIRD).text


def test_asking_for_a_new_draft_puts_the_file_aside(at_review: Desk) -> None:
    hand_in(at_review, edited(at_review.document(), REASONS))
    at_review.say("corrected", redraft=True, reason="数据已更正")
    assert "主要受减税降费影响" not in at_review.run(SECOND).text


def test_a_rerun_of_the_draft_gives_the_same_version(at_review: Desk) -> None:
    hand_in(at_review, edited(at_review.document(), REASONS))
    made = at_review.run(SECOND)
    before = at_review.events()
    with at_review.work(SECOND) as work:
        again = route.draft(work, at_review.tick())
    assert (again.version, again.sha256) == (made.version, made.sha256)
    assert at_review.events() == before


def test_before_there_is_a_draft_there_is_nothing_to_edit(desk: Desk) -> None:
    with pytest.raises(NotOpenForUploads, match="台账中没有"):
        hand_in(desk, b"PK")


@pytest.mark.parametrize(
    ("kind", "payload", "said"),
    [
        ("published", {"address": "https://example.gov.cn/a", "evidence": {}, "grade": "待核验"}, "已经发布"),
        ("approved", {"level": "终审", "final": True}, "已经审签"),
        ("waived", {"reason": "示例", "authority": "示例"}, "不能再上传"),
    ],
)
def test_what_is_signed_out_or_closed_takes_no_file(
    kind: str, payload: dict[str, Any], said: str, at_review: Desk
) -> None:
    data = edited(at_review.document(), REASONS)
    at_review.say(kind, **payload)
    before, files = at_review.events(), at_review.files()
    with pytest.raises(NotOpenForUploads, match=said):
        hand_in(at_review, data)
    assert (at_review.events(), at_review.files()) == (before, files)


def test_after_a_correction_was_asked_its_own_draft_may_be_edited(at_review: Desk) -> None:
    data = edited(at_review.document(), REASONS)
    at_review.say("waived", reason="示例", authority="示例")
    at_review.say("corrected", correction=True, corrects="0" * 64)
    with pytest.raises(NotOpenForUploads, match="还没有更正稿"):
        hand_in(at_review, data)
    at_review.say("drafted", state="generated")
    assert hand_in(at_review, data).is_new


def bomb() -> bytes:
    """Return a small archive with the parts of a Word file, one of which expands to 200 MB."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", b"0" * 200_000_000)
    return stream.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a") as package:
        package.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda data: b"%PDF-1.7", "不是 .docx 文件"),
        (lambda data: b"", "空文件"),
        (lambda data: b"PK" + b"0" * (20 * 1024 * 1024), "20 MB"),
        (lambda data: data[:-500], "损坏"),
        (lambda data: bomb(), "50 MB"),
        (lambda data: with_part(data, "word/vbaProject.bin", b"macro"), "宏"),
    ],
)
def test_what_must_not_be_opened_leaves_nothing(make: Callable[[bytes], bytes], said: str, at_review: Desk) -> None:
    before, files = at_review.events(), at_review.files()
    with pytest.raises(BadInput, match=said):
        hand_in(at_review, make(at_review.document()))
    assert (at_review.events(), at_review.files()) == (before, files)


def test_what_cannot_be_read_back_is_in_quarantine_with_every_reason(at_review: Desk) -> None:
    data = edited(at_review.document(), lambda file: file.tables[0].cell(1, 1).merge(file.tables[0].cell(1, 2)))
    before = at_review.events()
    with pytest.raises(UploadRefused) as refused:
        hand_in(at_review, data, name="../../../合并.docx")
    assert "合并单元格" in "".join(found.said for found in refused.value.findings)
    assert at_review.events() == before
    file, reason = sorted(at_review.settings.quarantine.rglob("*.*"), key=lambda path: len(path.name))[-2:]
    assert file.read_bytes() == data
    assert file.parent == at_review.settings.quarantine / "shandong/fiscal-monthly"
    assert "原文件名：合并.docx" in reason.read_text("utf-8-sig")
    assert "合并单元格" in reason.read_text("utf-8-sig")
    assert not (at_review.settings.store / "attachments").exists()


def in_header(file: Document) -> None:
    file.sections[0].header.paragraphs[0].text = MARKED


def in_properties(file: Document) -> None:
    file.core_properties.keywords = MARKED


@pytest.mark.parametrize("change", [add(MARKED), in_header, in_properties])
def test_of_a_classified_file_no_byte_stays_and_the_secrecy_reviewer_is_told(
    change: Any, at_review: Desk, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    data = edited(at_review.document(), change)
    files = at_review.files()
    with caplog.at_level(logging.DEBUG), pytest.raises(ClassifiedRefused) as refused:
        hand_in(at_review, data, name="卫星轨道.docx")
    assert at_review.files() == files
    (event,) = at_review.events("answer_refused")
    assert (event.person, set(event.payload)) == ("finance", {"reason"})
    assert at_review.events("uploaded", "returned") == []
    secrets = [data[:64], data[-64:], "卫星".encode(), hashlib.sha256(data).hexdigest().encode()]
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert not [secret for secret in secrets if secret in content], path
    assert "卫星" not in caplog.text + str(refused.value) + repr(refused.value.findings)
    engine = create_engine(at_review.settings.ledger_url)
    with engine.connect() as connection:
        query = "SELECT subject, recipient, urgent, facts FROM notice"
        (notice,) = connection.exec_driver_sql(query).all()
        channels = connection.exec_driver_sql("SELECT channel FROM delivery ORDER BY channel").scalars().all()
    engine.dispose()
    assert notice[0].startswith("system:classified:shandong/fiscal-monthly 2017-06")
    assert (notice[1], bool(notice[2]), channels) == ("ji", True, ["email", "sms"])
    said = json.loads(notice[3])["said"]
    assert all(word in said for word in ("finance", "2026年11月3日", "全省财政收支情况按月公开", "2017-06"))


def test_a_kept_file_that_was_changed_is_not_made_a_version(at_review: Desk) -> None:
    hand_in(at_review, edited(at_review.document(), REASONS))
    Path(at_review.events("uploaded")[0].payload["path"]).write_bytes(b"other")
    with pytest.raises(AttachmentDamaged):
        at_review.run(SECOND)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=400))
def test_a_name_is_only_text_whatever_it_is(name: str) -> None:
    said = spoken_name(name)
    assert 0 < len(said) <= 200
    assert not set(said) & set("/\\\0\n\r")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../../etc/passwd.docx", "passwd.docx"),
        ("C:\\文件\\稿.docx", "稿.docx"),
        ("/", "未命名"),
        ("甲\u202excod.exe", "甲xcod.exe"),
        ("长" * 300 + ".docx", "长" * 195 + ".docx"),
    ],
)
def test_names_of_files_are_said_without_their_paths(name: str, said: str) -> None:
    assert spoken_name(name) == said


@pytest.mark.parametrize("name", ["稿.doc", "稿.docm", "稿.docx.exe", "docx"])
def test_only_docx_is_taken(name: str, at_review: Desk) -> None:
    with pytest.raises(UploadRefused, match=r"不是 \.docx 文件"):
        hand_in(at_review, at_review.document(), name=name)
