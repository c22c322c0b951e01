"""No draft of ours is found at fault by our own check, and what a person changes in any of them is."""

from __future__ import annotations

import io
import re

import docx
import pytest
from docx.oxml.ns import qn

from obligations.orchestration.review.checking import check_edited
from obligations.publications.registry import NAMES
from obligations.steps.draft import draft, fill
from obligations.words.draft import DocumentModel


@pytest.fixture(scope="module")
def version(case, tmp_path_factory):
    """Return what a draft's folder holds: the Word file, the figures file and the model."""
    made = {}

    def make(name, *, final=False):
        if (name, final) not in made:
            found = case(name)
            out = tmp_path_factory.mktemp(name)
            done = draft(*found.arguments, version=1, out=out, created_at=found.occurrence.opens_at)
            folder = fill(done.folder, found.answers(done.blanks), out / "final").folder if final else done.folder
            made[name, final] = (
                (folder / "document.docx").read_bytes(),
                (folder / "figures.json").read_bytes(),
                DocumentModel.from_json((folder / "model.json").read_bytes()),
            )
        return made[name, final]

    return make


def told(report):
    return [f"{each.grade} {each.code} {each.where} {each.said}" for each in report.findings]


@pytest.mark.parametrize("name", NAMES)
def test_a_final_version_has_nothing_to_find(name, version):
    data, figures, model = version(name, final=True)
    report = check_edited(data, "稿.docx", figures, model)
    assert told(report) == []
    assert report.document == model


@pytest.mark.parametrize("name", NAMES)
def test_a_draft_has_only_its_blanks_to_find(name, version):
    data, figures, model = version(name)
    report = check_edited(data, "稿.docx", figures, model)
    assert {each.code for each in report.findings} <= {"open-blank"}, told(report)


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_a_draft_that_is_changed_is_found(name, version):
    data, figures, model = version(name)
    file = docx.Document(io.BytesIO(data))
    marks = [mark for mark in file.element.body.iter(qn("w:bookmarkStart")) if mark.get(qn("w:name")).startswith("n_")]
    if not marks:
        pytest.skip("this kind prints no measure")
    chosen = marks[:: max(1, len(marks) // 12)]
    for mark in chosen:
        (element,) = list(mark.getnext().iter(qn("w:t")))
        # Far from any other number of the draft, and no rounding of its own.
        element.text = re.sub(r"\d[\d,.]*", "987654.3", element.text, count=1)
    stream = io.BytesIO()
    file.save(stream)
    report = check_edited(stream.getvalue(), "稿.docx", figures, model)
    changed = [each for each in report.findings if each.code == "number-changed"]
    assert len(changed) == len(chosen), told(report)
    assert all(each.grade == "错误" and each.measure and "987654.3" in each.found for each in changed)
