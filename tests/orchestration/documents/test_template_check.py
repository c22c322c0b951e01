"""Templates as they are shipped have no fault; one that a department spoiled fails ``check`` with file, line and known names."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from obligations.orchestration.commands.cli import main
from obligations.orchestration.documents.template_check import GIVEN, template_faults
from obligations.orchestration.documents.template_names import FILE, read_names, written_names
from obligations.publications.registry import NAMES, kind

TEMPLATES = Path(__file__).parents[3] / "templates"


@pytest.fixture
def templates(tmp_path, monkeypatch):
    copy = shutil.copytree(TEMPLATES, tmp_path / "templates")
    monkeypatch.setenv("OBLIGATIONS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OBLIGATIONS_TEMPLATES", str(copy))
    return copy


def test_the_templates_as_shipped_have_no_fault():
    assert [str(fault) for fault in template_faults(TEMPLATES)] == []


def test_the_names_templates_may_use_are_those_of_the_specimens():
    assert FILE.read_text("utf-8") == written_names(), (
        "run: python -m obligations.orchestration.documents.template_names"
    )


def test_every_kind_says_what_its_template_may_use():
    names = read_names()
    assert set(names) == set(NAMES)
    for name in NAMES:
        assert names[name].blanks == tuple(blank.name for blank in kind(name).blanks)


def test_every_notice_and_page_of_the_program_is_checked():
    there = {
        f"{path.parent.name}/{path.name}"
        for folder in ("notices", "pages")
        for path in (TEMPLATES / folder).glob("*.j2")
    }
    assert there == set(GIVEN)


def test_a_spoiled_template_fails_check_with_file_line_name_and_known_names(templates, capsys):
    file = templates / "drafts" / "fiscal-monthly.j2"
    text = file.read_text("utf-8").replace("n(line.cumulative)", "n(line.cumulativ)")
    file.write_text(text, "utf-8")
    line = next(number for number, words in enumerate(text.splitlines(), start=1) if "cumulativ)" in words)
    assert main(["check"]) == 1
    out = capsys.readouterr().out
    assert f"templates/drafts/fiscal-monthly.j2 第 {line} 行：没有名为“cumulativ”的名称，应为：cumulative、" in out


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("drafts/check-sheet.j2", "n('files')", "n('file')", "没有名为“file”的指标，应为：files、"),
        ("drafts/incident-bulletin.j2", "blank('place')", "blank('palce')", "没有名为“palce”的待填写栏，应为：place、"),
        ("drafts/wholesale-prices-weekly.j2", "{{ week }}", "{{ week|upper }}", "没有名为“upper”的过滤器"),
        ("drafts/_approval.j2", "{{ basis }}", "{{ bassis }}", "没有名为“bassis”的名称，应为：basis、"),
        ("notices/letter.txt.j2", "entry.due", "entry.duo", "没有名为“duo”的名称，应为：due、"),
        ("pages/notice.html.j2", "{{ recipient }}", "{{ receiver }}", "没有名为“receiver”的名称"),
        ("pages/publication.html.j2", "document.title", "document.titel", "没有名为“titel”的名称，应为：title、"),
        ("pages/paste.html.j2", "{% endif %}", "", "写法有误"),
    ],
)
def test_every_sort_of_template_is_checked(name, old, new, said, templates):
    file = templates / name
    assert old in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    faults = template_faults(templates)
    assert {fault.file for fault in faults} == {name}
    assert any(said in str(fault) for fault in faults), [str(fault) for fault in faults]


def test_a_template_that_is_gone_and_one_of_no_kind_are_told(templates):
    (templates / "drafts" / "submission.j2").rename(templates / "drafts" / "submision.j2")
    (templates / "pages" / "publication.typ").unlink()
    told = [str(fault) for fault in template_faults(templates)]
    assert any("drafts/submision.j2 文件名：没有发布类型“submision”" in line for line in told)
    assert any("drafts/submission.j2 文件：没有这个文件" in line for line in told)
    assert any("pages/publication.typ 文件：没有这个文件" in line for line in told)


def test_check_tells_programs_where_a_template_is_wrong(templates, capsys):
    file = templates / "drafts" / "submission.j2"
    file.write_text("{{ titel }}\n" + file.read_text("utf-8"), "utf-8")
    assert main(["check", "--json"]) == 1
    (fault,) = json.loads(capsys.readouterr().out)
    assert (fault["file"], fault["field"]) == ("drafts/submission.j2", "第 1 行")
