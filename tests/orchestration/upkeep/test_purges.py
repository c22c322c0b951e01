"""Purging: what would go is shown first, the tombstone stands before the file goes, shared inputs wait for the last."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi.testclient import TestClient

from obligations.orchestration.commands.cli import main
from obligations.orchestration.pages.app import app
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.upkeep import purges
from obligations.orchestration.upkeep.purges import Why, carry_out, closed_for_years, of_occurrence
from obligations.orchestration.work import expect, open_work
from obligations.rules.catalogue import load_one
from obligations.steps.gather.store import keep
from obligations.steps.ledger import open_ledger, tombstones, verify_ledger
from obligations.words.times import SHANGHAI

KEY = "demo/fiscal-monthly"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=SHANGHAI)
WHY = Why("文书档案保管期限表", "演示甲", "演示单位办公室负责人")
CLOSED = {"2017-05": "2017-07-01", "2017-06": "2017-08-01", "2026-09": None}
SHARED, OWN = b"shared by two months", b"of June alone"
OPTIONS = ("--reason", WHY.reason, "--person", WHY.person, "--authority", WHY.authority)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("OBLIGATIONS_HOME", str(tmp_path))
    monkeypatch.setenv("OBLIGATIONS_CATALOGUE", str(PACKAGE / "catalogue"))
    return Settings.from_environment()


@pytest.fixture
def ledger(settings):
    """Three months: two closed in 2017 that share an input, one open that has gathered a third."""
    for period, closed in CLOSED.items():
        with open_work(settings, load_one(settings.catalogue, KEY), period, "test") as work:
            expect(work, NOW)
            for data in (SHARED, OWN) if period == "2017-06" else (SHARED,) if closed else (b"of September",):
                arrive(work, settings, data)
            folder = work.drafts / "v1"
            folder.mkdir(parents=True)
            (folder / "draft.html").write_text(f"稿件 {period}", "utf-8")
            (folder / "model.json").write_text("{}", "utf-8")
            work.ledger.register_draft(
                KEY, period, version=1, sha256=f"{int(period[-1]):064x}", folder=str(folder), files=["draft.html"],
                happened_at=NOW, recorded_at=NOW,
            )  # fmt: skip
            if closed:
                at = datetime.fromisoformat(f"{closed}T10:00+08:00")
                work.ledger.append(KEY, period, "nil", happened_at=at, recorded_at=NOW)
    with open_ledger(settings.ledger_url) as opened:
        yield opened


def arrive(work: Any, settings: Settings, data: bytes) -> None:
    path, sha256 = keep(data, "data.csv", settings.store)
    snapshot = {"file": "data.csv", "path": str(path), "sha256": sha256, "address": None}
    work.ledger.append(
        work.key, work.period, "data_arrived", happened_at=NOW, recorded_at=NOW, payload={"snapshot": snapshot}
    )


def names(found: Any) -> list[str]:
    return [f"{each.period} {each.file.name.rsplit('/', 1)[-1]} {each.file.size}" for each in found]


def files(settings: Settings) -> set[str]:
    return {path.relative_to(settings.store).as_posix() for path in settings.store.rglob("*") if path.is_file()}


def input_of(data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()
    return f"inputs/{digest[:2]}/{digest}/data.csv"


def purge(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main(["purge", *words, *OPTIONS, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_rule_finds_what_was_closed_so_long_ago_and_nothing_open(settings, ledger):
    found = closed_for_years(settings, ledger, 5, NOW)
    assert names(found) == [
        "2017-05 draft.html 14", "2017-05 model.json 2", "2017-05 data.csv 20",
        "2017-06 draft.html 14", "2017-06 model.json 2", "2017-06 data.csv 20", "2017-06 data.csv 13",
    ]  # fmt: skip
    assert closed_for_years(settings, ledger, 10, NOW) == ()
    assert {each.file.kind for each in found} == {"draft", "input"}


def test_nothing_goes_before_it_is_asked_for(settings, ledger, capsys):
    before = files(settings)
    code, answer = purge(capsys, "--older-than-years", "5")
    assert (code, answer["applied"], len(answer["files"]), answer["removed"]) == (0, False, 7, [])
    assert files(settings) == before
    assert tombstones(ledger, KEY, "2017-05") == ()


def test_by_rule_drafts_and_inputs_go_and_tombstones_and_events_stay(settings, ledger, capsys):
    code, answer = purge(capsys, "--older-than-years", "5", "--apply")
    assert (code, answer["applied"], len(answer["removed"])) == (0, True, 6)
    assert files(settings) == {input_of(b"of September"), f"drafts/{KEY}/2026-09/v1/draft.html",
                               f"drafts/{KEY}/2026-09/v1/model.json"}  # fmt: skip
    assert not (settings.store / "drafts" / KEY / "2017-05").exists(), "empty folders go, too"
    (first, *_) = tombstones(ledger, KEY, "2017-05")
    assert (first.name, first.size) == (f"drafts/{KEY}/2017-05/v1/draft.html", 14)
    assert (first.sha256, first.reason) == (hashlib.sha256("稿件 2017-05".encode()).hexdigest(), WHY.reason)
    assert (first.person, first.authority) == (WHY.person, WHY.authority)
    assert [event.kind for event in ledger.events(KEY, "2017-06")][-4:] == ["purged"] * 4
    assert verify_ledger(ledger) == []


def test_an_input_that_another_month_needs_stays_until_that_month_is_purged(settings, ledger, capsys):
    _, answer = purge(capsys, "--key", KEY, "--period", "2017-05", "--apply")
    assert [each["needed_by"] for each in answer["files"] if each["kind"] == "input"] == [[f"{KEY} 2017-06"]]
    assert input_of(SHARED) in files(settings)
    assert input_of(SHARED) in {tombstone.name for tombstone in tombstones(ledger, KEY, "2017-05")}
    purge(capsys, "--key", KEY, "--period", "2017-06", "--apply")
    assert input_of(SHARED) not in files(settings)


def test_an_order_by_content_reaches_every_month_that_holds_it(settings, ledger, capsys):
    _, answer = purge(capsys, "--sha256", hashlib.sha256(SHARED).hexdigest(), "--apply")
    assert [(each["period"], each["kind"]) for each in answer["files"]] == [("2017-05", "input"), ("2017-06", "input")]
    assert input_of(SHARED) not in files(settings)
    assert input_of(OWN) in files(settings)
    _, answer = purge(capsys, "--sha256", f"{9:064X}")
    assert [each["name"].rsplit("/", 1)[-1] for each in answer["files"]] == ["draft.html", "model.json"]


def test_an_order_reaches_an_open_month_and_says_so(settings, ledger, capsys):
    assert all(each.is_open for each in of_occurrence(settings, ledger, KEY, "2026-09"))
    main(["purge", "--key", KEY, "--period", "2026-09", *OPTIONS])
    shown = capsys.readouterr().out
    assert "尚未办结" in shown
    assert "尚未清除；核对无误后加 --apply 清除，清除后不能恢复" in shown


def test_a_purge_that_was_cut_off_is_finished_by_running_it_again(settings, ledger, monkeypatch):
    def break_off(path: Path, store: Path) -> None:
        raise OSError("disk gone")

    found = of_occurrence(settings, ledger, KEY, "2017-06")
    with monkeypatch.context() as broken:
        broken.setattr(purges, "_remove", break_off)
        with pytest.raises(OSError, match="disk gone"):
            carry_out(settings, ledger, found, WHY, NOW)
    assert f"drafts/{KEY}/2017-06/v1/draft.html" in files(settings)
    carry_out(settings, ledger, of_occurrence(settings, ledger, KEY, "2017-06"), WHY, NOW)
    assert f"drafts/{KEY}/2017-06/v1/draft.html" not in files(settings)
    assert len(tombstones(ledger, KEY, "2017-06")) == 4, "each once"
    assert of_occurrence(settings, ledger, KEY, "2017-06") == tuple(
        each for each in found if each.file.name == input_of(SHARED)
    )


@pytest.mark.parametrize("place", ["../elsewhere", "drafts/demo/other/2017-05", "."])
def test_what_lies_elsewhere_is_never_touched_whatever_the_ledger_names(settings, ledger, place):
    outside = settings.store / place / "v9"
    outside.mkdir(parents=True)
    (outside / "draft.html").write_text("别处", "utf-8")
    ledger.register_draft(
        KEY, "2017-05", version=9, sha256=f"{77:064x}", folder=str(outside.parent),
        files=["draft.html"], happened_at=NOW, recorded_at=NOW,
    )  # fmt: skip
    carry_out(settings, ledger, of_occurrence(settings, ledger, KEY, "2017-05"), WHY, NOW)
    assert (outside / "draft.html").read_text("utf-8") == "别处"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--key", KEY), "--key 与 --period 须同时填写"),
        (("--key", KEY, "--period", "2099-01"), "台账中没有"),
        (("--sha256", "abc"), "不是 SHA-256"),
        (("--sha256", "f" * 64), "没有 SHA-256 为"),
        (("--older-than-years", "0"), "1 至 100 的整数"),
    ],
)
def test_an_order_that_names_nothing_is_refused(ledger, capsys, words, said):
    code, answer = purge(capsys, *words)
    assert code == 2
    assert said in answer["error"]


def test_the_page_of_a_purged_draft_says_so_instead_of_not_found(settings, ledger):
    create_auth_manager()
    app.dependency_overrides[get_user] = lambda: SimpleAuthManagerUser(username="admin", role="admin")
    client = TestClient(app)
    address = f"/drafts/{KEY}/2017-05/v1/draft.html"
    try:
        assert client.get(address).text == "稿件 2017-05"
        carry_out(settings, ledger, of_occurrence(settings, ledger, KEY, "2017-05"), WHY, NOW)
        gone = client.get(address)
    finally:
        app.dependency_overrides.clear()
    assert gone.status_code == 410
    assert gone.text == (
        "这份稿件已按规定清除（2026年11月20日09:00，理由：文书档案保管期限表；批准：演示单位办公室负责人），台账记录仍在"
    )
