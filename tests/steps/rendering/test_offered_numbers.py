"""Numbers offered inside a blank: the check knows them, so that an author who keeps one is not told that it is new."""

from __future__ import annotations

import io
import json
from decimal import Decimal

import docx
import pytest

from obligations.orchestration.review.checking import check_edited
from obligations.rules.drafts_check.figures_file import read_figures
from obligations.steps.draft import draft, fill
from obligations.steps.rendering.vocabulary import Given, Vocabulary
from obligations.words.draft import DocumentModel
from obligations.words.errors import TemplateFault
from obligations.words.publication import Blank, Measure

NAMES = ("economic-indicators", "grain-purchase-five-daily", "land-price-quarterly", "soe-indicators")


@pytest.fixture
def drafted(case, tmp_path):
    def make(name):
        found = case(name)
        made = draft(*found.arguments, version=1, out=tmp_path / "d", created_at=found.occurrence.opens_at)
        return made, json.loads((made.folder / "figures.json").read_bytes())["offered"]

    return make


def checked(folder, *, with_model, change=None):
    """Check the Word file of a version against its draft's figures, after ``change`` to it."""
    file = docx.Document(str(folder / "document.docx"))
    if change:
        change(file)
    stream = io.BytesIO()
    file.save(stream)
    original = folder.parent / "d"
    model = DocumentModel.from_json((original / "model.json").read_bytes()) if with_model else None
    found = check_edited(stream.getvalue(), "稿.docx", (original / "figures.json").read_bytes(), model).findings
    return [each for each in found if each.code.startswith(("number", "offer", "magnitude", "unit"))]


@pytest.mark.parametrize("with_model", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_an_author_who_keeps_what_was_offered_is_told_nothing(name, with_model, drafted, tmp_path):
    made, offered = drafted(name)
    kept = "、".join(form for entry in offered for form in entry["printed"])
    answers = {**dict.fromkeys(made.open_blanks, "由于甲乙两项变化"), offered[0]["blank"]: f"按推算为{kept}"}
    final = fill(made.folder, answers, tmp_path / "f")
    assert checked(final.folder, with_model=with_model) == []


@pytest.mark.parametrize("with_model", [True, False])
def test_an_open_draft_with_its_offer_is_told_nothing(with_model, drafted):
    made, _ = drafted("soe-indicators")
    assert checked(made.folder, with_model=with_model) == []


@pytest.mark.parametrize("with_model", [True, False])
def test_a_number_that_was_not_offered_is_still_unexplained(with_model, drafted, tmp_path):
    made, offered = drafted("soe-indicators")
    answers = {**dict.fromkeys(made.open_blanks, "由于甲乙两项变化"), offered[0]["blank"]: "全年约987654.3亿元"}
    (finding,) = checked(fill(made.folder, answers, tmp_path / "f").folder, with_model=with_model)
    assert (finding.grade, finding.code, finding.found) == ("警告", "number-in-answer", "987654.3亿元")


def test_an_offer_rounded_by_its_author_is_the_offer(drafted, tmp_path):
    made, offered = drafted("grain-purchase-five-daily")
    whole = next(entry for entry in offered if entry["unit"] == "万吨" and entry["places"])
    said = f"全季约{round(float(whole['value']))}万吨"
    assert said.removeprefix("全季约") not in whole["printed"]
    answers = {**dict.fromkeys(made.open_blanks, "由于甲乙两项变化"), whole["blank"]: said}
    assert checked(fill(made.folder, answers, tmp_path / "f").folder, with_model=False) == []


def test_an_offer_taken_out_of_its_blank_is_pointed_out(drafted):
    made, offered = drafted("soe-indicators")
    taken = next(entry for entry in offered if entry["id"].endswith(".middle"))

    def move(file):
        file.add_paragraph(f"全年约{taken['printed'][0]}。", "Body Text")

    (finding,) = checked(made.folder, with_model=True, change=move)
    assert (finding.grade, finding.code, finding.measure) == ("提示", "offer-moved", taken["id"])
    assert "写明是推算" in finding.said


def test_a_figures_file_of_before_there_were_offers_is_read(drafted):
    made, _ = drafted("soe-indicators")
    found = json.loads((made.folder / "figures.json").read_bytes())
    del found["offered"]
    assert read_figures(json.dumps(found).encode(), "figures.json").offered == {}


def vocabulary():
    return Vocabulary(
        {"a": Measure("a", "甲数", Decimal(5), "户", 0, "来源列“甲”")}, (Blank("outlook", "走势"),), (), ()
    )


def test_the_numbers_of_a_suggestion_are_kept_with_the_blank_in_their_order():
    words = vocabulary()
    words.blank("outlook", words.number("a") + "和" + words.number("a"))
    (blank,) = [run for run in words.runs if run.type == "blank"]
    assert blank.suggestion == "5户和5户"
    assert [run.printed for run in blank.offered] == ["5户", "5户"]


def test_a_template_writes_no_digit_into_a_suggestion_but_the_source_may():
    words = vocabulary()
    with pytest.raises(TemplateFault, match="直接写了数字"):
        words.blank("outlook", words.number("a") + "约占30%")
    with pytest.raises(TemplateFault, match="直接写了数字"):
        words.blank("outlook", "约占30%")
    words.blank("outlook", Given("第3产业园"))
