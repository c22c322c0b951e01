"""The command line on the real catalogue, as people and programs call it; everything it keeps lies in a temporary home."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from command_line import Answer, Call

from obligations.orchestration.commands import cli
from obligations.orchestration.commands.chinese_arguments import say_error
from obligations.orchestration.commands.cli import main
from obligations.orchestration.settings import PACKAGE
from obligations.orchestration.telling import Teller
from obligations.rules.catalogue import load

LIST_FIELDS = {
    "key", "jurisdiction", "title", "kind", "duty", "document", "file", "clause", "quote", "departments", "clock", "due",
    "due_origin", "law", "publication",
}  # fmt: skip
DUE_FIELDS = [
    "key", "period", "period_start", "period_end", "opens_at", "draft_by", "due_at", "provisional", "earliest", "latest",
    "derivation",
]  # fmt: skip
CLOCK_FIELDS = ["start", "due_at", "provisional", "earliest", "latest", "derivation"]
COMMANDS = (
    "check", "list", "due", "clock", "draft", "run", "report-event", "ledger", "migrate", "verify-ledger",
    "decide", "purge", "diff-drafts", "check-draft",
)  # fmt: skip
ENGLISH = re.compile(
    r"usage|positional|options|optional|show this|error|required|invalid|argument|choose", re.IGNORECASE
)
# Pingtan's published figures of June 2017; see the demo's sources for the page they came from.
FISCAL = (
    "期间,项目,单位,累计数,年初预算数,同比增减额,同口径增幅(%)\n"
    "2017-05,地方一般公共预算收入,万元,130731,272100,-8279,13.9\n"
    "2017-05,一般公共预算支出,万元,276075,722400,-18369,\n"
    "2017-06,地方一般公共预算收入,万元,151735,272100,-19516,3.3\n"
    "2017-06,一般公共预算支出,万元,380377,722400,-72254,\n"
)


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the catalogue that a test may spoil."""
    copy = shutil.copytree(PACKAGE / "catalogue", tmp_path / "catalogue")
    monkeypatch.setenv("OBLIGATIONS_CATALOGUE", str(copy))
    return Path(copy)


@pytest.fixture
def figures(tmp_path: Path) -> Path:
    file = tmp_path / "财政收支6月.csv"
    file.write_bytes(FISCAL.encode("gb18030"))
    return file


@pytest.fixture
def delivered(home: Path) -> Path:
    """The same figures in the department's inbox, put there a while ago."""
    file = home / "inbox" / "shandong" / "fiscal-monthly" / "2017-06.csv"
    file.parent.mkdir(parents=True)
    file.write_bytes(FISCAL.encode("gb18030"))
    os.utime(file, (0, 0))
    return file


@pytest.fixture
def demo_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The finance department's database of the demo jurisdiction."""
    file = tmp_path / "departments.sqlite3"
    connection = sqlite3.connect(file)
    frame = pd.read_csv(io.StringIO(FISCAL), dtype=str)
    frame.assign(数据期="2017-06").to_sql("fiscal", connection, index=False)
    connection.commit()
    connection.close()
    monkeypatch.setenv("OBLIGATIONS_SOURCE_DEMO_DEPARTMENTS", f"sqlite:///{file}")
    return file


def report(call: Call, *words: str) -> Answer:
    return call("report-event", "incident", "--at", "2026-09-30T14:05", "--title", "某路段道路交通事故", *words)


def test_check_finds_the_catalogue_sound_and_counts_it(call: Call) -> None:
    answer = call("check")
    assert answer.code == 0
    assert "目录没有问题" in answer.out
    assert re.search(r"演示单位 +3 +5 +0 +0 +0 +8", answer.out)


def test_check_prints_an_empty_list_for_a_sound_catalogue(call: Call) -> None:
    answer = call("check", "--json")
    assert (answer.code, answer.json) == (0, [])


def test_check_names_every_fault_and_exits_1(call: Call, catalogue: Path) -> None:
    file = catalogue / "shandong" / "fiscal-monthly.yaml"
    file.write_text(file.read_text("utf-8").replace("FREQ=MONTHLY", "FREQ=HOURLY"), "utf-8")
    (catalogue / "demo" / "land-supply-quarterly.yaml").write_text("titel: 错", "utf-8")
    answer = call("check", "--json")
    assert answer.code == 1
    assert {(fault["file"], fault["field"].rpartition(".")[2]) for fault in answer.json} == {
        ("shandong/fiscal-monthly.yaml", "rule"),
        ("demo/land-supply-quarterly.yaml", "titel"),
    }
    lost = {key for fault in answer.json for key in fault["loses"]}
    assert lost == {"shandong/fiscal-monthly", "demo/fiscal-monthly", "demo/land-supply-quarterly"}
    assert all(fault["expected"] and fault["value"] for fault in answer.json)


@pytest.mark.parametrize("name", ["channels", "policies", "reviews"])
def test_check_names_the_faults_of_the_installations_own_rules(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    file = tmp_path / f"{name}.yaml"
    file.write_text("nonsense: true", "utf-8")
    monkeypatch.setenv(f"OBLIGATIONS_{name.upper()}", str(file))
    answer = call("check", "--json")
    assert answer.code == 1
    assert {(fault["file"], fault["field"]) for fault in answer.json} >= {(file.name, "nonsense")}


def test_list_has_every_field_of_the_contract(call: Call) -> None:
    found = call("list", "--json").json
    assert [entry["key"] for entry in found] == list(load(PACKAGE / "catalogue").obligations)
    assert all(set(entry) >= LIST_FIELDS for entry in found)


def test_list_writes_the_monthly_duty_with_the_law_of_its_time(call: Call) -> None:
    found = {entry["key"]: entry for entry in call("list", "--jurisdiction", "shandong", "--json").json}
    entry = found["shandong/fiscal-monthly"]
    assert entry["quote"] == "按月公開全省財政收支情況"
    assert entry["clock"] == "FREQ=MONTHLY"
    assert (entry["due"], entry["due_origin"]) == ("P20WD", "law")
    # The plan is of 2017, when article 18 of the regulation of 2007 was in force; article 26 came in May 2019.
    assert entry["law"] == "《政府信息公开条例》（国务院令第492号）第十八条"
    assert entry["departments"][2] == "省財政廳"
    assert entry["file"] == "001_ef33f372f56aafdd.txt"


def test_list_gives_the_texts_own_hours_no_law(call: Call) -> None:
    found = {entry["key"]: entry for entry in call("list", "--json").json}
    entry = found["demo/incident-bulletin"]
    assert (entry["clock"], entry["due"], entry["due_origin"], entry["law"]) == ("PT5H", "PT5H", "text", None)


@pytest.mark.parametrize(
    ("clock", "canonical", "due"),
    [
        ("{kind: deadline, date: 2017-12-31}", "2017-12-31", "2017-12-31"),
        (
            "{kind: recurring, rule: FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=-1}",
            "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=-1",
            "06-30",
        ),
        (
            "{kind: recurring, rule: FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=31}",
            "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=31",
            "01-31",
        ),
        ("{kind: standing, rule: CONTINUOUS}", "CONTINUOUS", "P1M"),
        ("{kind: standing, rule: TIMELY, fresh_within: P6M}", "TIMELY", "P6M"),
        ("{kind: quota, min: 3, per: week}", {"min": 3, "per": "week"}, None),
        ("{kind: event, event: 政策出台, relation: before}", {"relation": "before", "offset": None}, None),
    ],
)
def test_list_writes_limits_of_every_kind_of_clock(
    call: Call, catalogue: Path, clock: str, canonical: object, due: str | None
) -> None:
    file = catalogue / "shandong" / "incident-bulletin.yaml"
    file.write_text(re.sub(r"clock: .*", f"clock: {clock}", file.read_text("utf-8")), "utf-8")
    found = {entry["key"]: entry for entry in call("list", "--json").json}
    entry = found["shandong/incident-bulletin"]
    assert (entry["clock"], entry["due"]) == (canonical, due)


def test_list_tells_on_the_side_what_could_not_be_loaded(call: Call, catalogue: Path) -> None:
    (catalogue / "demo" / "land-supply-quarterly.yaml").write_text("titel: 错", "utf-8")
    answer = call("list", "--json")
    assert {entry["key"] for entry in answer.json} == load(PACKAGE / "catalogue").obligations.keys() - {
        "demo/land-supply-quarterly"
    }
    assert "1 项未能载入" in answer.err


def test_due_lists_the_periods_that_touch_the_range(call: Call) -> None:
    # Thursday 1 October 2026 lies in the week that began on Monday 28 September.
    found = call("due", "shandong/wholesale-prices-weekly", "--from", "2026-10-01", "--to", "2026-10-05", "--json").json
    assert [entry["period"] for entry in found] == ["2026-W40", "2026-W41"]
    assert [list(entry) for entry in found] == [DUE_FIELDS, DUE_FIELDS]
    assert (found[0]["period_start"], found[0]["period_end"]) == ("2026-09-28", "2026-10-04")


def test_due_skips_the_holiday_and_counts_the_make_up_saturday(call: Call) -> None:
    (entry,) = call("due", "demo/fiscal-monthly", "--from", "2026-09-01", "--to", "2026-09-30", "--json").json
    # 1 to 7 October off, Saturday 10 October worked: the 20th working day is Tuesday 3 November.
    assert entry["due_at"] == "2026-11-04T00:00:00+08:00"
    assert entry["opens_at"] == "2026-10-01T09:00:00+08:00"
    assert entry["provisional"] is False
    assert any("10月10日（周六）为调休上班日" in said for said in entry["derivation"])


def test_due_says_in_words_that_a_day_ends_at_24_and_what_is_provisional(call: Call) -> None:
    # The notice for 2099 is not out.
    assert "2026年11月3日24时前" in call("due", "demo/fiscal-monthly", "--from", "2026-09-01", "--to", "2026-09-30").out
    assert "暂定，待节假日通知" in call("due", "demo/fiscal-monthly", "--from", "2098-09-01", "--to", "2098-09-30").out


def test_due_remarks_on_periods_outside_the_time_in_force(call: Call) -> None:
    answer = call("due", "shandong/fiscal-monthly", "--from", "2017-12-01", "--to", "2018-01-31")
    assert "执行期为2017年5月4日至2017年12月31日，其外的 1 期" in answer.out


def test_due_of_an_event_duty_lists_reported_events_of_the_range(call: Call) -> None:
    event_id = report(call, "--json").json["event_id"]
    found = call("due", "demo/incident-bulletin", "--from", "2026-09-30", "--to", "2026-09-30", "--json").json
    assert [(entry["period"], entry["due_at"]) for entry in found] == [(event_id, "2026-09-30T19:05:00+08:00")]
    assert call("due", "demo/incident-bulletin", "--from", "2026-10-01", "--to", "2026-10-31", "--json").json == []


def test_clock_gives_one_item_a_start(call: Call) -> None:
    found = call("clock", "P7WD", "--start", "2026-09-28", "--start", "2017-01-24T10:00:00+08:00", "--json").json
    assert [list(entry) for entry in found] == [CLOCK_FIELDS, CLOCK_FIELDS]
    # 29 and 30 September, 8 and 9 October, the make-up Saturday 10, 12 and 13 October.
    assert found[0]["due_at"] == "2026-10-14T00:00:00+08:00"
    # Spring Festival, 27 January to 2 February 2017, off; Saturday 4 February a make-up day.
    assert found[1]["due_at"] == "2017-02-09T00:00:00+08:00"


def test_clock_takes_a_start_without_offset_as_shanghai_time(call: Call) -> None:
    (entry,) = call("clock", "PT5H", "--start", "2026-09-30T22:30", "--json").json
    assert (entry["start"], entry["due_at"]) == ("2026-09-30T22:30:00+08:00", "2026-10-01T03:30:00+08:00")


def test_clock_converts_a_start_with_another_offset(call: Call) -> None:
    (entry,) = call("clock", "PT5H", "--start", "2026-09-30T14:30Z", "--json").json
    assert entry["start"] == "2026-09-30T22:30:00+08:00"


def test_draft_of_a_given_file_writes_files_that_hash_as_said(call: Call, figures: Path, tmp_path: Path) -> None:
    answer = call(
        "draft", "demo/fiscal-monthly", "--period", "2017-06", "--source", str(figures), "--out", str(tmp_path / "out"), "--json"
    )  # fmt: skip
    assert answer.code == 0, answer.err
    made = answer.json
    assert any(path.endswith(".docx") for path in made["paths"])
    for file in [*made["files"], *made["kept"]]:
        path = Path(file["path"])
        assert path.is_absolute()
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file["sha256"]
    assert [file["path"] for file in made["files"]] == made["paths"]


def test_draft_prints_the_measures_of_its_figures_file(call: Call, figures: Path, tmp_path: Path) -> None:
    made = call(
        "draft", "demo/fiscal-monthly", "--period", "2017-06", "--source", str(figures), "--out", str(tmp_path / "out"), "--json"
    ).json  # fmt: skip
    assert all(list(measure) == ["id", "label", "value", "unit", "printed"] for measure in made["measures"])
    assert {measure["value"] for measure in made["measures"]} >= {"151735", "380377"}
    assert "revenue_reason" in {blank["name"] for blank in made["open_blanks"]}


def test_draft_leaves_the_given_file_and_the_ledger_alone(
    call: Call, figures: Path, tmp_path: Path, home: Path
) -> None:
    before = (figures.read_bytes(), figures.stat().st_mtime_ns)
    call(
        "draft", "demo/fiscal-monthly", "--period", "2017-06", "--source", str(figures), "--out", str(tmp_path / "out")
    )
    assert (figures.read_bytes(), figures.stat().st_mtime_ns) == before
    assert not (home / "ledger.sqlite3").exists()


def test_draft_refuses_bad_figures_and_leaves_the_file_where_it_is(call: Call, figures: Path, tmp_path: Path) -> None:
    figures.write_bytes(FISCAL.replace("151735", "暂无").encode("gb18030"))
    answer = call(
        "draft", "demo/fiscal-monthly", "--period", "2017-06", "--source", str(figures), "--out", str(tmp_path / "out"), "--json"
    )  # fmt: skip
    assert answer.code == 2
    assert answer.json["problems"] == answer.err.splitlines()
    assert all(word in answer.err for word in (figures.name, "第 4 行", "累计数", "暂无", "数字"))
    assert figures.exists()


def test_draft_gathers_from_the_departments_inbox(call: Call, delivered: Path, tmp_path: Path) -> None:
    answer = call("draft", "shandong/fiscal-monthly", "--period", "2017-06", "--out", str(tmp_path / "out"), "--json")
    assert answer.code == 0, answer.err
    assert answer.json["snapshot"]["sha256"] == hashlib.sha256(delivered.read_bytes()).hexdigest()


def test_draft_of_an_event_is_written_from_its_report(call: Call, tmp_path: Path) -> None:
    event_id = report(call, "--place", "某县某镇", "--json").json["event_id"]
    answer = call("draft", "demo/incident-bulletin", "--period", event_id, "--out", str(tmp_path / "out"), "--json")
    assert answer.code == 0, answer.err
    assert "casualties" in {blank["name"] for blank in answer.json["open_blanks"]}


def test_draft_of_an_event_takes_no_file(call: Call, figures: Path, tmp_path: Path) -> None:
    event_id = report(call, "--json").json["event_id"]
    answer = call(
        "draft",
        "demo/incident-bulletin",
        "--period",
        event_id,
        "--source",
        str(figures),
        "--out",
        str(tmp_path / "out"),
    )
    assert answer.code == 2
    assert "--source" in answer.err


def test_run_stops_at_the_review_and_the_ledger_says_so(call: Call, delivered: Path) -> None:
    answer = call("run", "shandong/fiscal-monthly", "--period", "2017-06", "--json")
    assert answer.code == 0, answer.err
    assert (answer.json["stage"], answer.json["stage_label"], answer.json["run_id"]) == ("review", "审核中", "cli")
    (row,) = call("ledger", "--json").json
    assert (row["key"], row["period"], row["stage"]) == ("shandong/fiscal-monthly", "2017-06", "review")
    assert row["drafts"][0]["sha256"] == answer.json["sha256"]


def test_run_twice_makes_one_version(call: Call, delivered: Path) -> None:
    first = call("run", "shandong/fiscal-monthly", "--period", "2017-06", "--json").json
    second = call("run", "shandong/fiscal-monthly", "--period", "2017-06", "--json").json
    assert (first["version"], first["sha256"]) == (second["version"], second["sha256"])
    assert len(call("ledger", "--json").json) == 1


def test_run_without_data_says_what_is_missing_and_exits_1(call: Call) -> None:
    answer = call("run", "demo/land-supply-quarterly", "--period", "2026-Q3")
    assert answer.code == 1
    assert "demo/land-supply-quarterly" in answer.err
    assert call("ledger", "--json").json[0]["stage"] == "waiting"


def test_report_event_opens_what_the_clause_binds(call: Call) -> None:
    found = report(call, "--json").json
    assert (found["is_new"], found["level"], found["happened_at"]) == (True, "重大", "2026-09-30T14:05:00+08:00")
    assert [(entry["key"], entry["due_at"]) for entry in found["occurrences"]] == [
        ("demo/incident-bulletin", "2026-09-30T19:05:00+08:00"),
        ("demo/incident-press-conference", "2026-10-01T14:05:00+08:00"),
    ]
    assert list(found["occurrences"][0]) == DUE_FIELDS


def test_report_event_twice_changes_nothing(call: Call) -> None:
    first, second = report(call, "--json").json, report(call, "--json").json
    assert (second["is_new"], second["event_id"], second["occurrences"]) == (
        False,
        first["event_id"],
        first["occurrences"],
    )


def test_report_event_below_the_clauses_levels_opens_nothing(call: Call) -> None:
    assert report(call, "--level", "较大", "--json").json["occurrences"] == []


def test_report_event_says_that_it_starts_no_runs(call: Call) -> None:
    assert "不启动办理" in report(call).out


def test_ledger_shows_due_time_stage_and_lateness(call: Call) -> None:
    event_id = report(call, "--json").json["event_id"]
    (row,) = call("ledger", "--key", "demo/incident-bulletin", "--period", event_id, "--json").json
    assert row["due_at"] == "2026-09-30T19:05:00+08:00"
    assert {"stages", "lateness", "late_stage", "late_owner", "evidence"} <= set(row)
    shown = call("ledger", "--key", "demo/incident-bulletin").out
    assert "2026年9月30日19:05前" in shown
    assert "待启动" in shown


def test_ledger_refuses_a_key_that_nobody_knows(call: Call) -> None:
    assert call("ledger", "--key", "demo/fiscal-montly").code == 2
    assert call("ledger", "--key", "demo/fiscal-monthly", "--json").json == []


def test_a_command_that_takes_long_says_so_beside_its_one_json_value(call: Call, monkeypatch) -> None:
    monkeypatch.setattr(cli, "Teller", partial(Teller, seconds=0.02))
    answer = call("check", "--json")
    assert re.search(r"^正在处理……（已用 \d+ 秒）$", answer.err, re.MULTILINE)
    assert answer.json == []


def test_migrate_makes_the_ledger_and_may_be_repeated(call: Call, home: Path) -> None:
    first, second = call("migrate", "--json"), call("migrate", "--json")
    assert (first.code, second.code) == (0, 0)
    assert first.json == second.json
    assert (home / "ledger.sqlite3").exists()


def test_verify_ledger_finds_an_untouched_ledger_sound(call: Call) -> None:
    report(call)
    answer = call("verify-ledger", "--json")
    assert (answer.code, answer.json["sound"], answer.json["first_fault"]) == (0, True, None)


def test_verify_ledger_tells_the_last_checkpoint_and_misses_one_that_was_kept_outside(call: Call) -> None:
    report(call)
    assert call("verify-ledger", "--json").json["checkpoint"] is None
    assert call("sweep", "--at", "2026-10-09T10:00", "--json").code == 0
    told = call("verify-ledger", "--json").json["checkpoint"]
    assert told["day"] == "2026-10-09"
    assert told["hash"] in call("verify-ledger", "--checkpoint", told["hash"]).out
    older = call("verify-ledger", "--checkpoint", told["hash"], "--checkpoint", "f" * 64, "--json")
    assert older.code == 1
    assert older.json["faults"] == [f"台账中没有封存值为 {'f' * 64} 的核对点：恢复的备份早于它，或者台账已被整体改写"]


def test_verify_ledger_names_the_first_bad_event_and_exits_1(call: Call, home: Path) -> None:
    report(call)
    with sqlite3.connect(home / "ledger.sqlite3") as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE event SET happened_at = '2020-01-01 00:00:00' WHERE seq = 1")
    connection.close()
    answer = call("verify-ledger", "--json")
    assert (answer.code, answer.json["sound"]) == (1, False)
    assert "demo/incident-bulletin" in answer.json["first_fault"]
    assert "第 1 条" in answer.json["first_fault"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "缺少必填参数：命令"),
        (("publish",), "参数 命令 的值是 publish，应为：check、list"),
        (("due", "demo/fiscal-monthly"), "缺少必填参数：--from、--to"),
        (("due", "demo/fiscal-monthly", "--from", "2026-02-30", "--to", "2026-03-01"), "“2026-02-30”无法识别"),
        (("due", "demo/fiscal-monthly", "--from", "2026-03-02", "--to", "2026-03-01"), "--from 2026-03-02 晚于"),
        (("due", "demo/fiscal-monthly", "--from", "1999-01-01", "--to", "2026-03-01"), "1999年不在日历范围内"),
        (("due", "demo/nothing", "--from", "2026-03-01", "--to", "2026-03-01"), "没有公开事项“demo/nothing”"),
        (("due", "../etc", "--from", "2026-03-01", "--to", "2026-03-01"), "“../etc”无法识别"),
        (("list", "--jurisdiction", "anhui"), "没有辖区“anhui”，目录中有：altay、daqing、demo、dingtao"),
        (("list", "extra"), "无法识别的参数：extra"),
        (("check", "--json=yes"), "参数 --json 不带值"),
        (("clock", "P20XD", "--start", "2026-01-01"), "时限“P20XD”无法识别"),
        (("clock", "P20WD", "--start", "昨天"), "参数 --start：“昨天”无法识别"),
        (("clock", "P10000WD", "--start", "2090-01-01"), "只能计算2004年至2099年"),
        (("clock", "P20WD", "--start"), "参数 --start 后面须写一个值"),
        (
            ("draft", "demo/fiscal-monthly", "--period", "2026-Q3", "--out", "out"),
            "期间“2026-Q3”无法识别，应为 2026-09",
        ),
        (("draft", "demo/incident-bulletin", "--period", "nothing", "--out", "out"), "没有编号为 nothing 的事件报告"),
        (
            ("draft", "demo/fiscal-monthly", "--period", "2026-09", "--source", "no.csv", "--out", "out"),
            "没有文件 no.csv",
        ),
        (("run", "demo/fiscal-monthly", "--period", "2026-13"), "期间“2026-13”无法识别"),
        (("report-event", "flood", "--at", "2026-09-30", "--title", "洪水"), "可用的事件类型：incident"),
        (("report-event", "incident", "--at", "2099-09-30", "--title", "事故"), "晚于现在"),
        (
            ("report-event", "incident", "--at", "2026-09-30", "--title", "事故", "--level", "大"),
            "特别重大、重大、较大、一般",
        ),
        (("report-event", "incident", "--at", "2026-09-30", "--title", "事故", "--jurisdiction", "x"), "没有辖区“x”"),
    ],
)
def test_unusable_input_is_refused_in_chinese_with_exit_2(call: Call, words: tuple[str, ...], said: str) -> None:
    answer = call(*words)
    assert answer.code == 2
    assert said in answer.err
    assert answer.out == ""
    assert not ENGLISH.search(answer.err)


def test_an_error_is_the_one_json_value_where_json_was_asked_for(call: Call) -> None:
    answer = call("clock", "P20XD", "--start", "2026-01-01", "--json")
    assert answer.code == 2
    assert answer.json["error"] == answer.err.strip()


@pytest.mark.parametrize(
    "message",
    [
        "argument --from: not allowed with argument --to",
        "argument --x: expected at least one argument",
        "something that a later Python says",
    ],
)
def test_every_error_of_the_parser_is_introduced_in_chinese(message: str) -> None:
    assert re.match(r"参数|命令行无法识别", say_error(message))


def test_a_missing_catalogue_is_unusable_not_empty(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OBLIGATIONS_CATALOGUE", str(tmp_path / "nowhere"))
    answer = call("check")
    assert answer.code == 2
    assert "nowhere" in answer.err


def test_a_bad_setting_is_unusable_input(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBLIGATIONS_GO_LIVE", "明天")
    answer = call("check")
    assert answer.code == 2
    assert "OBLIGATIONS_GO_LIVE" in answer.err


def test_a_ledger_that_is_no_database_is_told_without_a_traceback(call: Call, home: Path) -> None:
    home.mkdir()
    (home / "ledger.sqlite3").write_text("这不是数据库" * 200, "utf-8")
    answer = call("ledger")
    assert answer.code == 1
    assert "数据库出错" in answer.err


def test_a_place_that_cannot_be_written_is_named(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("OBLIGATIONS_HOME", str(tmp_path / "file" / "home"))
    answer = call("ledger")
    assert answer.code == 1
    assert "不能读写" in answer.err
    assert str(tmp_path / "file") in answer.err


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_chinese(command: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([*command.split(), "--help"])
    assert exit_.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"用法：obligations {command}".rstrip())
    assert not ENGLISH.search(shown)


def test_help_lists_every_command(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["-h"])
    shown = capsys.readouterr().out
    assert [command for command in COMMANDS if not re.search(rf"^  {command} ", shown, re.MULTILINE)] == []


@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["list", "--json"],
        ["due", "demo/fiscal-monthly", "--from", "2026-09-01", "--to", "2026-12-31"],
        ["clock", "P20WD", "--start", "2026-09-01", "--json"],
    ],
)
def test_looking_at_the_catalogue_loads_no_pandas_and_no_airflow(words: list[str], home: Path) -> None:
    program = "import sys; from obligations.orchestration.commands.cli import main; code = main(); print(*sys.modules, file=sys.stderr); sys.exit(code)"
    answer = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in answer.stderr.split()}
    assert "obligations" in loaded
    assert not loaded & {"pandas", "airflow", "sqlalchemy", "docx"}


def test_the_module_is_the_command(home: Path) -> None:
    words = ["clock", "PT24H", "--start", "2026-09-30T14:05", "--json"]
    answer = subprocess.run([sys.executable, "-m", "obligations", *words], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout)[0]["due_at"] == "2026-10-01T14:05:00+08:00"
    assert answer.stderr == ""


def test_the_module_hands_on_the_exit_code(home: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "obligations", "clock", "P1X", "--start", "2026-09-30"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "Traceback" not in answer.stderr


def test_reading_a_departments_database_leaves_standard_output_to_the_answer(
    demo_database: Path, tmp_path: Path, home: Path
) -> None:
    # The connection is looked up by Airflow, which sets up logging and writes its configuration when imported.
    words = ["draft", "demo/fiscal-monthly", "--period", "2017-06", "--out", str(tmp_path / "out"), "--json"]
    answer = subprocess.run([sys.executable, "-m", "obligations", *words], capture_output=True, text=True, check=True)
    made = json.loads(answer.stdout)
    assert {measure["value"] for measure in made["measures"]} >= {"151735", "380377"}


def test_a_terminal_without_chinese_still_gets_json(home: Path) -> None:
    words = ["clock", "PT5H", "--start", "2026-09-30T14:05", "--json"]
    answer = subprocess.run(
        [sys.executable, "-m", "obligations", *words],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(answer.stdout)[0]["derivation"][1] == "满5小时，应于2026年9月30日19:05前完成。"


def test_a_reader_who_stops_early_causes_no_error(home: Path) -> None:
    asked = "-m obligations due demo/wholesale-prices-weekly --from 2010-01-01 --to 2090-12-31 --json"
    program = f"{shlex.quote(sys.executable)} {asked} | head -c 10"
    answer = subprocess.run(["bash", "-o", "pipefail", "-c", program], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
