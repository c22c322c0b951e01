"""Contacts as a workbook: there and back without loss, every problem by its cell, and the changes in words."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
from openpyxl import load_workbook

from obligations.rules.delivery import Delivery
from obligations.rules.workbooks.contacts_changes import contact_changes, roles_left_empty
from obligations.rules.workbooks.contacts_reading import read_contacts_workbook
from obligations.rules.workbooks.contacts_writing import Place, write_contacts
from obligations.rules.yaml_files import parse_model
from obligations.rules.yaml_text import yaml_text
from obligations.words.contacts import Absence, ContactsFile, DutyShift, Holding, Person, Role
from obligations.words.errors import BadInput

PLACES = (
    Place("demo", "演示单位", ("演示单位财政局", "演示单位农业农村局")),
    Place("shandong", "山东省", ("示例省财政厅",)),
)
FILE = Delivery("通讯录.xlsx")
CONTACTS = ContactsFile(
    people=(
        Person(id="jia", name="演示甲", account="yanshi-jia", email="jia@example.cn", mobile="13800000001"),
        Person(id="yi", name="演示乙", mobile="13800000002", channels=("sms", "im:dingtalk_demo")),
        Person(id="yi-2", name="演示乙", email="yi2@example.cn", removed_on=date(2026, 9, 1)),
    ),
    roles=(
        Holding(jurisdiction="demo", department="演示单位财政局", role=Role.RESPONSIBLE, holder="jia", deputy="yi"),
        Holding(jurisdiction="demo", role=Role.OFFICE, holder="yi"),
    ),
    absences=(Absence(person="jia", first=date(2026, 10, 1), last=date(2026, 10, 8), delegate="yi", reason="年休假"),),
    duty=(
        DutyShift(
            jurisdiction="demo",
            post="duty_room",
            person="jia",
            start=datetime.fromisoformat("2026-10-01T08:30"),
            end=datetime.fromisoformat("2026-10-02T08:30"),
        ),
    ),
)


def read(data: bytes) -> ContactsFile:
    return read_contacts_workbook(data, FILE, PLACES)


def problems_of(data: bytes) -> list[str]:
    with pytest.raises(BadInput) as refused:
        read(data)
    return list(refused.value.problems)


@pytest.fixture
def workbook() -> bytes:
    return write_contacts(CONTACTS, PLACES)


def test_contacts_come_back_from_the_workbook_as_they_went(workbook):
    assert read(workbook) == CONTACTS


def test_contacts_without_anything_come_back_empty():
    assert read(write_contacts(ContactsFile(), PLACES)) == ContactsFile()


def test_contacts_come_back_from_their_yaml_as_they_went():
    text = yaml_text(CONTACTS, "第一行\n第二行")
    assert text.startswith("# 第一行\n# 第二行\npeople:\n")
    assert parse_model(text, "contacts.yaml", ContactsFile) == CONTACTS


def test_the_workbook_has_a_sheet_for_each_list_and_one_that_explains_them(workbook):
    assert load_workbook(io.BytesIO(workbook)).sheetnames == ["人员", "角色", "请假与代理", "值班表", "说明"]


def test_roles_jurisdictions_and_people_are_chosen_from_lists(workbook):
    sheet = load_workbook(io.BytesIO(workbook))["角色"]
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert lists["A2:A2000"] == '"演示单位,山东省"'
    assert lists["C2:C2000"].startswith('"责任人,初审人,')
    assert lists["D2:D2000"] == "'人员'!$B$2:$B$2000"  # grows with the people that are added


def test_a_list_too_long_for_a_rule_stands_in_cells(edited):
    places = [Place("demo", "演示单位", tuple(f"演示单位第{number}个工作部门" for number in range(60)))]
    workbook = load_workbook(io.BytesIO(write_contacts(ContactsFile(), places)))
    rule = next(rule for rule in workbook["角色"].data_validations.dataValidation if "B2" in str(rule.sqref))
    assert rule.formula1 == "'说明'!$E$2:$E$61"
    assert workbook["说明"]["E61"].value == "演示单位第59个工作部门"


@pytest.mark.parametrize("name", ["=1+1", "+演示", "-演示", "@演示", '=HYPERLINK("http://example.cn")'])
def test_a_name_never_becomes_a_formula(name):
    contacts = ContactsFile(people=(Person(id="jia", name=name, email="jia@example.cn"),))
    data = write_contacts(contacts, PLACES)
    cell = load_workbook(io.BytesIO(data))["人员"]["B2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (name, "s", True)
    assert read(data) == contacts


def test_a_new_person_gets_the_same_id_however_often_the_file_is_read(workbook, edited):
    data = edited(workbook, lambda book: book["人员"].append([None, "演示丙", None, "bing@example.cn"]))
    added = read(data).people[-1]
    assert (added.name, added.channels) == ("演示丙", ("email",))
    assert added.id.startswith("p-")
    assert read(data).people[-1] == added


def test_without_a_channel_a_person_with_a_number_alone_is_told_by_text_message(workbook, edited):
    data = edited(workbook, lambda book: book["人员"].append(["bing", "演示丙", None, None, "138-0000 0003"]))
    assert read(data).people[-1] == Person(id="bing", name="演示丙", mobile="13800000003", channels=("sms",))


def test_people_may_be_named_by_name_where_it_is_theirs_alone(workbook, edited):
    def name_by_hand(book):
        book["人员"].append(["bing", "演示丙", None, "bing@example.cn"])
        book["角色"].append(["demo", None, "值班室", "演示丙", "yi-2"])

    assert read(edited(workbook, name_by_hand)).roles[-1] == Holding(
        jurisdiction="demo", role=Role.DUTY_ROOM, holder="bing", deputy="yi-2"
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026年10月3日 8:30", datetime.fromisoformat("2026-10-03T08:30")),
        ("2026/10/3 08：30", datetime.fromisoformat("2026-10-03T08:30")),
        ("2026-10-03 24:00", datetime.fromisoformat("2026-10-04T00:00")),  # the field writes the end of a day so
        (datetime.fromisoformat("2026-10-03T08:30"), datetime.fromisoformat("2026-10-03T08:30")),
    ],
)
def test_a_shift_may_be_written_as_people_write_times(written, expected, workbook, edited):
    def write(book):
        book["值班表"]["D2"] = written
        book["值班表"]["E2"] = "2026-10-05 08:30"

    assert read(edited(workbook, write)).duty[0].start == expected


WRONG = {
    "角色": ("C2", "负责人", "工作表“角色”第 2 行“角色”列的值是“负责人”，应为责任人、初审人"),
    "单位": ("B2", "演示单位财政厅", "工作表“角色”第 2 行“单位”列的值是“演示单位财政厅”，应为演示单位的单位规范名称，如 演示单位财政局"),
    "辖区": ("A2", "演示单位1", "工作表“角色”第 2 行“辖区”列的值是“演示单位1”，应为演示单位、山东省"),
    "unknown person": ("D2", "演示申", "工作表“角色”第 2 行“A角”列的值是“演示申”，应为“人员”表中的姓名或编号（是否“演示甲”）"),
    "shared name": ("D2", "演示乙", "应为编号，因为“人员”表中有 2 人叫这个名字：yi、yi-2"),
    "nobody": ("D2", None, "工作表“角色”第 2 行“A角”列是空的"),
    "oneself": ("E2", "jia", "第 2 行“B角”列的值是“jia”，应为A角以外的人"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_cell_of_a_role_is_named_with_what_was_expected(name, workbook, edited):
    place, value, expected = WRONG[name]

    def spoil(book):
        book["角色"][place] = value

    (problem,) = problems_of(edited(workbook, spoil))
    assert problem.startswith("文件 通讯录.xlsx 工作表“角色”")
    assert expected in problem
    assert problem.endswith("后重新导入。")


def test_every_problem_of_every_sheet_is_told_at_once(workbook, edited):
    def spoil(book):
        people = book["人员"]
        people["A2"], people["D2"], people["E2"], people["F2"], people["G2"] = "甲", "jia", "12a", "微信", "下个月"
        book["人员"].append(["yi", "演示丁", "yanshi-jia"])
        book["请假与代理"]["C2"] = date(2026, 9, 30)  # before its first day
        book["值班表"]["D2"] = date(2026, 10, 1)  # no time of day
        book["值班表"]["C2"] = "演示申"

    problems = "\n".join(problems_of(edited(workbook, spoil)))
    for expected in (
        "第 2 行“编号”列的值是“甲”，应为小写字母、数字和连字符",
        "第 2 行“电子邮箱”列的值是“jia”，应为电子邮箱地址",
        "第 2 行“手机”列的值是“12a”",
        "第 2 行“通知渠道”列的值是“微信”，应为邮件、短信或 im:连接名",
        "第 2 行“停用日期”列的值是“下个月”",
        "第 5 行与第 3 行是同一个编号“yi”，应只有一行",
        "工作表“请假与代理”第 2 行“止”列的值是“2026-09-30”，应为不早于“起”（2026-10-01）的日期",
        "工作表“值班表”第 2 行“人员”列的值是“演示申”",
        "工作表“值班表”第 2 行“开始”列的值是“2026-10-01”，应为接班时间，如 2026-10-01 08:30，写到几点几分",
    ):
        assert expected in problems


def test_one_account_belongs_to_one_person(workbook, edited):
    data = edited(workbook, lambda book: book["人员"].append(["bing", "演示丙", "yanshi-jia"]))
    assert "应为与第 2 行不同的用户名" in problems_of(data)[0]


SHAPES = {
    "a sheet removed": (lambda book: book.remove(book["值班表"]), "没有工作表“值班表”"),
    "a sheet nobody knows": (lambda book: book.create_sheet("人员 (2)").append(["编号"]), "有不认识的工作表“人员 (2)”"),
    "a column renamed": (lambda book: book["人员"].__setitem__("D1", "邮箱"), "没有列名“电子邮箱”"),
    "a column added": (lambda book: book["人员"].__setitem__("H1", "职务"), "有不认识的列名“职务”"),
    "a cell beside the table": (lambda book: book["角色"].__setitem__("H3", "见附件"), "“见附件”在没有列名的列里"),
    "a hidden row": (lambda book: setattr(book["人员"].row_dimensions[3], "hidden", True), "第 3 行被隐藏"),
    "a formula": (lambda book: book["人员"].__setitem__("B2", "=A2"), "单元格 B2 是没有计算结果的公式"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_workbook_that_lost_its_shape_is_refused_rather_than_read_in_part(name, workbook, edited):
    spoil, expected = SHAPES[name]
    assert expected in "\n".join(problems_of(edited(workbook, spoil)))


def test_what_is_no_workbook_is_refused():
    assert "不是 Excel 工作簿" in problems_of("编号,姓名\nyi,演示乙\n".encode())[0]


def test_nothing_changes_between_equal_contacts():
    assert contact_changes(CONTACTS, CONTACTS) == ()
    assert roles_left_empty(CONTACTS, CONTACTS, date(2026, 10, 1)) == ()


def test_changes_say_who_what_and_from_what_to_what():
    jia, yi, _ = CONTACTS.people
    after = CONTACTS.model_copy(
        update={
            "people": (jia.model_copy(update={"mobile": None}), yi, Person(id="ding", name="演示丁")),
            "roles": (CONTACTS.roles[0].model_copy(update={"holder": "ding"}), CONTACTS.roles[1]),
            "absences": (),
        }
    )
    assert [(change.sheet, change.sort, change.what) for change in contact_changes(CONTACTS, after)] == [
        ("人员", "修改", "演示甲（jia）：手机 13800000001 → （空）"),
        ("人员", "删除", "演示乙（yi-2）"),
        (
            "人员",
            "新增",
            "演示丁（ding）：系统账号 （空），电子邮箱 （空），手机 （空），通知渠道 邮件，停用日期 （空）",
        ),
        ("角色", "删除", "demo 演示单位财政局 责任人：A角 演示甲，B角 演示乙"),
        ("角色", "新增", "demo 演示单位财政局 责任人：A角 演示丁，B角 演示乙"),
        ("请假与代理", "删除", "演示甲 2026-10-01 至 2026-10-08，由演示乙代理（年休假）"),
    ]


def test_a_role_is_left_empty_when_its_last_holder_goes_or_is_removed_from_duty():
    def without(holder: str) -> ContactsFile:
        gone = [
            person.model_copy(update={"removed_on": date(2026, 10, 1)}) if person.id == holder else person
            for person in CONTACTS.people
        ]
        return CONTACTS.model_copy(update={"people": tuple(gone)})

    day = date(2026, 10, 1)  # National Day, the first day without
    assert roles_left_empty(CONTACTS, without("yi"), day) == ("demo （整个辖区） 政务公开办",)
    assert roles_left_empty(CONTACTS, without("yi"), date(2026, 9, 30)) == ()  # the eve
    assert roles_left_empty(CONTACTS, without("jia"), day) == ()  # the B角 is still there
