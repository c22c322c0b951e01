"""Attachments: what a file is its content says, it is kept once, and the ledger knows whose it is."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from desk import PERIOD, SECOND, Desk, add, edited, retype

from obligations.orchestration.upkeep.purges import Why, carry_out, of_occurrence
from obligations.orchestration.uploads.attaching import What, attach, type_of
from obligations.orchestration.uploads.receiving import ClassifiedRefused, UploadRefused, receive
from obligations.steps.ledger import open_ledger
from obligations.words.errors import BadInput, UnusableInput

PDF, JPG, PNG = b"%PDF-1.7\n%%EOF", b"\xff\xd8\xff\xe0" + b"0" * 32, b"\x89PNG\r\n\x1a\n" + b"0" * 32
KEY = "shandong/fiscal-monthly"


def package(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return stream.getvalue()


OFD = package("OFD.xml", "Doc_0/Document.xml")


def hand_in(desk: Desk, data: bytes, name: str, what: What = "other", person: str = "office") -> str:
    with desk.work() as work:
        return attach(work, data, name, what, person, desk.tick())


@pytest.mark.parametrize(
    ("data", "name"), [(PDF, "单.pdf"), (JPG, "图.JPG"), (JPG, "图.jpeg"), (PNG, "图.png"), (OFD, "单.ofd")]
)
def test_each_kind_of_file_is_kept_under_its_content(data: bytes, name: str, at_review: Desk) -> None:
    sha256 = hand_in(at_review, data, f"../../{name}", "receipt")
    (attached,) = at_review.events("attached")
    said = attached.payload
    assert (attached.person, said["what"], said["name"], said["size"]) == ("office", "receipt", name, len(data))
    place = at_review.settings.store / "attachments" / sha256[:2] / sha256
    assert said["path"] == str(place)
    assert place.read_bytes() == data


def test_an_approval_form_names_the_version_it_belongs_to(at_review: Desk) -> None:
    hand_in(at_review, PDF, "审批单.pdf", "approval_form")
    data = edited(at_review.document(), retype("【待填写：收入增减变化的主要原因】", "主要受减税降费影响"))
    with at_review.work() as work:
        receive(work, data, "稿.docx", "finance", "", at_review.tick())
    at_review.run(SECOND)
    hand_in(at_review, PDF, "审批单.pdf", "approval_form")
    said = [event.payload for event in at_review.events("attached")]
    shas = [event.payload["sha256"] for event in at_review.events("drafted")]
    assert [(each["version"], each["draft_sha256"]) for each in said] == [(1, shas[0]), (2, shas[1])]


def test_before_there_is_a_draft_no_approval_form_belongs_to_anything(desk: Desk) -> None:
    with pytest.raises(UnusableInput, match="台账中没有"):
        hand_in(desk, PDF, "审批单.pdf", "approval_form")


def test_the_same_file_as_the_same_thing_is_attached_once(at_review: Desk) -> None:
    hand_in(at_review, PNG, "一.png", "screenshot")
    hand_in(at_review, PNG, "二.png", "screenshot")
    hand_in(at_review, PNG, "三.png", "site_log")
    assert [event.payload["what"] for event in at_review.events("attached")] == ["screenshot", "site_log"]


@pytest.mark.parametrize(
    ("make", "name", "said"),
    [
        (lambda data: b"", "空.pdf", "空文件"),
        (lambda data: PDF + b"0" * (20 * 1024 * 1024), "大.pdf", "20 MB"),
        (lambda data: PNG, "图.jpg", "内容是 .png"),
        (lambda data: b"MZ\x90", "图.png", "不是可以登记的附件"),
        (lambda data: b"<svg/>", "图.svg", "不是可以登记的附件"),
        (lambda data: package("a.txt"), "包.zip", "不是可以登记的附件"),
        (lambda data: OFD, "单.docx", "内容是 .ofd"),
    ],
)
def test_what_is_something_else_is_refused_and_not_kept(
    make: Callable[[bytes], bytes], name: str, said: str, at_review: Desk
) -> None:
    files = at_review.files()
    with pytest.raises(UploadRefused, match=said):
        hand_in(at_review, make(b""), name)
    assert at_review.files() == files
    assert at_review.events("attached") == []


def test_a_word_file_with_a_mark_of_secrecy_leaves_nothing(at_review: Desk) -> None:
    files = at_review.files()
    with pytest.raises(ClassifiedRefused):
        hand_in(at_review, edited(at_review.document(), add("机密★5年")), "记录.docx", "record")
    assert at_review.files() == files
    assert len(at_review.events("answer_refused")) == 1
    assert hand_in(at_review, at_review.document(), "记录.docx", "record")


def test_a_word_file_with_a_macro_is_refused(at_review: Desk) -> None:
    stream = io.BytesIO(at_review.document())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("word/vbaProject.bin", b"macro")
    with pytest.raises(BadInput, match="宏"):
        hand_in(at_review, stream.getvalue(), "记录.docx", "record")


def test_a_damaged_archive_is_no_file_of_ours() -> None:
    assert type_of(OFD) == ".ofd"
    assert type_of(OFD[:-30]) is None


def test_files_handed_in_are_purged_with_their_occurrence_as_proof(at_review: Desk) -> None:
    sha256 = hand_in(at_review, PNG, "图.png", "screenshot")
    data = edited(at_review.document(), retype("【待填写：收入增减变化的主要原因】", "主要受减税降费影响"))
    with at_review.work() as work:
        given = receive(work, data, "稿.docx", "finance", "", at_review.tick()).sha256
    with open_ledger(at_review.settings.ledger_url) as ledger:
        found = of_occurrence(at_review.settings, ledger, KEY, PERIOD)
        proofs = {each.file.sha256: each for each in found if each.file.kind == "proof"}
        assert set(proofs) == {sha256, given}
        assert proofs[sha256].file.name == f"attachments/{sha256[:2]}/{sha256}"
        why = Why("文书档案保管期限表", "演示甲", "演示单位办公室负责人")
        gone = carry_out(at_review.settings, ledger, found, why, at_review.tick())
    assert {proofs[sha256].path, proofs[given].path} <= set(gone)
    assert not list((at_review.settings.store / "attachments").rglob("*"))
    assert len(at_review.events("purged")) == len(found)
