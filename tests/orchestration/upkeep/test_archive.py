"""The archive of a year: whole or not there, provable without us, by its own chains and by the ledger; and files come back.

The reports on May and June 2017 fell due in that summer and are closed; that on September 2026 is due on 3 November 2026 and open.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from command_line import Answer

from obligations.orchestration.commands.cli import main
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.upkeep.archive import making
from obligations.orchestration.upkeep.archive.layout import SUMS, seal_of
from obligations.orchestration.upkeep.archive.making import make_archive
from obligations.orchestration.upkeep.archive.proving import faults_of_archive
from obligations.orchestration.upkeep.archive.restoring import restore_files
from obligations.orchestration.upkeep.purges import Why, carry_out, of_occurrence
from obligations.orchestration.work import expect, open_work
from obligations.rules.catalogue import load_one
from obligations.steps.gather.store import keep
from obligations.steps.ledger import Sweeps, open_ledger, verify_ledger
from obligations.words.errors import UnusableInput
from obligations.words.times import SHANGHAI

KEY = "demo/fiscal-monthly"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=SHANGHAI)
LATER = NOW + timedelta(days=1)
SHARED, OWN = b"shared by two months", b"of June alone"
PLACE = "台账归档-2017"


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    monkeypatch.setenv("OBLIGATIONS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OBLIGATIONS_CATALOGUE", str(PACKAGE / "catalogue"))
    return Settings.from_environment()


@pytest.fixture
def ledger(settings):
    for period, inputs in {"2017-05": [SHARED], "2017-06": [SHARED, OWN], "2026-09": [b"of September"]}.items():
        with open_work(settings, load_one(settings.catalogue, KEY), period, "test") as work:
            expect(work, NOW)
            for data in inputs:
                path, sha256 = keep(data, "data.csv", settings.store)
                snapshot = {"file": "data.csv", "path": str(path), "sha256": sha256, "address": None}
                work.ledger.append(
                    KEY, period, "data_arrived", happened_at=NOW, recorded_at=NOW, payload={"snapshot": snapshot}
                )
            folder = work.drafts / "v1"
            folder.mkdir(parents=True)
            (folder / "draft.html").write_text(f"稿件 {period}", "utf-8")
            (folder / "model.json").write_text("{}", "utf-8")
            work.ledger.register_draft(
                KEY, period, version=1, sha256="a" * 64, folder=str(folder), files=["draft.html", "model.json"],
                happened_at=NOW, recorded_at=NOW,
            )  # fmt: skip
            if period != "2026-09":
                work.ledger.append(KEY, period, "nil", happened_at=NOW, recorded_at=NOW, payload={"reason": "无"})
    with open_ledger(settings.ledger_url) as opened:
        opened.checkpoint(NOW)
        yield opened


@pytest.fixture
def archive(settings, ledger, tmp_path) -> Path:
    return make_archive(settings, ledger, 2017, tmp_path / "out", LATER).place


@pytest.fixture
def call(capsys) -> Callable[..., Answer]:
    def call_it(*words: str) -> Answer:
        capsys.readouterr()
        code = main(["archive", *words])
        printed = capsys.readouterr()
        return Answer(code, printed.out, printed.err)

    return call_it


def reseal(place: Path) -> None:
    """Write the sums anew, as whoever changes an archive would."""
    files = sorted(path for path in place.rglob("*") if path.is_file() and path.name != SUMS)
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(place).as_posix()}\n" for path in files
    ]
    (place / SUMS).write_text("".join(sums), "utf-8")


def test_making_and_proving_say_how_far_they_are(settings, ledger, tmp_path):
    told: list[str] = []
    place = make_archive(settings, ledger, 2017, tmp_path / "out", LATER, told.append).place
    assert told[:2] == ["已写出 1 期", "已写出 2 期"]
    assert any(re.fullmatch(r"已复制 \d+ 份文件", said) for said in told)
    told.clear()
    assert list(faults_of_archive(place, ledger, told.append)) == []
    assert told[0] == "已核对 1 份文件"


def test_it_holds_the_year_each_content_once_and_any_sha256sum_can_check_it(archive, settings, ledger):
    lines = [json.loads(line) for line in (archive / "occurrences.jsonl").read_text("utf-8").splitlines()]
    assert [line["occurrence"]["period"] for line in lines] == ["2017-05", "2017-06"]
    assert [event["kind"] for event in lines[1]["events"]] == [
        "expected",
        "data_arrived",
        "data_arrived",
        "drafted",
        "nil",
    ]
    files = [json.loads(line) for line in (archive / "files.jsonl").read_text("utf-8").splitlines()]
    assert [(line["period"], line["kind"], Path(line["name"]).name) for line in files] == [
        ("2017-05", "draft", "draft.html"), ("2017-05", "draft", "model.json"), ("2017-05", "input", "data.csv"),
        ("2017-06", "draft", "draft.html"), ("2017-06", "draft", "model.json"), ("2017-06", "input", "data.csv"),
        ("2017-06", "input", "data.csv"),
    ]  # fmt: skip
    assert len(list((archive / "files").rglob("*/*"))) == 5, "two drafts, one model, two inputs"
    assert seal_of(archive).counts == {"occurrences": 2, "events": 9, "files": 5, "bytes": 63}
    subprocess.run(["sha256sum", "--check", "--strict", SUMS], cwd=archive, check=True, capture_output=True)
    assert list(faults_of_archive(archive, ledger)) == []
    assert verify_ledger(ledger) == []
    assert [path.name for path in archive.parent.iterdir()] == [PLACE]


def test_a_year_that_runs_or_has_something_open_is_refused_and_what_is_open_is_named(settings, ledger, tmp_path):
    with pytest.raises(UnusableInput, match="2026 年还没有结束"):
        make_archive(settings, ledger, 2026, tmp_path / "out", NOW)
    swept = replace(settings, ledger_url=f"sqlite:///{tmp_path / 'swept.sqlite3'}")
    with open_ledger(swept.ledger_url) as other:
        Sweeps(other).begin(datetime(2026, 9, 1, tzinfo=SHANGHAI), {})
        with open_work(swept, load_one(settings.catalogue, KEY), "2026-09", "test") as work:
            expect(work, NOW)
        with pytest.raises(UnusableInput, match="还有 1 期没有办结") as refused:
            make_archive(swept, other, 2026, tmp_path / "out", NOW + timedelta(days=60))
    assert f"{KEY} 2026-09" in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_what_was_entered_afterwards_and_left_open_is_archived_as_it_stands(settings, ledger, tmp_path):
    assert ledger.occurrence(KEY, "2026-09").historical, "of before the first sweep"
    sealed = make_archive(settings, ledger, 2026, tmp_path / "out", NOW + timedelta(days=60))
    assert sealed.counts["occurrences"] == 1
    assert list(faults_of_archive(sealed.place, ledger)) == []


def test_what_was_sealed_is_never_written_over(archive, settings, ledger):
    with pytest.raises(UnusableInput, match="已经存在"):
        make_archive(settings, ledger, 2017, archive.parent, LATER)


def test_one_that_was_cut_off_goes_on_and_is_the_same(archive, settings, ledger, tmp_path, monkeypatch):
    copied: list[Path] = []
    copy = making.copy

    def cut_off(source, target, sha256):
        if len(copied) == 3:
            target.parent.mkdir(exist_ok=True)
            target.with_name(f".{target.name}.part").write_bytes(b"half")
            raise KeyboardInterrupt
        copied.append(target)
        copy(source, target, sha256)

    monkeypatch.setattr(making, "copy", cut_off)
    with pytest.raises(KeyboardInterrupt):
        make_archive(settings, ledger, 2017, tmp_path / "again", LATER)
    monkeypatch.undo()
    monkeypatch.setenv("OBLIGATIONS_HOME", str(tmp_path / "home"))
    (part,) = (tmp_path / "again").iterdir()
    assert part.name == f".{PLACE}.part"
    stayed = {target.name: target.stat().st_ino for target in copied}
    (part / "files" / "ab").mkdir()
    (part / "files" / "ab" / ("ab" * 32)).write_bytes(b"of an attempt before something was purged")
    again = make_archive(settings, ledger, 2017, tmp_path / "again", LATER)
    assert again.seal == seal_of(archive).seal
    found = {path.name: path.stat().st_ino for path in (again.place / "files").rglob("*/*")}
    assert stayed.items() <= found.items(), "nothing is copied twice"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


FORGERIES = {
    "an event": ("occurrences.jsonl", '\\"reason\\":\\"无\\"', '\\"reason\\":\\"有\\"', "的内容与其散列值不符"),
    "the outcome": ("occurrences.jsonl", '"outcome":"nil"', '"outcome":"met"', "与至第"),
    "a draft": ("occurrences.jsonl", '"version":1}', '"version":2}', "缺失"),
    "a document": ("documents.jsonl", '\\"title\\":\\"2017年', '\\"title\\":\\"2018年', "依据文件"),
    "a checkpoint": ("checkpoints.jsonl", '"events":', '"events":1', "核对点"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_change_is_found_even_where_the_sums_were_made_anew(archive, ledger, forgery):
    name, old, new, said = FORGERIES[forgery]
    change(archive / name, old, new)
    assert list(faults_of_archive(archive, None)) == [f"文件 {name} 与归档时的 SHA-256 不符，被改动"]
    reseal(archive)
    faults = list(faults_of_archive(archive, None))
    assert faults
    assert all(said in fault for fault in faults), faults


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"sha256": 1, "title": 1}', "\ud83d"])
@pytest.mark.parametrize(
    "name", ["occurrences.jsonl", "documents.jsonl", "events.jsonl", "checkpoints.jsonl", "files.jsonl"]
)
def test_a_line_that_is_none_is_told_whatever_part_it_stands_in(archive, ledger, name, line):
    with (archive / name).open("ab") as file:
        file.write(line.encode("utf-8", "surrogatepass") + b"\n")
    reseal(archive)
    assert any("不成形" in fault for fault in faults_of_archive(archive, ledger))


def test_what_is_missing_too_much_or_changed_is_named(archive):
    (blob, other, *_) = sorted((archive / "files").rglob("*/*"))
    blob.unlink()
    other.write_bytes(b"changed")
    (archive / "more.txt").write_text("more", "utf-8")
    assert list(faults_of_archive(archive, None)) == [
        f"缺少文件 {blob.relative_to(archive)}", "多出文件 more.txt", f"文件 {other.relative_to(archive)} 与归档时的 SHA-256 不符，被改动",
    ]  # fmt: skip
    (archive / "more.txt").unlink()
    reseal(archive)
    assert any("不在归档中" in fault for fault in faults_of_archive(archive, None))


def test_the_ledger_may_go_on_but_not_say_otherwise(archive, ledger, tmp_path):
    ledger.append(KEY, "2017-06", "progress", happened_at=LATER, recorded_at=LATER, payload={"note": "补充"})
    assert list(faults_of_archive(archive, ledger)) == []
    with open_ledger(f"sqlite:///{tmp_path / 'other.sqlite3'}") as other:
        assert list(faults_of_archive(archive, other)) == [
            f"{KEY} 2017-05 第 4 条：台账中已没有这一条", f"{KEY} 2017-06 第 5 条：台账中已没有这一条",
        ]  # fmt: skip


def test_a_file_that_is_lost_keeps_the_year_open_and_one_that_was_purged_on_record_does_not(settings, ledger, tmp_path):
    (lost,) = (settings.store / "drafts" / KEY / "2017-06").rglob("draft.html")
    kept = lost.read_bytes()
    lost.unlink()
    with pytest.raises(UnusableInput, match="有 1 份文件不在稿件库中") as refused:
        make_archive(settings, ledger, 2017, tmp_path / "out", LATER)
    assert str(lost) in str(refused.value)
    lost.write_bytes(kept)
    purge = of_occurrence(settings, ledger, KEY, "2017-06")
    carry_out(settings, ledger, purge, Why("保管期限表", "演示甲", "演示单位负责人"), LATER)
    sealed = make_archive(settings, ledger, 2017, tmp_path / "out", LATER)
    assert sealed.counts["files"] == 3
    last = json.loads((sealed.place / "occurrences.jsonl").read_text("utf-8").splitlines()[-1])
    assert len(last["purged"]) == 4
    assert list(faults_of_archive(sealed.place, ledger)) == []


def test_an_input_that_was_changed_is_not_archived(settings, ledger, tmp_path):
    (changed,) = (path for path in (settings.store / "inputs").rglob("data.csv") if path.read_bytes() == OWN)
    changed.chmod(0o644)
    changed.write_bytes(b"other")
    with pytest.raises(UnusableInput, match="文件被改动"):
        make_archive(settings, ledger, 2017, tmp_path / "out", LATER)


def test_lost_files_come_back_and_purged_ones_do_not(archive, settings, ledger):
    before = {path: path.read_bytes() for path in settings.store.rglob("*") if path.is_file()}
    shutil.rmtree(settings.store / "drafts" / KEY / "2017-05")
    shutil.rmtree(settings.store / "inputs")
    restored = restore_files(settings, ledger, archive)
    assert len(restored) == 4
    there = {path: path.read_bytes() for path in settings.store.rglob("*") if path.is_file()}
    assert there == {path: data for path, data in before.items() if data != b"of September"}
    assert restore_files(settings, ledger, archive) == ()
    purge = of_occurrence(settings, ledger, KEY, "2017-06")
    carry_out(settings, ledger, purge, Why("保管期限表", "演示甲", "演示单位负责人"), LATER)
    assert restore_files(settings, ledger, archive) == ()


def test_another_file_in_the_place_of_one_is_left_alone(archive, settings, ledger):
    draft = settings.store / "drafts" / KEY / "2017-05" / "v1" / "draft.html"
    draft.write_text("another", "utf-8")
    (settings.store / "drafts" / KEY / "2017-06" / "v1" / "draft.html").unlink()
    with pytest.raises(UnusableInput, match="没有恢复任何文件"):
        restore_files(settings, ledger, archive)
    assert not (settings.store / "drafts" / KEY / "2017-06" / "v1" / "draft.html").exists()


def test_a_name_that_leads_out_of_the_store_is_refused(archive, settings, ledger):
    change(archive / "files.jsonl", '"name":"drafts/', '"name":"../drafts/')
    with pytest.raises(UnusableInput, match="不在稿件库之内"):
        restore_files(settings, ledger, archive)


def test_the_command_makes_proves_and_restores(call, settings, ledger, tmp_path):
    made = call("make", "2017", "--out", str(tmp_path / "out"))
    assert made.code == 0, made.err
    folder = str(tmp_path / "out" / PLACE)
    seal = seal_of(Path(folder)).seal
    assert f"封存值 {seal}" in made.out
    proved = call("verify", folder, "--json")
    assert (proved.code, proved.json["sound"], proved.json["seal"]) == (0, True, seal)
    assert "与台账一致" in call("verify", folder).out
    assert "与台账一致" not in call("verify", folder, "--alone").out
    shutil.rmtree(settings.store / "drafts" / KEY / "2017-05")
    assert "已把 2 份文件放回稿件库" in call("restore", folder).out
    change(Path(folder) / "manifest.json", "2017", "2018")
    assert call("verify", folder).code == 1
    assert call("restore", folder).code == 2
    assert "不是台账归档" in call("verify", str(tmp_path)).err
    (tmp_path / "manifest.json").write_text("[]", "utf-8")
    assert "不是台账归档" in call("verify", str(tmp_path)).err
    assert call("make", "17", "--out", str(tmp_path)).code == 2
