"""Tables that people keep, through the command line: contacts, holiday notices, an old register, and the export."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from command_line import Call
from openpyxl import load_workbook

from obligations.orchestration.deadline import OccurrenceDeadline
from obligations.orchestration.settings import PACKAGE, Settings
from obligations.orchestration.work import expect, open_work
from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load_one
from obligations.rules.contacts import read_contacts
from obligations.rules.workbooks.register import OFFICE_COLUMNS
from obligations.steps.ledger import Sweeps, open_ledger, verify_ledger
from obligations.words.times import SHANGHAI, end_of_day

FISCAL = "全区财政收支情况按月公开"
NOW = datetime(2026, 10, 12, 9, tzinfo=SHANGHAI)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OBLIGATIONS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OBLIGATIONS_CONTACTS", str(tmp_path / "home" / "contacts.yaml"))
    monkeypatch.setenv("OBLIGATIONS_HOLIDAYS", str(tmp_path / "home" / "holidays.yaml"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "holidays.yaml").write_text("notices: []\n", "utf-8")
    return tmp_path / "home"


@pytest.fixture
def contacts(home: Path) -> Path:
    """The demo's contacts, where an installation keeps its own."""
    file = home / "contacts.yaml"
    file.write_bytes((PACKAGE / "demo" / "contacts.yaml").read_bytes())
    return file


def edit(file: Path, change: Callable[[Any], Any]) -> Path:
    workbook = load_workbook(file)
    change(workbook)
    workbook.save(file)
    return file


def test_contacts_exported_and_imported_unchanged_change_nothing(call: Call, contacts: Path, tmp_path: Path) -> None:
    before = contacts.read_bytes()
    assert call("contacts", "export", tmp_path / "a.xlsx").code == 0
    answer = call("contacts", "import", tmp_path / "a.xlsx", "--apply", "--json")
    assert (answer.code, answer.json["changes"], answer.json["applied"]) == (0, [], False)
    assert [path.name for path in contacts.parent.iterdir() if "contacts" in path.name] == ["contacts.yaml"]
    assert contacts.read_bytes() == before


def test_a_change_of_contacts_is_shown_first_and_takes_effect_when_applied(
    call: Call, contacts: Path, tmp_path: Path
) -> None:
    before = contacts.read_bytes()
    file = tmp_path / "a.xlsx"
    call("contacts", "export", file)

    def change(book: Any) -> None:
        book["人员"].append([None, "演示子", None, "zi@example.cn"])
        responsible = next(row for row in book["角色"].iter_rows(min_row=2) if row[2].value == "责任人")
        responsible[3].value, responsible[4].value = "演示子", None

    preview = call("contacts", "import", edit(file, change))
    assert preview.code == 0
    assert "演示子" in preview.out
    assert "以上只是预览" in preview.out
    assert contacts.read_bytes() == before

    applied = call("contacts", "import", file, "--apply", "--json").json
    assert [(change["sheet"], change["sort"]) for change in applied["changes"]] == [
        ("人员", "新增"),
        ("角色", "删除"),
        ("角色", "新增"),
    ]
    assert Path(applied["kept"]).read_bytes() == before
    text = contacts.read_text("utf-8")
    assert any(person.name == "演示子" for person in read_contacts(text, "contacts.yaml").file.people)
    assert call("contacts", "import", file, "--json").json["changes"] == []


def test_an_import_names_the_roles_that_lose_their_holder(call: Call, contacts: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    call("contacts", "export", file)

    def change(book: Any) -> None:
        number = next(row[0].row for row in book["角色"].iter_rows(min_row=2) if row[2].value == "政务公开办")
        book["角色"].delete_rows(number)

    answer = call("contacts", "import", edit(file, change), "--json")
    assert answer.json["roles_left_empty"] == ["demo （整个辖区） 政务公开办"]
    assert {(gap["jurisdiction"], gap["role"]) for gap in answer.json["unfilled"]} >= {("demo", "office")}


def test_a_faulty_workbook_changes_nothing_and_every_problem_is_named(
    call: Call, contacts: Path, tmp_path: Path
) -> None:
    before = contacts.read_bytes()
    file = tmp_path / "a.xlsx"
    call("contacts", "export", file)

    def spoil(book: Any) -> None:
        book["角色"]["C2"], book["角色"]["D3"] = "负责人", "没有的人"

    answer = call("contacts", "import", edit(file, spoil), "--apply", "--json")
    assert answer.code == 2
    assert len(answer.json["problems"]) == 2
    assert contacts.read_bytes() == before


def test_the_first_contacts_may_come_from_the_empty_form(call: Call, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    assert call("contacts", "export", file).code == 0
    edit(file, lambda book: book["人员"].append(["jia", "演示甲", None, "jia@example.cn"]))
    answer = call("contacts", "import", file, "--apply", "--json")
    assert (answer.json["applied"], answer.json["kept"]) == (True, None)
    assert (home / "contacts.yaml").stat().st_mode & 0o077 == 0


def test_an_export_never_overwrites_what_somebody_may_be_editing(call: Call, contacts: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    call("contacts", "export", file)
    for words in (("contacts", "export", file), ("holidays", "export", file)):
        answer = call(*words)
        assert (answer.code, "已经存在" in answer.err) == (2, True)
    assert call("contacts", "export", tmp_path / "a.csv").code == 2


def test_the_check_names_roles_without_holders_and_people_without_address(
    call: Call, contacts: Path, tmp_path: Path
) -> None:
    file = tmp_path / "a.xlsx"
    call("contacts", "export", file)

    def change(book: Any) -> None:
        for row in book["人员"].iter_rows(min_row=2):
            if row[1].value == "演示乙":
                row[3].value = None

    call("contacts", "import", edit(file, change), "--apply")
    answer = call("contacts", "check", "--json")
    assert answer.code == 1
    assert [person["name"] for person in answer.json["unreachable"]] == ["演示乙"]
    unfilled = {(gap["jurisdiction"], gap["department"], gap["role"]) for gap in answer.json["unfilled"]}
    assert not any(jurisdiction == "demo" for jurisdiction, _, _ in unfilled)
    assert "演示乙" in call("contacts", "check").out


def test_without_a_contacts_file_the_commands_say_how_to_name_one(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("OBLIGATIONS_CONTACTS")
    answer = call("contacts", "export", tmp_path / "a.xlsx")
    assert (answer.code, "OBLIGATIONS_CONTACTS" in answer.err) == (2, True)


def test_help_and_errors_of_an_action_are_chinese(call: Call) -> None:
    answer = call("contacts")
    assert (answer.code, "缺少必填参数" in answer.err) == (2, True)
    assert "参数 操作 的值是 remove" in call("contacts", "remove").err


def amend(file: Path) -> Path:
    """Type in an amendment for October 2026: two working days off, a Sunday worked."""

    def type_in(book: Any) -> None:
        number = "测试〔2026〕3号"
        book["放假通知"].append([number, "2026年9月1日", 2026, "个别调整"])
        book["放假与调休"].append([number, "放假", "国庆节", date(2026, 10, 8), date(2026, 10, 9)])
        book["放假与调休"].append([number, "调休上班", None, date(2026, 10, 11)])

    return edit(file, type_in)


def expect_fiscal(period: str, now: datetime = NOW) -> None:
    settings = Settings.from_environment()
    with open_work(settings, load_one(settings.catalogue, "demo/fiscal-monthly"), period, "cli") as work:
        expect(work, now)


def test_a_notice_is_shown_with_what_it_moves_and_takes_effect_when_applied(
    call: Call, home: Path, tmp_path: Path
) -> None:
    expect_fiscal("2026-09")  # due 20 working days after 30 September
    expect_fiscal("2026-06")  # due in July, which the amendment does not reach
    file = tmp_path / "h.xlsx"
    call("holidays", "export", file)
    amend(file)

    preview = call("holidays", "import", file)
    assert "2026年10月8日（周四）至10月9日（周五）由上班改为放假：国庆节放假" in preview.out
    assert "2026年10月11日（周日）由放假改为上班：调休上班" in preview.out
    assert "台账中未办结的 1 期时限将改变" in preview.out
    assert (home / "holidays.yaml").read_text("utf-8") == "notices: []\n"

    before = load_calendar(home / "holidays.yaml").version
    applied = call("holidays", "import", file, "--apply", "--json").json
    assert applied["moved"] == [
        {
            "key": "demo/fiscal-monthly",
            "period": "2026-09",
            "due_at_before": "2026-11-04T00:00:00+08:00",
            "due_at": "2026-11-05T00:00:00+08:00",
        }
    ]
    assert Path(applied["kept"]).read_text("utf-8") == "notices: []\n"
    assert load_calendar(home / "holidays.yaml").version == applied["calendar_version"] != before
    assert call("holidays", "import", file, "--json").json["applied"] is False
    call("holidays", "export", tmp_path / "again.xlsx")
    assert load_workbook(tmp_path / "again.xlsx")["放假通知"]["A2"].value == "测试〔2026〕3号"


def test_an_applied_notice_is_seen_by_every_door(call: Call, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "h.xlsx"
    call("holidays", "export", file)
    call("holidays", "import", amend(file), "--apply")
    moved = end_of_day(date(2026, 11, 4))
    settings = Settings.from_environment()
    obligation = load_one(settings.catalogue, "demo/fiscal-monthly")
    with open_work(settings, obligation, "2026-09", "cli") as work:  # a task
        assert work.occurrence.due_at == moved
    assert OccurrenceDeadline.of(obligation, "due_at").occurrence("2026-09", {}).due_at == moved  # the scheduler
    due = call("due", "demo/fiscal-monthly", "--from", "2026-09-01", "--to", "2026-09-30", "--json")
    assert due.json[0]["due_at"] == moved.isoformat()


def test_no_door_forgets_the_installation_s_own_notices() -> None:
    forgotten = []
    for module in sorted((PACKAGE / "orchestration").rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id in {"load_calendar", "check_notices"} and not node.args:
                forgotten.append(f"{module.relative_to(PACKAGE)}:{node.lineno}")
    assert not forgotten, f"pass settings.holidays: {forgotten}"


def test_a_notice_that_contradicts_the_law_is_refused_in_the_words_of_the_form(
    call: Call, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "h.xlsx"
    call("holidays", "export", file)
    edit(file, lambda book: book["放假通知"].append(["测试〔2026〕1号", "2026-11-20", 2027, "全年安排"]))
    answer = call("holidays", "import", file, "--apply", "--json")
    assert answer.code == 2
    assert "通知“测试〔2026〕1号”的放假是“未含元旦2027年1月1日”" in answer.json["problems"][1]
    assert (home / "holidays.yaml").read_text("utf-8") == "notices: []\n"


def test_a_broken_file_of_own_notices_is_a_fault_of_the_check(call: Call, home: Path) -> None:
    (home / "holidays.yaml").write_text("notice: []\n", "utf-8")
    answer = call("check", "--json")
    assert (answer.code, [fault["file"] for fault in answer.json]) == (1, ["holidays.yaml"])


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """An old register: two rows that can be entered, one open, one undated, one unknown."""
    rows = [
        ("任务", "完成时限", "进展情况", "完成情况", "佐证链接", "编号", "期间"),
        (FISCAL, "2026-08-28", "", "2026年8月27日公开", "http://example.cn/7", "", ""),
        ("土地供应", "", "", "2026年7月20日 16:05公开", "", "demo/land-supply-quarterly", "2026-Q2"),
        (FISCAL, "2026-09-28", "正在核数", "未完成", "", "", ""),
        (FISCAL, "2026-07-28", "", "已公开", "", "", ""),
        ("没有的任务", "2026-07-28", "", "2026年7月20日公开", "", "", ""),
        (FISCAL, "", "", "2026年9月28日公开", "", "", "2026-09"),
    ]
    file = tmp_path / "台账.csv"
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    file.write_text(text.getvalue(), "utf-8-sig")
    return file


@pytest.fixture
def swept(home: Path) -> None:
    """The installation's first sweep, before which everything is historical."""
    with open_ledger(Settings.from_environment().ledger_url) as ledger:
        Sweeps(ledger).begin(NOW, {})


def test_an_old_register_is_shown_row_by_row_and_nothing_is_recorded(call: Call, swept: None, register: Path) -> None:
    answer = call("import-ledger", register, "--jurisdiction", "demo", "--json")
    assert answer.code == 1  # some rows need a person's hand
    assert [(row["row"], row["verdict"], row["period"]) for row in answer.json["rows"]] == [
        (2, "enter", "2026-07"),
        (3, "enter", "2026-Q2"),
        (4, "open", "2026-08"),
        (5, "refused", "2026-06"),
        (6, "none", None),
        (7, "refused", "2026-09"),  # due after the first sweep: worked on here
    ]
    assert call("ledger", "--json").json == []
    assert "以上只是预览" in call("import-ledger", register, "--jurisdiction", "demo").out


def test_rows_are_entered_as_historical_under_a_person_s_name_and_only_once(
    call: Call, swept: None, register: Path
) -> None:
    words = ("import-ledger", register, "--jurisdiction", "demo", "--apply", "--person", "演示甲", "--json")
    assert call(*words).json["entered"] == 2
    rows = {row["period"]: row for row in call("ledger", "--json").json}
    assert set(rows) == {"2026-07", "2026-Q2"}
    july = rows["2026-07"]
    assert (july["historical"], july["met"], july["lateness"], july["address"]) == (
        True,
        True,
        "补录",
        "http://example.cn/7",
    )
    (proof,) = july["evidence"]
    assert (proof["grade"], proof["person"], proof["evidence"]["details"]["row"]) == ("人工佐证", "演示甲", 2)
    assert july["met_at"] == "2026-08-27T23:59:59+08:00"  # the register gives the day alone
    assert rows["2026-Q2"]["met_at"] == "2026-07-20T16:05:00+08:00"

    again = call(*words)
    assert (again.json["entered"], again.json["counts"]["known"]) == (0, 2)
    with open_ledger(Settings.from_environment().ledger_url) as ledger:
        assert len(ledger.events("demo/fiscal-monthly", "2026-07")) == 3  # expected, published, verified
        assert verify_ledger(ledger) == []


def test_what_the_ledger_knows_is_never_overwritten(call: Call, swept: None, register: Path) -> None:
    expect_fiscal("2026-07", NOW)  # opened here by hand, before anybody entered the register
    with open_ledger(Settings.from_environment().ledger_url) as ledger:
        before = ledger.occurrence("demo/fiscal-monthly", "2026-07")
        ledger.append("demo/fiscal-monthly", "2026-07", "nil", happened_at=NOW, recorded_at=NOW, person="演示乙")
    words = ("import-ledger", register, "--jurisdiction", "demo", "--apply", "--person", "演示甲", "--json")
    row = call(*words).json["rows"][0]
    assert (row["verdict"], row["why"]) == ("known", "台账中已是“零报告”，不改动")
    with open_ledger(Settings.from_environment().ledger_url) as ledger:
        assert ledger.occurrence("demo/fiscal-monthly", "2026-07").head_seq == before.head_seq + 1


def test_an_entry_that_was_interrupted_is_finished_by_the_next(call: Call, swept: None, register: Path) -> None:
    from obligations.orchestration.upkeep.register_entries import enter, judge
    from obligations.rules.catalogue import load
    from obligations.rules.delivery import Delivery
    from obligations.rules.workbooks.register import read_register
    from obligations.rules.workbooks.register_matching import match_rows

    calendar = load_calendar()
    rows = read_register(register.read_bytes(), Delivery(register.name)).rows[:1]
    obligations = load(PACKAGE / "catalogue").obligations
    matches = match_rows(rows, obligations, calendar, jurisdiction="demo", find_event=lambda _: None)
    with open_ledger(Settings.from_environment().ledger_url) as ledger:
        (entry,) = judge(matches, ledger, NOW)
        ledger.register_evidence = None  # the process dies between the two acts
        with pytest.raises(TypeError):
            enter(entry, ledger, calendar, file=register.name, person="演示甲", now=NOW)
    answer = call("import-ledger", register, "--jurisdiction", "demo", "--apply", "--person", "演示甲", "--json")
    assert answer.json["rows"][0]["why"] == "补全上次未完成的补录"
    with open_ledger(Settings.from_environment().ledger_url) as ledger:
        events = ledger.events("demo/fiscal-monthly", "2026-07")
        assert [event.kind for event in events] == ["expected", "published", "verified"]
        assert verify_ledger(ledger) == []


@pytest.mark.parametrize("person", [(), ("--person", " ")])
def test_nothing_is_entered_without_somebody_who_vouches(call: Call, register: Path, person: tuple[str, ...]) -> None:
    answer = call("import-ledger", register, "--jurisdiction", "demo", "--apply", *person)
    assert (answer.code, "对真实性负责" in answer.err) == (2, True)
    assert call("ledger", "--json").json == []


def test_a_time_that_cannot_be_is_refused(call: Call, swept: None, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    tomorrow = f"{datetime.now(SHANGHAI) + timedelta(days=2):%Y年%m月%d日}"
    lines = ["任务,完成情况,期间", f"{FISCAL},{tomorrow}公开,2026-07", f"{FISCAL},2026年5月3日公开,2026-06"]
    file.write_text("\n".join(lines), "utf-8")
    rows = call("import-ledger", file, "--jurisdiction", "demo", "--json").json["rows"]
    assert [row["verdict"] for row in rows] == ["refused", "refused"]
    assert "还没有到" in rows[0]["why"]
    assert "早于这一期可以完成的最早时间" in rows[1]["why"]


@pytest.mark.parametrize("name", ["台账.xlsx", "台账.csv"])
def test_the_export_has_the_office_s_columns_and_is_understood_when_imported(
    name: str, call: Call, swept: None, register: Path, tmp_path: Path
) -> None:
    call("import-ledger", register, "--jurisdiction", "demo", "--apply", "--person", "演示甲")
    out = tmp_path / name
    assert call("export", "--out", out, "--json").json["rows"] == 2
    if out.suffix == ".xlsx":
        header = [cell.value for cell in load_workbook(out).active[1]]
    else:
        header = next(csv.reader(io.StringIO(out.read_text("utf-8-sig"))))
    assert tuple(header) == OFFICE_COLUMNS
    rows = call("import-ledger", out, "--jurisdiction", "demo", "--json").json["rows"]
    assert {(row["verdict"], row["period"]) for row in rows} == {("known", "2026-07"), ("known", "2026-Q2")}


def test_the_export_may_be_limited_and_refuses_what_it_does_not_know(
    call: Call, swept: None, register: Path, tmp_path: Path
) -> None:
    call("import-ledger", register, "--jurisdiction", "demo", "--apply", "--person", "演示甲")
    out = tmp_path / "a.xlsx"
    assert call("export", "--out", out, "--key", "demo/fiscal-monthly", "--json").json["rows"] == 1
    assert call("export", "--out", out, "--jurisdiction", "shandong", "--json").json["rows"] == 0
    for words in (("--jurisdiction", "nowhere"), ("--key", "demo/nothing")):
        assert call("export", "--out", out, *words).code != 0
    assert "应以 .xlsx 或 .csv 结尾" in call("export", "--out", tmp_path / "a.docx").err
