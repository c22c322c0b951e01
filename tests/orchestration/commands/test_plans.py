"""extract and accept as a person runs them: read, look, keep, accept; and nothing new when the plan is read again."""

from __future__ import annotations

import json

import openpyxl
import pytest

from obligations.orchestration.commands.cli import main
from obligations.rules.catalogue import load_jurisdiction

PLAN = """临江市人民政府办公室关于印发2024年临江市政务公开工作要点的通知
临政办发〔2024〕12号
临江市人民政府办公室
2024年3月15日
一、做好公开
(一)财政。按月公开全市财政收支情况,每年6月30日前公开政府决算。(市财政局牵头)
(二)处罚。行政处罚决定自作出之日起20个工作日内公示。(市司法局牵头)
二、要求
及时回应社会关切。=2月1日前及时公开名录。
"""
CONTRACT = (
    "key",
    "jurisdiction",
    "title",
    "kind",
    "duty",
    "document",
    "file",
    "clause",
    "quote",
    "departments",
    "clock",
)
CONTRACT += ("due", "due_origin", "law", "publication")


@pytest.fixture
def office(tmp_path, monkeypatch):
    """Give an installation with an empty catalogue and the plan beside it."""
    monkeypatch.setenv("OBLIGATIONS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OBLIGATIONS_CATALOGUE", str(tmp_path / "catalogue"))
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "plan.txt").write_text(PLAN, "utf-8")
    return tmp_path


def run(capsys, *words):
    code = main([*map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def read(capsys, office, *more):
    return run(capsys, "extract", office / "plan.txt", "--jurisdiction", "linjiang", "--out", office / "out", *more)


def test_every_candidate_has_the_fields_of_the_contract(capsys, office):
    code, found = read(capsys, office)
    assert code == 0
    assert [each["clock"] for each in found] == [
        "FREQ=MONTHLY",
        "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=30",
        "P20WD",
        "2024-02-01",
    ]
    assert all(set(CONTRACT) <= set(each) for each in found)
    assert all(each["proposed"] and each["words"] and each["confidence"] in {"高", "中", "低"} for each in found)


def test_accepted_candidates_are_obligations_and_are_not_proposed_again(capsys, office):
    _, found = read(capsys, office)
    assert run(capsys, "accept", office / "out")[0] == 0
    catalogue = load_jurisdiction(office / "catalogue", "linjiang")
    assert (set(catalogue.obligations), catalogue.faults) == ({each["key"] for each in found}, ())
    _, again = read(capsys, office)
    assert len(again) == len(found)
    assert [each for each in again if each["proposed"]] == []
    assert [path.name for path in (office / "out" / "linjiang").glob("*.yaml")] == []


def test_what_a_person_edited_is_put_aside_and_not_lost_when_the_plan_is_read_again(capsys, office):
    _, found = read(capsys, office)
    folder = office / "out" / "linjiang"
    edited = folder / f"{found[0]['key'].split('/')[1]}.yaml"
    edited.write_text(edited.read_text("utf-8").replace("市财政局", "市财政局预算处"), "utf-8")
    (folder / "own.yaml").write_text("title: 自行补充的一项\n", "utf-8")
    before = {path.name: path.read_bytes() for path in (edited, folder / "own.yaml")}
    read(capsys, office)
    (aside,) = folder.glob("earlier-*")
    assert {path.name: path.read_bytes() for path in aside.iterdir()} == before
    assert "预算处" not in edited.read_text("utf-8")
    assert run(capsys, "accept", office / "out")[1] == {"accepted": [each["key"] for each in found]}


def test_a_proposal_within_the_catalogue_binds_nobody(capsys, office):
    read(capsys, office)
    (office / "out" / "linjiang").rename(office / "catalogue" / "linjiang")
    catalogue = load_jurisdiction(office / "catalogue", "linjiang")
    assert catalogue.obligations == {}
    assert (len(catalogue.proposals), catalogue.faults) == (4, ())


def test_only_what_is_named_is_accepted(capsys, office):
    _, found = read(capsys, office)
    slug = found[0]["key"].split("/")[1]
    assert run(capsys, "accept", office / "out", "--only", slug) == (0, {"accepted": [found[0]["key"]]})
    assert run(capsys, "accept", office / "out", "--only", slug)[0] == 2


def test_nothing_is_replaced(capsys, office):
    read(capsys, office)
    kept = {path.name: path.read_bytes() for path in (office / "out" / "linjiang").glob("y*.yaml")}
    assert run(capsys, "accept", office / "out")[0] == 0
    for name, data in kept.items():
        (office / "out" / "linjiang" / name).write_bytes(data)
    code, said = run(capsys, "accept", office / "out")
    assert (code, "不予覆盖" in said["error"]) == (2, True)


def test_next_years_plan_is_compared_with_this_years(capsys, office):
    read(capsys, office)
    run(capsys, "accept", office / "out")
    later = (
        PLAN.replace("2024", "2025")
        .replace("12号", "9号")
        .replace("按月公开", "每周公开")
        .replace("=2月1日前及时公开名录。", "")
    )
    (office / "plan.txt").write_text(later.replace("市司法局", "市城管局"), "utf-8")
    _, found = read(capsys, office)
    assert [each["change"] for each in found] == ["时限变化", "沿用", "责任单位变化"]
    report = json.loads((office / "out" / "report.json").read_text("utf-8"))
    assert [each["decide"] for each in report["dropped"]] == ["延续执行或到期"]
    assert run(capsys, "accept", office / "out")[0] == 0
    catalogue = load_jurisdiction(office / "catalogue", "linjiang")
    assert catalogue.faults == ()
    assert {each.document.number for each in catalogue.obligations.values()} == {
        "临政办发〔2024〕12号",
        "临政办发〔2025〕9号",
    }


def test_the_ledger_lists_what_was_left_out_and_starts_no_formula(capsys, office):
    read(capsys, office)
    workbook = openpyxl.load_workbook(office / "out" / "ledger.xlsx")
    columns = [cell.value for cell in workbook["工作台账"][1]]
    assert columns[:9] == ["序号", "条款", "原文", "事项", "时限", "牵头单位", "责任单位", "频次", "识别可信度"]
    assert "泛指回应关切" in "".join(str(cell.value) for row in workbook["未列入"].iter_rows() for cell in row)
    assert [cell for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []


def test_looser_than_law_past_dates_and_missing_bodies_are_pointed_out(capsys, office):
    read(capsys, office)
    report = json.loads((office / "out" / "report.json").read_text("utf-8"))
    assert {each["kind"] for each in report["findings"]} == {"宽于法定时限", "日期已过", "没有责任单位"}


def test_two_clauses_with_two_limits_for_one_thing_are_pointed_out(capsys, office):
    twice = "(三)价格。每月公开全市重要商品和服务价格情况。(市发展改革委牵头)\n(四)民生。每季度公开全市重要商品和服务价格情况。(市发展改革委牵头)\n"
    (office / "plan.txt").write_text(PLAN.replace("二、要求", f"{twice}二、要求"), "utf-8")
    read(capsys, office)
    report = json.loads((office / "out" / "report.json").read_text("utf-8"))
    (said,) = [each["said"] for each in report["findings"] if each["kind"] == "前后矛盾"]
    assert "“每月”" in said
    assert "“每季度”" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("extract", "none.txt", "--jurisdiction", "a", "--out", "o"), "没有文件"),
        (("extract", "none.txt", "--jurisdiction", "A b", "--out", "o"), "小写字母"),
        (("accept", "none"), "没有文件夹"),
    ],
)
def test_what_cannot_be_done_is_said_in_chinese(capsys, office, words, said):
    code, answer = run(capsys, *words)
    assert (code, said in answer["error"]) == (2, True)
