"""Gathering what is no data: a department's document, checked when it arrives, and the list of what is held."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from obligations.publications.submission import arrange
from obligations.steps.gather import (
    Sources,
    gather,
    gather_file,
    gather_holdings,
    is_ready,
    load_holdings,
    load_manuscript,
)
from obligations.words.errors import BadInput, CatalogueFault, SourceNotReady, UnusableInput
from obligations.words.material import GivenParagraph, HeldFile, Manuscript, Proven
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Period
from obligations.words.times import SHANGHAI

QUARTER = Period("2026-Q3", date(2026, 7, 1), date(2026, 9, 30))
NOW = datetime(2026, 9, 28, 9, 30, tzinfo=SHANGHAI)
SPRING, AUGUST = datetime(2026, 4, 10, 9, tzinfo=SHANGHAI), datetime(2026, 8, 3, 16, tzinfo=SHANGHAI)
QUARTERLY = {"kind": "recurring", "rule": "FREQ=MONTHLY;INTERVAL=3"}
TWICE = {"kind": "quota", "count": 2, "per": "quarter"}
SHARE = {"kind": "quota", "min_pct": 50, "of": "政务新媒体", "per": "quarter"}
CURRENT = {"kind": "standing", "rule": "TIMELY"}


def obligation(clock: dict[str, object], **source: object) -> Obligation:
    return Obligation.model_validate(
        {
            "key": "demo/checks",
            "jurisdiction": {"slug": "demo", "name": "演示单位", "level": "demo"},
            "document": {"title": "要点", "issued_by": "办公厅", "in_force_from": "2026-01-01"},
            "title": "网站抽查情况",
            "clause": "一",
            "quote": "抽查",
            "duty": "publish",
            "departments": [],
            "publication": "submission",
            "clock": clock,
            "due": None,
            "due_origin": None,
            "fulfilment": "completed",
            "source": source or {"kind": "folder"},
        }
    )


DELIVERED = obligation(QUARTERLY, kind="inbox")


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    inbox = tmp_path / "收件夹"
    inbox.mkdir()

    def no_engine(connection: str):
        raise AssertionError(connection)

    return Sources(inbox, tmp_path / "store", tmp_path / "quarantine", no_engine)


@pytest.fixture
def drop(sources: Sources) -> Callable[..., Path]:
    def write(name: str, text: str = "合格。", at: datetime = AUGUST) -> Path:
        file = sources.inbox / "demo" / "checks" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        os.utime(file, (at.timestamp(), at.timestamp()))
        return file

    return write


def test_a_document_is_kept_as_it_came_and_read_back_whole(sources, drop):
    original = drop("2026-Q3.md", "本季抽查3次。")
    snapshot = gather(DELIVERED, QUARTER, None, sources=sources, now=NOW, examine=arrange)
    assert Path(snapshot.path).read_bytes() == original.read_bytes()
    assert load_manuscript(snapshot) == Manuscript(None, (GivenParagraph("本季抽查3次。"),))


def test_a_document_that_cannot_be_read_whole_goes_to_quarantine_when_it_arrives(sources, drop):
    original = drop("2026-Q3.md", "本季<b>抽查</b>3次。")
    with pytest.raises(BadInput) as refused:
        gather(DELIVERED, QUARTER, None, sources=sources, now=NOW, examine=arrange)
    assert refused.value.problems[0].startswith("文件 2026-Q3.md 第 1 行有HTML 标记")
    assert "原件已移至隔离区" in refused.value.problems[1]
    assert not original.exists()


def test_what_the_kind_refuses_goes_to_quarantine_too(sources, drop):
    drop("2026-Q3.md", "## 二、水质\n\n合格。")
    with pytest.raises(BadInput, match="序号按先后应为“一、”"):
        gather(DELIVERED, QUARTER, None, sources=sources, now=NOW, examine=arrange)
    assert list(sources.quarantine.rglob("*.原因.txt"))


def test_a_nil_report_is_delivered_like_any_other_file(sources, drop):
    drop("2026-Q3.零报告.txt", "本季未开展抽查。")
    snapshot = gather(DELIVERED, QUARTER, None, sources=sources, now=NOW, examine=arrange)
    assert load_manuscript(snapshot).nil_reason == "本季未开展抽查。"


def test_a_document_and_a_nil_report_contradict_each_other(sources, drop):
    drop("2026-Q3.md")
    drop("2026-Q3.零报告.txt")
    with pytest.raises(BadInput, match=r"2 个文件都符合 2026-Q3\.\*"):
        gather(DELIVERED, QUARTER, None, sources=sources, now=NOW, examine=arrange)


def test_a_file_that_a_person_names_is_examined_as_well(sources, drop):
    with pytest.raises(BadInput, match="HTML"):
        gather_file(drop("2026-Q3.md", "<b>x</b>"), None, sources=sources, now=NOW, examine=arrange)


def held(sources: Sources, clock: dict[str, object] = TWICE, proven: tuple[Proven, ...] = (), **source: object):
    return load_holdings(gather_holdings(obligation(clock, **source), QUARTER, proven, sources=sources, now=NOW))


def test_a_check_waits_for_nothing_and_an_absent_folder_holds_nothing(sources):
    assert is_ready(obligation(TWICE), QUARTER, sources, NOW)
    found = held(sources)
    assert (found.files, found.proven, found.last_proven) == ((), (), None)
    assert (found.requirement, found.folder, found.asks_how_many) == ("每季度2次", "demo/checks", True)


def test_files_are_listed_by_name_and_those_of_the_period_marked(sources, drop):
    drop("2026-Q3-1.docx", at=SPRING)  # its name carries the period
    drop("八月.docx")  # changed within the period
    drop("办法.docx", at=SPRING)
    drop("~$八月.docx")
    drop("归档/2026-Q3-2.docx")
    size = len("合格。".encode())
    assert held(sources).files == (
        HeldFile("2026-Q3-1.docx", size, SPRING, in_period=True),
        HeldFile("八月.docx", size, AUGUST, in_period=True),
        HeldFile("办法.docx", size, SPRING, in_period=False),
        HeldFile("归档/2026-Q3-2.docx", size, AUGUST, in_period=True),
    )


def test_another_folder_can_be_named_and_never_one_outside_the_inbox(sources, drop):
    drop("八月.docx")
    assert held(sources, kind="folder", folder="demo/other").files == ()
    with pytest.raises(CatalogueFault, match="收件夹之内的相对路径"):
        held(sources, kind="folder", folder="../store")


def test_a_link_in_the_folder_is_not_listed(sources, drop, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    (drop("八月.docx").parent / "link.txt").symlink_to(secret)
    assert [file.name for file in held(sources).files] == ["八月.docx"]


BEFORE = Proven("2026-Q2", SPRING, "通报第1号")
WITHIN = Proven("2026-Q3", AUGUST, "通报第2号")
LATER = Proven("2026-Q3", datetime(2026, 9, 29, tzinfo=SHANGHAI), "通报第3号")


def test_what_the_ledger_proves_counts_in_its_period_and_never_from_the_future(sources):
    found = held(sources, proven=(LATER, WITHIN, BEFORE))
    assert found.proven == (WITHIN,)
    assert found.last_proven == WITHIN


def test_a_quota_behind_its_pace_is_remarked_on(sources):
    (remark,) = held(sources, proven=(BEFORE,)).remarks
    assert remark.startswith("截至2026年9月28日，2026-Q3 完成0次，按每季度2次的进度应有1次，还剩2日，尚缺2次。")
    assert held(sources, proven=(WITHIN,)).remarks == ()


def test_a_share_cannot_be_counted_from_files(sources):
    assert held(sources, SHARE).remarks == ("比例不能由文件数推算，请核对后填写。",)


def test_a_standing_duty_is_asked_for_when_it_was_never_proven_or_is_no_longer_fresh(sources):
    assert held(sources, CURRENT).remarks == ("台账中没有更新或确认的记录，请核对现行公开内容。",)
    assert held(sources, CURRENT, (BEFORE,)).remarks == (
        "上次更新或确认的有效期到2026年7月10日为止，已过期，请更新或确认没有变化。",
    )
    assert held(sources, CURRENT, (WITHIN,)).remarks == ()


def test_the_same_holdings_are_the_same_bytes(sources, drop):
    drop("八月.docx")
    one, two = (gather_holdings(obligation(TWICE), QUARTER, (WITHIN,), sources=sources, now=NOW) for _ in range(2))
    assert one == two


def test_a_delivery_is_still_waited_for_where_one_is_due(sources):
    with pytest.raises(SourceNotReady):
        gather(DELIVERED, QUARTER, None, sources=sources, now=NOW, examine=arrange)
    with pytest.raises(UnusableInput, match="不是收件夹清单"):
        gather_holdings(DELIVERED, QUARTER, (), sources=sources, now=NOW)
