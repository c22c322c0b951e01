"""Two drafts of one period compared on the command line, and what the next version's cover note says of the last."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from obligations.orchestration.commands.cli import main
from obligations.orchestration.runs.trace import register, version_before
from obligations.orchestration.settings import Settings
from obligations.orchestration.work import expect, open_work
from obligations.rules.catalogue import load_one
from obligations.steps.draft import draft
from obligations.steps.gather import load_frame
from obligations.steps.rendering.folder import model_in
from obligations.words.publication import Snapshot
from obligations.words.times import SHANGHAI

KEY, PERIOD = "shandong/fiscal-monthly", "2017-06"
NOW = datetime(2026, 11, 2, 9, tzinfo=SHANGHAI)  # a Monday
FIGURES = (
    "期间,项目,单位,累计数,年初预算数,同比增减额\n"
    "2017-06,地方一般公共预算收入,万元,{income},272100,-19516\n"
    "2017-06,一般公共预算支出,万元,380377,722400,-72254\n"
)


@pytest.fixture
def call(capsys):
    def _call(*words):
        capsys.readouterr()
        code = main(words)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    logging.disable(logging.CRITICAL)
    yield _call
    logging.disable(logging.NOTSET)


@pytest.fixture
def work(tmp_path, monkeypatch):
    monkeypatch.setenv("OBLIGATIONS_HOME", str(tmp_path))
    settings = Settings.from_environment()
    with open_work(settings, load_one(settings.catalogue, KEY), PERIOD, "cli") as opened:
        yield opened


@pytest.fixture
def versions(work, tmp_path):
    """Register drafts 1 and 2, the second with another figure."""
    file = tmp_path / "2017-06.csv"
    expect(work, NOW)
    made = []
    for version, income in ((1, 151735), (2, 151835)):
        file.write_text(FIGURES.format(income=income), "utf-8")
        snapshot = Snapshot(file.name, str(file), hashlib.sha256(file.read_bytes()).hexdigest())
        made.append(
            draft(
                work.obligation,
                work.occurrence,
                work.kind,
                snapshot,
                load_frame(snapshot, work.kind.contract),
                version=version,
                out=work.drafts / f"v{version}",
                created_at=NOW,
                previous=version_before(work, version),
            )
        )
        register(work, made[-1], "generated", NOW)
    return made


def test_the_last_two_drafts_are_compared(versions, call):
    code, out, _ = call("diff-drafts", KEY, "--period", PERIOD)
    assert code == 0
    assert f"{KEY} {PERIOD}：第1稿与第2稿的不同" in out
    assert "“地方一般公共预算收入完成151,735万元”改为“地方一般公共预算收入完成151,835万元”" in out


def test_programs_get_the_whole_texts(versions, call):
    code, out, _ = call("diff-drafts", KEY, "--period", PERIOD, "--from", "2", "--to", "1", "--json")
    answer = json.loads(out)
    assert (code, answer["from"], answer["to"]) == (0, 2, 1)
    change = answer["changes"][0]
    assert (change["sort"], change["place"]) == ("changed", "一般公共预算收入")
    assert "151,835" in change["before"]
    assert "151,735" in change["after"]


def test_the_next_version_is_compared_with_the_last_one_that_is_left(versions, work):
    assert "与上一版的不同" in (versions[1].folder / "cover_note.html").read_text("utf-8")
    assert version_before(work, 1) is None
    assert version_before(work, 2) == versions[0].folder
    shutil.rmtree(versions[0].folder)
    assert version_before(work, 2) is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--to", "1"), "没有两稿可以比较，已登记的稿：1、2"),
        (("--to", "3"), "没有第3稿，已登记的稿：1、2"),
        (("--from", "7"), "没有第7稿，已登记的稿：1、2"),
        (("--from", "x"), "“x”无法识别，应为第几稿的数字，如 2"),
    ],
)
def test_a_version_that_is_not_there_is_said_with_those_that_are(words, message, versions, call):
    code, _, err = call("diff-drafts", KEY, "--period", PERIOD, *words)
    assert code == 2
    assert message in err


def test_a_draft_that_was_purged_cannot_be_compared(versions, call):
    shutil.rmtree(versions[0].folder)
    code, _, err = call("diff-drafts", KEY, "--period", PERIOD)
    assert code == 2
    assert "第1稿的文件已不在" in err


def test_reviewers_may_open_the_approval_form_and_the_cover_note(versions, work):
    (first, _) = work.ledger.drafts(KEY, PERIOD)
    assert {"approval.docx", "approval.pdf", "cover_note.html", "paste.html", "document.txt"} <= set(first.files)
    assert "model.json" not in first.files
    assert all((Path(first.folder) / name).is_file() for name in first.files)
    assert replace(model_in(Path(first.folder)), version=2) != model_in(versions[1].folder)
