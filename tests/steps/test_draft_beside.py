"""What lies beside a draft (approval form, text to paste), what a new version says of the last, and what a correction says."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
from datetime import date
from pathlib import Path

import docx
import pypdf
import pytest

from obligations.publications.registry import NAMES
from obligations.steps.draft import draft, fill
from obligations.steps.rendering.folder import model_in

DEMO = Path(__file__).parents[2] / "include" / "obligations" / "demo"
MARKS = ("送审稿", "审批单", "送审说明", "待填写")
LATER = date(2026, 9, 20)


@pytest.fixture
def made(case, tmp_path):
    def make(name, folder="draft", data=None, **how):
        found = case(name, data=data)
        how.setdefault("version", 1)
        return draft(*found.arguments, out=tmp_path / folder, created_at=found.occurrence.opens_at, **how)

    return make


@pytest.fixture
def finished(made, case, tmp_path):
    def make(name, **how):
        version = made(name, **how)
        return fill(version.folder, case(name).answers(version.blanks), tmp_path / "final", dated=date(2026, 9, 12))

    return make


@pytest.fixture(scope="module")
def changed():
    """The demo's fiscal figures with one number mended."""
    return (DEMO / "fiscal.csv").read_bytes().replace(b"258912", b"258913")


def cells(data):
    file = docx.Document(io.BytesIO(data))
    return {row.cells[0].text: [cell.text for cell in row.cells[1:]] for table in file.tables for row in table.rows}


def text_of(pdf):
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages))


def test_the_approval_form_names_what_is_signed_for(made, case):
    version = made("fiscal-monthly")
    written = cells((version.folder / "approval.docx").read_bytes())
    due = case("fiscal-monthly").occurrence.due
    assert written["信息标题"] == [version.title]
    assert "demo/fiscal-monthly；期次：2017-06" in written["公开事项"][0]
    assert written["公开时限"] == [f"2026年9月12日24时前。{''.join(due.derivation)}"]
    signed_for = hashlib.sha256((version.folder / "document.docx").read_bytes()).hexdigest()
    assert written["送审版本"][0].startswith("第1稿")
    assert signed_for in written["送审版本"][0].replace(" ", "")
    assert all(word in "".join(written) for word in ("一校", "二校", "三校", "初审", "复审", "终审", "保密审查"))
    assert written["保密审查"][1:] == ["", ""]


def test_the_approval_form_says_the_same_on_paper(made):
    version = made("fiscal-monthly")
    printed = text_of((version.folder / "approval.pdf").read_bytes())
    for label, texts in cells((version.folder / "approval.docx").read_bytes()).items():
        for text in (label, *texts):
            assert re.sub(r"\s", "", text) in printed


def test_the_office_may_word_the_approval_form_its_own_way(case, tmp_path, made):
    templates = shutil.copytree(Path(__file__).parents[2] / "templates", tmp_path / "templates")
    form = templates / "drafts" / "_approval.j2"
    form.write_text("# 本局审批单\n\n| 项目 | 内容 |\n| 稿件 | {{ title }} |\n| 局长 | |\n", "utf-8")
    version = made("fiscal-monthly", templates=templates)
    assert cells((version.folder / "approval.docx").read_bytes()) == {
        "项目": ["内容"], "稿件": [version.title], "局长": [""],
    }  # fmt: skip


def test_what_may_not_reach_the_public_has_no_approval_form(made):
    assert not set(made("check-sheet").kept) & {"approval.docx", "approval.pdf"}


@pytest.mark.parametrize("name", NAMES)
def test_no_mark_and_no_note_is_inside_what_goes_out(name, finished):
    final = finished(name)
    assert set(final.kept) == {"model.json"}
    for file in final.files:
        data = (final.folder / file).read_bytes()
        text = text_of(data) if file.endswith(".pdf") else data.decode("utf-8", "ignore")
        if file.endswith(".docx"):
            text = "".join(paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs)
        assert not [mark for mark in MARKS if mark in text], file


@pytest.mark.parametrize("name", NAMES)
def test_the_page_to_paste_has_neither_style_nor_script(name, finished):
    source = (finished(name).folder / "paste.html").read_text("utf-8")
    tags = set(re.findall(r"<(\w+)", source))
    assert tags <= {
        "html", "head", "meta", "title", "body", "p", "h2", "h3", "h4", "table", "caption", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    assert set(re.findall(r"\s([\w-]+)=", source)) <= {"lang", "charset", "scope"}


def test_the_texts_to_paste_have_every_paragraph_and_cell(finished):
    final = finished("fiscal-monthly")
    page = (final.folder / "paste.html").read_text("utf-8")
    pasted = (final.folder / "document.txt").read_text("utf-8-sig")
    for block in final.text.split("\n\n")[1:]:
        for line in block.splitlines():
            for cell in line.split("｜"):
                assert cell in page.replace("&#34;", '"')
                assert cell in pasted
    assert "<td>258,912</td>" in page
    assert "\t258,912\t435,010\t" in pasted


def test_a_draft_to_paste_says_that_it_is_one(made):
    version = made("fiscal-monthly")
    assert (version.folder / "document.txt").read_text("utf-8-sig").startswith("送审稿")
    assert "<p>送审稿" in (version.folder / "paste.html").read_text("utf-8")


def test_the_cover_note_of_the_next_version_says_what_is_different(made, changed):
    first = made("fiscal-monthly")
    second = made("fiscal-monthly", "second", changed, version=2, previous=first.folder)
    note = "\n".join(p.text for p in docx.Document(second.folder / "cover_note.docx").paragraphs)
    assert "与上一版的不同" in note
    assert (
        "一般公共预算收入：“1—6月，一般公共预算总收入完成258,912万元”改为“1—6月，一般公共预算总收入完成258,913万元”"
        not in note
    )
    assert "“一般公共预算总收入完成258,912万元”改为“一般公共预算总收入完成258,913万元”" in note
    assert "与上一版的不同" not in (first.folder / "cover_note.html").read_text("utf-8")


def test_a_version_like_the_last_says_so(made):
    first = made("fiscal-monthly")
    second = made("fiscal-monthly", "second", version=2, previous=first.folder)
    assert "文字没有不同。" in (second.folder / "cover_note.html").read_text("utf-8")


def test_a_correction_says_what_it_changes_and_keeps_the_answers(made, finished, changed):
    published = finished("fiscal-monthly")
    new = made("fiscal-monthly", "new", changed, version=2, corrects=published.folder)
    assert new.open_blanks == ()
    assert "更正：本信息首次公开于2026年9月12日，现更正如下。" in new.text
    assert "“一般公共预算总收入完成258,912万元”改为“一般公共预算总收入完成258,913万元”" in new.text
    assert "落款" not in new.text
    final = fill(new.folder, {}, new.folder.with_name("new-final"), dated=LATER)
    assert "更正：本信息首次公开于2026年9月12日" in final.text
    assert final.text.index("更正：") < final.text.index("演示单位财政局")


def test_an_answer_given_anew_is_told_as_a_correction(made, finished):
    published = finished("fiscal-monthly")
    new = made("fiscal-monthly", "new", version=2, corrects=published.folder, answers={"outlook": "总体平稳"})
    assert "改为“总体平稳”" in new.text
    assert model_in(new.folder).blanks()[-1].answer == "总体平稳"
