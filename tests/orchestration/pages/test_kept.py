"""What the API server keeps between requests is never what somebody has changed meanwhile."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from obligations.orchestration.pages.forms import page_template
from obligations.orchestration.pages.kept import catalogue_of, ledger_of
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.steps.ledger import Sweeps
from obligations.words.errors import LedgerNotReady
from tests.support.office_pages import browsers, settings_of

OBLIGATION = """
title: 事项一
clause: 示例
quote: 按月公开有关情况
duty: publish
departments: [演示单位财政局]
publication: fiscal-monthly
clock: {kind: recurring, rule: FREQ=MONTHLY}
due: {limit: P15WD, origin: text}
source: {kind: inbox}
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    catalogue = copytree(PACKAGE / "catalogue", tmp_path / "catalogue")
    return replace(settings_of(tmp_path, monkeypatch), catalogue=catalogue)


def test_a_ledger_is_opened_once_and_refused_as_soon_as_another_program_has_migrated_it(settings: Settings) -> None:
    ledger = ledger_of(settings)
    assert ledger_of(settings) is ledger
    file = settings.ledger_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE ledger_version SET version_num = '9999'")
    with pytest.raises(LedgerNotReady, match="请先升级本程序"):
        ledger_of(settings)


def test_a_ledger_that_was_taken_away_is_made_anew_and_one_put_in_its_place_is_read(settings: Settings) -> None:
    file = Path(settings.ledger_url.removeprefix("sqlite:///"))
    assert Sweeps(ledger_of(settings)).last() is None
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink()
    assert Sweeps(ledger_of(settings)).last() is None


def test_a_page_says_that_the_ledger_cannot_be_read_and_not_how_the_program_failed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger_of(settings)
    with closing(sqlite3.connect(settings.ledger_url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE ledger_version SET version_num = '9999'")
    with browsers(monkeypatch) as as_user:
        answer = as_user("office").get("/register")
    assert answer.status_code == 503
    assert "台账不能读写" in answer.text


def test_a_template_is_compiled_once_and_again_when_it_has_changed(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.j2").write_text("{{ said }}", "utf-8")
    kept = [page_template(tmp_path, f"{number}.j2") for number in range(20)]
    assert all(page_template(tmp_path, f"{number}.j2") is kept[number] for number in range(20))
    (tmp_path / "0.j2").write_text("《{{ said }}》", "utf-8")
    os.utime(tmp_path / "0.j2", ns=(1, 1))  # the clock of a file system may be coarse
    assert page_template(tmp_path, "0.j2").render(said="<b>") == "《&lt;b&gt;》"


def test_the_catalogue_is_read_again_when_a_file_comes_changes_or_goes(settings: Settings) -> None:
    other = settings.catalogue / "demo" / "one-more.yaml"
    before = catalogue_of(settings)
    assert catalogue_of(settings) is before
    other.write_text(OBLIGATION, "utf-8")
    assert catalogue_of(settings).keys() - before.keys() == {"demo/one-more"}
    other.write_text(OBLIGATION.replace("事项一", "事项二"), "utf-8")
    os.utime(other, ns=(1, 1))  # the clock of a file system may be coarse
    assert catalogue_of(settings)["demo/one-more"].title == "事项二"
    other.unlink()
    assert catalogue_of(settings).keys() == before.keys()


def test_without_a_catalogue_there_are_no_obligations(settings: Settings, tmp_path: Path) -> None:
    assert catalogue_of(replace(settings, catalogue=tmp_path / "none")) == {}
