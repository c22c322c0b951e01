"""维护: a workbook is shown first, takes effect for who confirms it, once, and the file before is kept beside the new one."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from obligations.orchestration.pages import tables
from obligations.orchestration.pages.clock import now
from obligations.orchestration.settings import Settings
from obligations.rules.contacts import read_contacts
from obligations.steps.ledger import Sweeps, open_ledger, verify_ledger
from tests.support.office_pages import BASE, CONTACTS, FISCAL, AsUser, browsers, settings_of

NUMBER = "测试〔2026〕3号"
PEOPLE = CONTACTS.replace("roles:\n", "  - {id: wu, name: 演示戊, account: operator, email: wu@example.cn}\nroles:\n")
PEOPLE += "  - {jurisdiction: demo, role: operator, holder: wu}\n"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    (tmp_path / "holidays.yaml").write_text("notices: []\n", "utf-8")
    monkeypatch.setenv("OBLIGATIONS_HOLIDAYS", str(tmp_path / "holidays.yaml"))
    settings = settings_of(tmp_path, monkeypatch, PEOPLE)
    with open_ledger(settings.ledger_url) as ledger:
        Sweeps(ledger).begin(now() - timedelta(days=1), {})
    return settings


@pytest.fixture
def as_user(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[AsUser]:
    with browsers(monkeypatch) as log_in:
        yield log_in


def edited(data: bytes, change: Callable[[Any], Any]) -> bytes:
    book, stream = load_workbook(io.BytesIO(data)), io.BytesIO()
    change(book)
    book.save(stream)
    return stream.getvalue()


def with_another_person(data: bytes) -> bytes:
    return edited(data, lambda book: book["人员"].append([None, "演示<子>", None, "zi@example.cn"]))


def upload(client: Any, kind: str, data: bytes, name: str = "表.xlsx", **fields: str) -> Any:
    page = client.get("/tables").text
    found = re.search(rf'/tables/{kind}/preview" [^>]*>\s*<input type="hidden" name="token" value="(\w+)"', page)
    given = {"token": found[1] if found else "", **fields}
    return client.post(f"/tables/{kind}/preview", data=given, files={"file": (name, data)}, headers={"Origin": BASE})


def held(page: Any) -> dict[str, str]:
    return {
        name: html.unescape(text) for name, text in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    }


def confirm(client: Any, kind: str, fields: dict[str, str], origin: str = BASE) -> Any:
    return client.post(f"/tables/{kind}/apply", data=fields, headers={"Origin": origin})


def names(settings: Settings) -> set[str]:
    assert settings.contacts is not None
    return {person.name for person in read_contacts(settings.contacts.read_text("utf-8"), "contacts.yaml").file.people}


def test_contacts_go_out_and_come_back_with_what_changes_shown_first(as_user, settings):
    client = as_user("operator")
    exported = client.get("/tables/contacts.xlsx")
    assert exported.headers["Content-Type"].endswith("spreadsheetml.sheet")
    page = upload(client, "contacts", with_another_person(exported.content))
    assert page.status_code == 200
    assert "演示&lt;子&gt;" in page.text
    assert "共 1 处改动" in page.text
    assert "演示<子>" not in names(settings)
    done = confirm(client, "contacts", held(page))
    assert done.status_code == 200
    assert "通讯录已导入，原通讯录留存为 contacts." in done.text
    assert "演示<子>" in names(settings)
    (kept,) = settings.contacts.parent.glob("contacts.*.yaml")
    assert "演示<子>" not in kept.read_text("utf-8")


def test_what_changed_meanwhile_is_not_overwritten(as_user, settings):
    client = as_user("operator")
    page = upload(client, "contacts", with_another_person(client.get("/tables/contacts.xlsx").content))
    settings.contacts.write_text(PEOPLE + "# 有人改过\n", "utf-8")
    answer = confirm(client, "contacts", held(page))
    assert answer.status_code == 409
    assert "又有人改过" in answer.text
    assert "演示<子>" not in names(settings)


def test_what_changes_while_the_preview_is_made_is_not_overwritten(as_user, settings, monkeypatch):
    client, plan = as_user("operator"), tables.plan_contacts
    workbook = with_another_person(client.get("/tables/contacts.xlsx").content)

    def plan_and_let_somebody_write(*about: Any) -> Any:
        planned = plan(*about)
        settings.contacts.write_text(PEOPLE + "# 有人改过\n", "utf-8")
        return planned

    monkeypatch.setattr(tables, "plan_contacts", plan_and_let_somebody_write)
    page = upload(client, "contacts", workbook)
    monkeypatch.setattr(tables, "plan_contacts", plan)
    assert confirm(client, "contacts", held(page)).status_code == 409
    assert "演示<子>" not in names(settings)


def test_only_what_was_previewed_is_confirmed_by_who_did_so(as_user, settings):
    client = as_user("operator")
    exported = client.get("/tables/contacts.xlsx").content
    fields = held(upload(client, "contacts", with_another_person(exported)))
    other = held(
        upload(
            client,
            "contacts",
            edited(exported, lambda book: book["人员"].append([None, "演示丑", None, "c@example.cn"])),
        )
    )
    assert confirm(client, "contacts", fields | {"data": other["data"]}).status_code == 403
    assert confirm(client, "contacts", fields, "https://evil.example").status_code == 403
    assert confirm(as_user("office"), "contacts", fields).status_code == 403
    assert names(settings) == {"演示甲", "演示乙", "演示丙", "演示丁", "演示戊"}


def test_unchanged_contacts_offer_nothing_to_confirm(as_user):
    client = as_user("office")
    page = upload(client, "contacts", client.get("/tables/contacts.xlsx").content)
    assert "没有改动" in page.text
    assert "确认生效" not in page.text


BROKEN = {
    "no workbook": (b"no zip", "表.xlsx"),
    "another workbook": (None, "表.xlsx"),
    "no file": (b"", ""),
    "too long a file": (b"x" * (4 * 1024 * 1024 + 1), "表.xlsx"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_such_workbook_is_refused_with_the_reason(as_user, settings, case):
    data, name = BROKEN[case]
    if data is None:
        stream = io.BytesIO()
        Workbook().save(stream)
        data = stream.getvalue()
    page = upload(as_user("operator"), "contacts", data, name or "空.xlsx")
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert settings.contacts.read_text("utf-8") == PEOPLE


def test_holiday_notices_are_shown_and_take_effect(as_user, settings):
    client = as_user("office")
    exported = client.get("/tables/holidays.xlsx").content

    def announce(book: Any) -> None:
        book["放假通知"].append([NUMBER, "2026年9月1日", 2026, "个别调整"])
        book["放假与调休"].append([NUMBER, "放假", "国庆节", date(2026, 10, 8), date(2026, 10, 9)])
        book["放假与调休"].append([NUMBER, "调休上班", None, date(2026, 10, 11)])

    page = upload(client, "holidays", edited(exported, announce))
    assert page.status_code == 200, page.text
    assert f"新增通知：{NUMBER}" in page.text
    assert "上班、放假有变的共" in page.text
    assert settings.holidays.read_text("utf-8") == "notices: []\n"
    done = confirm(client, "holidays", held(page))
    assert "放假通知已导入" in done.text
    assert NUMBER in settings.holidays.read_text("utf-8")


def register(completed: str, title: str = "全区财政收支情况按月公开", period: str = "2026-08") -> bytes:
    book, stream = Workbook(), io.BytesIO()
    book.active.append(["编号", "期间", "任务", "完成情况", "佐证链接"])
    book.active.append([FISCAL, period, title, completed, "https://www.example.gov.cn/1"])
    book.save(stream)
    return stream.getvalue()


def test_an_earlier_register_is_entered_under_the_name_of_who_confirms(as_user, settings):
    client, data = as_user("office"), register("2026年9月18日完成")
    page = upload(client, "register", data, "原台账.xlsx", jurisdiction="demo")
    assert page.status_code == 200, page.text
    assert "可补录 1 行" in page.text
    with open_ledger(settings.ledger_url) as ledger:
        assert ledger.occurrence(FISCAL, "2026-08") is None
    assert "已补录 1 期，登记人 office" in confirm(client, "register", held(page)).text
    with open_ledger(settings.ledger_url) as ledger:
        row = ledger.occurrence(FISCAL, "2026-08")
        assert row is not None
        assert (row.historical, row.is_met) == (True, True)
        assert ledger.events(FISCAL, "2026-08")[-1].person == "office"
        assert verify_ledger(ledger) == []


def test_a_register_of_another_jurisdiction_is_refused(as_user, settings):
    page = upload(as_user("office"), "register", register("2026年9月18日完成"), jurisdiction="shandong")
    assert page.status_code == 422
    assert "请选择辖区" in page.text


def test_nobody_else_looks_exports_or_hands_in(as_user, settings):
    data = with_another_person(as_user("operator").get("/tables/contacts.xlsx").content)
    for account, role in (("finance", "op"), ("reviewer", "op"), ("stranger", "admin")):
        client = as_user(account, role)
        for path in ("/tables", "/tables/contacts.xlsx", "/tables/holidays.xlsx"):
            assert client.get(path).status_code == 403
        for kind in ("contacts", "holidays", "register"):
            assert upload(client, kind, data, jurisdiction="demo").status_code == 403
            assert confirm(client, kind, {"data": "", "token": ""}).status_code == 403
    client = as_user(None)
    assert client.get("/tables").status_code == 303
    assert client.post("/tables/contacts/preview", headers={"Origin": BASE}).status_code == 401
    assert client.post("/tables/contacts/apply", headers={"Origin": BASE}).status_code == 401


def test_the_office_of_one_of_several_does_not_change_what_holds_for_all(as_user, settings, monkeypatch):
    monkeypatch.setenv("OBLIGATIONS_JURISDICTIONS", "demo,shandong")
    client = as_user("office")
    assert "用于全部辖区" in client.get("/tables").text
    assert client.get("/tables/contacts.xlsx").status_code == 403
    assert as_user("operator").get("/tables/contacts.xlsx").status_code == 200


def test_kinds_there_are_not_are_not_found(as_user):
    client = as_user("operator")
    assert client.get("/tables/../../etc/passwd.xlsx").status_code in {404, 422}
    assert client.get("/tables/register.xlsx").status_code == 422
    assert client.post("/tables/other/preview", headers={"Origin": BASE}).status_code == 422
