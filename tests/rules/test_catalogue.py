"""Loading the catalogue: one broken file loses one obligation, and every fault says what to do."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from obligations.orchestration.settings import PACKAGE
from obligations.rules.catalogue import load, load_jurisdiction, load_one
from obligations.words.errors import CatalogueFault, UnusableInput
from obligations.words.limits import Limit

SHIPPED = PACKAGE / "catalogue"

UPPER = """
jurisdiction: {slug: upper, name: 上级省, level: province}
document:
  title: 2026年政务公开工作要点
  issued_by: 上级省人民政府办公厅
  in_force_from: 2026-03-01
  in_force_until: 2026-12-31
departments:
  - {name: 上级省财政厅, names: [省财政厅]}
"""
FISCAL = """
title: 全省财政收支情况按月公开
clause: 一(一)1
quote: 按月公开全省财政收支情况
duty: publish
departments: [省财政厅]
publication: fiscal-monthly
clock: {kind: recurring, rule: FREQ=MONTHLY}
"""
LOWER = """
jurisdiction: {slug: lower, name: 下级区, level: county}
departments:
  - {name: 下级区财政局}
adopts:
  - from: upper
    obligations: all
    departments: {上级省财政厅: 下级区财政局}
    places: {全省: 全区}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in {
        "upper/_document.yaml": UPPER,
        "upper/fiscal-monthly.yaml": FISCAL,
        "upper/land.yaml": FISCAL.replace("财政收支", "土地供应"),
        "lower/_document.yaml": LOWER,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def change(root: Path, name: str, old: str, new: str) -> None:
    text = (root / name).read_text("utf-8")
    assert old in text
    (root / name).write_text(text.replace(old, new), "utf-8")


def test_the_shipped_catalogue_has_no_fault():
    assert load(SHIPPED).faults == ()


def test_a_publication_without_a_limit_gets_the_laws_and_says_so(root):
    due = load_one(root, "upper/fiscal-monthly").due
    assert (due.limit, due.origin, due.law) == (Limit(20, "working_day"), "law", "proactive-disclosure")


def test_an_adopting_jurisdiction_takes_clause_and_document_but_its_own_places_and_departments(root):
    theirs, ours = load_one(root, "upper/fiscal-monthly"), load_one(root, "lower/fiscal-monthly")
    assert (ours.clause, ours.quote, ours.document) == (theirs.clause, theirs.quote, theirs.document)
    assert ours.adopted_from == "upper/fiscal-monthly"
    assert ours.title == "全区财政收支情况按月公开"
    assert ours.department_names == ("下级区财政局",)
    assert ours.jurisdiction.slug == "lower"


def test_one_loaded_alone_equals_the_same_in_the_full_load(root):
    everything = load(root).obligations
    assert everything
    assert all(load_one(root, key) == obligation for key, obligation in everything.items())


def test_what_a_file_says_now_is_loaded_and_parsed_once_while_it_says_the_same(root):
    before = load_one(root, "lower/land")
    assert load_one(root, "lower/land").document is before.document
    change(
        root, "upper/_document.yaml", "2026-12-31", "2026-11-30"
    )  # as long as before, and perhaps in the same instant
    assert load_one(root, "lower/land").document.in_force_until == date(2026, 11, 30)


def test_a_local_limit_may_tighten(root):
    (root / "lower/fiscal-monthly.yaml").write_text("due: {limit: P10WD, origin: local}\n", "utf-8")
    assert load_one(root, "lower/fiscal-monthly").due.limit == Limit(10, "working_day")


@pytest.mark.parametrize("limit", ["P21WD", "P1M", "P40D"])
def test_a_local_limit_never_loosens(root, limit):
    (root / "lower/fiscal-monthly.yaml").write_text(f"due: {{limit: {limit}, origin: local}}\n", "utf-8")
    with pytest.raises(CatalogueFault, match="本级只能收紧，不能放宽"):
        load_one(root, "lower/fiscal-monthly")


def test_adoption_is_one_hop(root):
    (root / "lower/fiscal-monthly.yaml").write_text("adopts: upper/land\n", "utf-8")
    (root / "upper/land.yaml").write_text("adopts: upper/fiscal-monthly\n", "utf-8")
    with pytest.raises(CatalogueFault, match="沿用只能一级"):
        load_one(root, "lower/fiscal-monthly")


def test_a_broken_file_loses_its_own_obligation_and_those_that_adopt_it(root):
    change(root, "upper/fiscal-monthly.yaml", "duty: publish", "duty: publsh")
    found = load(root)
    assert sorted(found.obligations) == ["lower/land", "upper/land"]
    assert sorted(key for fault in found.faults for key in fault.loses) == [
        "lower/fiscal-monthly",
        "upper/fiscal-monthly",
    ]


def test_a_broken_document_names_every_obligation_it_loses(root):
    change(root, "upper/_document.yaml", "in_force_from: 2026-03-01", "in_force_from: 去年")
    found = load(root)
    assert found.obligations == {}
    assert {key for fault in found.faults for key in fault.loses} == {
        "upper/fiscal-monthly",
        "upper/land",
        "lower/fiscal-monthly",
        "lower/land",
    }
    assert {(fault.file, fault.field) for fault in found.faults} == {("upper/_document.yaml", "document.in_force_from")}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "duty: publish",
            "duty: publsh",
            "字段 duty 的值是 publsh，应为：'publish', 'interpret', 'respond', 'report-up', 'internal' or 'build' 之一",
        ),
        ("clause: 一(一)1", "claus: 一(一)1", "没有这个字段，请删去或改正拼写"),
        ("clause: 一(一)1\n", "", "字段 clause 的值是 （缺），应为：必填，请补上这个字段"),
        ("clause: 一(一)1", "clause: a\nclause: b", "字段 clause 写了两次"),
        ("FREQ=MONTHLY", "FREQ=HOURLY", "应为 FREQ=WEEKLY、FREQ=MONTHLY"),
        (
            "kind: recurring",
            "kind: monthly",
            "应为：kind 是 'recurring', 'event', 'deadline', 'quota', 'standing' 之一",
        ),
        ("publish\n", "publish\nfulfilment: submitted\n", "职责为 publish 时只能是 held、published"),
        ("publish\n", "publish\ndue: {limit: 20, origin: text}\n", "字段 due.limit"),
        ("publish\n", "publish\ndue: {limit: P20WD, origin: law}\n", "origin 为 law 时写明 law"),
        (
            "publish\n",
            "publish\ndue: {limit: P20WD, origin: law, law: nowhere}\n",
            "law.yaml 中在文件施行时有效的法定时限",
        ),
        ("title:", "\ttitle:", "合法的 YAML"),
        ("title:", "? [a, b]\n: c\ntitle:", "字段名应是文字"),
    ],
)
def test_a_fault_names_file_field_value_and_expected_form(root, old, new, message):
    change(root, "upper/fiscal-monthly.yaml", old, new)
    with pytest.raises(CatalogueFault) as caught:
        load_one(root, "upper/fiscal-monthly")
    assert "upper/fiscal-monthly.yaml" in str(caught.value)
    assert message in str(caught.value)


def test_a_file_that_is_not_utf8_is_a_fault_not_a_traceback(root):
    (root / "upper/fiscal-monthly.yaml").write_bytes(FISCAL.encode("gb18030"))
    with pytest.raises(CatalogueFault, match="以 UTF-8 编码保存"):
        load_one(root, "upper/fiscal-monthly")


@pytest.mark.parametrize(
    "key", ["upper", "upper/", "upper/../lower", "../upper/fiscal-monthly", "upper/none", "none/land", "Upper/land"]
)
def test_an_unknown_key_is_unusable_input(root, key):
    with pytest.raises(UnusableInput):
        load_one(root, key)


def test_a_folder_and_its_document_must_agree_on_the_slug(root):
    shutil.copytree(root / "upper", root / "other")
    faults = load_jurisdiction(root, "other").faults
    assert [fault.field for fault in faults] == ["jurisdiction.slug"]
    assert faults[0].loses == ("other/fiscal-monthly", "other/land")


def test_an_expired_plan_binds_only_where_continued(root):
    day = date(2027, 1, 1)
    assert load_one(root, "lower/land").status(day) == "已过执行年度"
    change(
        root, "lower/_document.yaml", "adopts:", "continued: {basis: 区政府通知, approved_by: 区政府办公室}\nadopts:"
    )
    assert load_one(root, "lower/land").status(day) == "延续执行"
    assert load_one(root, "upper/land").status(day) == "已过执行年度"


QUARTERLY_CHECK = """
title: 网站抽查每季度2次
clause: 二
quote: 每季度抽查2次
duty: publish
departments: []
publication: submission
clock: {kind: quota, count: 2, per: quarter}
"""


@pytest.mark.parametrize("clock", ["{kind: quota, count: 2, per: quarter}", "{kind: standing, rule: TIMELY}"])
@pytest.mark.parametrize("fulfilment", ["", "fulfilment: held\n"])
def test_a_quota_or_standing_duty_is_met_through_an_internal_check_sheet(root, clock, fulfilment):
    text = QUARTERLY_CHECK.replace("{kind: quota, count: 2, per: quarter}", clock) + fulfilment
    (root / "upper/checks.yaml").write_text(text, "utf-8")
    found = load_one(root, "upper/checks")
    assert (found.publication, found.fulfilment, found.source.kind) == ("check-sheet", "completed", "folder")
    assert not found.may_reach_the_public
    assert load_one(root, "lower/checks").publication == "check-sheet", "adopted alike"


def test_a_publication_kind_made_for_a_standing_duty_stands_as_written(root):
    text = QUARTERLY_CHECK.replace("submission", "land-supply-quarterly")
    (root / "upper/checks.yaml").write_text(text, "utf-8")
    found = load_one(root, "upper/checks")
    assert (found.publication, found.fulfilment, found.source.kind) == ("land-supply-quarterly", "published", "inbox")
    assert found.may_reach_the_public


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "{kind: quota, count: 2, per: quarter}",
            "{kind: deadline, date: 2026-12-31}",
            "核对单只用于 quota 和 standing",
        ),
        ("per: quarter}", "per: quarter}\nsource: {kind: inbox}", "核对单的来源为 folder，其他稿件不用 folder"),
        ("duty: publish", "duty: internal\nfulfilment: published", "职责为 internal 时只能是"),
    ],
)
def test_a_check_sheet_that_contradicts_itself_is_a_fault(root, old, new, said):
    text = QUARTERLY_CHECK.replace("submission", "check-sheet").replace(old, new)
    (root / "upper/checks.yaml").write_text(text, "utf-8")
    with pytest.raises(CatalogueFault, match=said):
        load_one(root, "upper/checks")


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("upper/fiscal-monthy", "最接近的是 upper/fiscal-monthly；"),
        ("uper/fiscal-monthly", "最接近的是 upper/fiscal-monthly；"),
        ("upper/prices-of-grain", None),
    ],
)
def test_an_unknown_obligation_is_answered_with_the_nearest_known_one(root, key, near):
    with pytest.raises(UnusableInput, match=near) as refused:
        load_one(root, key)
    assert ("最接近" in str(refused.value)) is (near is not None)
