"""``upload`` hands in an edited Word file under an account's name, and says what the check found."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import FIRST, KEY, PERIOD, Desk, edited, make_desk, retype

from obligations.orchestration.commands.cli import main

REASONS = retype("【待填写：收入增减变化的主要原因】", "主要受减税降费影响")
Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = make_desk(tmp_path, monkeypatch)
    desk.run(FIRST)
    return desk


@pytest.fixture
def upload(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    def call(data: bytes, person: str = "finance") -> tuple[int, Any]:
        file = tmp_path / "改稿.docx"
        file.write_bytes(data)
        capsys.readouterr()
        code = main(["upload", KEY, str(file), "--period", PERIOD, "--person", person, "--json"])
        return code, json.loads(capsys.readouterr().out)

    logging.disable(logging.CRITICAL)
    yield call
    logging.disable(logging.NOTSET)


def test_a_file_is_handed_in_once_under_the_name_given(upload: Call, desk: Desk) -> None:
    data = edited(desk.document(), REASONS, retype("151,735万元", "161,735万元"))
    code, said = upload(data)
    assert (code, said["accepted"], said["is_new"], said["replaced_run"]) == (0, True, True, FIRST)
    assert "number-changed" in {found["code"] for found in said["findings"]}
    assert [event.person for event in desk.events("uploaded")] == ["finance"]
    code, said = upload(data)
    assert (code, said["is_new"]) == (0, False)


@pytest.mark.parametrize("person", ["lands", "收件夹", " "])
def test_an_account_that_may_not_is_refused(person: str, upload: Call, desk: Desk) -> None:
    code, said = upload(desk.document(), person)
    assert code == 1
    assert "不能上传修改稿" in said["error"]
    assert desk.events("uploaded") == []


def test_what_cannot_be_opened_is_unusable_and_what_cannot_be_read_back_is_refused(upload: Call, desk: Desk) -> None:
    assert upload(b"%PDF-1.7")[0] == 2
    merged = edited(desk.document(), lambda file: file.tables[0].cell(1, 1).merge(file.tables[0].cell(1, 2)))
    code, said = upload(merged)
    assert (code, said["accepted"]) == (1, False)
    assert said["findings"]
