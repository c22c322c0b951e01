"""A version made of an edited file: every file says what the person's says, and the data's numbers are still known."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.publications.registry import NAMES
from obligations.rules.delivery import Delivery
from obligations.rules.edited_word.reading import read_edited
from obligations.steps.draft import adopt, draft, fill
from obligations.steps.rendering.adopted import Overwritten
from obligations.steps.rendering.docx_reading import read_back
from obligations.steps.rendering.figures import printed_numbers
from obligations.steps.rendering.folder import model_in, unchanged

FILE = Delivery("改稿.docx", again="重新上传")
TYPED = st.text(st.sampled_from("增长下降的，。、 3586.%万元一（）"), max_size=8)
needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here")


def reread(data, base):
    return read_back(read_edited(data, FILE), base, FILE)


@pytest.fixture(scope="module")
def drafted(case, tmp_path_factory):
    """Return a kind's specimen and the folder of its draft, each kind drafted once."""
    made = {}

    def make(name):
        if name not in made:
            found = case(name)
            out = tmp_path_factory.mktemp(name) / "v1"
            made[name] = found, draft(*found.arguments, version=1, out=out, created_at=found.occurrence.opens_at).folder
        return made[name]

    return make


def adopted(found, base, data, out, overwritten=()):
    """Make version 2 of an edited file."""
    return adopt(
        base,
        reread(data, model_in(base)),
        data,
        found.obligation,
        found.occurrence,
        version=2,
        out=out,
        created_at=found.occurrence.due_at,
        snapshot=found.snapshot,
        overwritten=overwritten,
    )


def figures_in(folder):
    return json.loads((folder / "figures.json").read_bytes())


def numbers_of(folder):
    """Return every number of the figures file by its count in the document."""
    return {
        place["number"]: (measure["id"], place["block"], place["printed"])
        for measure in figures_in(folder)["measures"]
        for place in measure["printed"]
    }


def require_whole(folder):
    """Hold a version to its own promises: unchanged files, a Word file that is its model, numbers that are its figures."""
    unchanged(folder)
    model = model_in(folder)
    assert reread((folder / "document.docx").read_bytes(), model) == model
    printed = {count: (run.measure, block, run.printed) for count, (block, run) in enumerate(printed_numbers(model), 1)}
    assert numbers_of(folder) == printed
    return model


@pytest.mark.parametrize("name", NAMES)
def test_of_every_kind_an_untouched_file_is_the_same_document_again(name, drafted, tmp_path):
    found, base = drafted(name)
    data = (base / "document.docx").read_bytes()
    made = adopted(found, base, data, tmp_path / "v2")
    model = require_whole(made.folder)
    assert model.blocks == model_in(base).blocks
    assert (model.version, made.version) == (2, 2)
    before, after = figures_in(base), figures_in(made.folder)
    assert after.pop("overwritten") == []
    assert after == before
    assert (made.folder / "uploaded.docx").read_bytes() == data
    assert "文字没有不同" in (made.folder / "cover_note.html").read_text("utf-8")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_typed_anywhere_stands_in_every_file_of_the_version(drafted, tmp_path_factory, data):
    found, base = drafted("fiscal-monthly")
    file = docx.Document(str(base / "document.docx"))
    body = [each for each in file.paragraphs if each.style.name.lower().startswith("body")]
    elements = [each for one in body for each in one._p.iter(qn("w:t")) if each.text]
    for _ in range(data.draw(st.integers(1, 4))):
        element = data.draw(st.sampled_from(elements))
        start = data.draw(st.integers(0, len(element.text)))
        end = data.draw(st.integers(start, len(element.text)))
        element.text = element.text[:start] + data.draw(TYPED) + element.text[end:]
    stream = io.BytesIO()
    file.save(stream)
    made = adopted(found, base, stream.getvalue(), tmp_path_factory.mktemp("typed") / "v2")
    model = require_whole(made.folder)
    assert model.blocks == reread(stream.getvalue(), model_in(base)).blocks
    known = {(id_, printed) for id_, _, printed in numbers_of(base).values()}
    assert {(id_, printed) for id_, _, printed in numbers_of(made.folder).values()} <= known


def test_a_changed_number_is_listed_with_what_the_data_say_and_never_goes_out(drafted, tmp_path):
    found, base = drafted("fiscal-monthly")
    data = changed(base, "59.5%", "61.5%")
    overwritten = (Overwritten("total.progress", "59.5%", "61.5%", "第 5 段"),)
    made = adopted(found, base, data, tmp_path / "v2", overwritten)
    assert [each["printed"] for each in figures_in(made.folder)["overwritten"]] == ["59.5%"]
    assert "人工改写的数字" in (made.folder / "cover_note.html").read_text("utf-8")
    final = fill(made.folder, found.answers(made.blanks), tmp_path / "final")
    assert "overwritten" not in figures_in(final.folder)
    assert "61.5%" in final.text
    assert "uploaded.docx" not in {*final.files, *final.kept}


def test_a_number_that_is_put_right_again_leaves_the_list(drafted, tmp_path):
    found, base = drafted("fiscal-monthly")
    second = adopted(found, base, changed(base, "59.5%", "61.5%"), tmp_path / "v2", (
        Overwritten("total.progress", "59.5%", "61.5%", "第 5 段"),
    )).folder  # fmt: skip
    kept = adopted(found, second, changed(second, "，超过序时进度", "，快于序时进度"), tmp_path / "v3").folder
    assert len(figures_in(kept)["overwritten"]) == 1
    mended = adopted(found, second, changed(second, "61.5%", "59.5%"), tmp_path / "v4").folder
    assert figures_in(mended)["overwritten"] == []


def test_new_paragraphs_of_two_edits_have_ids_of_their_own(drafted, tmp_path):
    found, base = drafted("fiscal-monthly")
    second = adopted(found, base, with_paragraph(base, "第一段新增。"), tmp_path / "v2").folder
    third = adopted(found, second, with_paragraph(second, "第二段新增。"), tmp_path / "v3").folder
    ids = [block.id for block in require_whole(third).blocks]
    assert len(ids) == len(set(ids))
    assert {"edited-1", "edited-2"} <= set(ids)


def test_the_same_file_gives_the_same_version(drafted, tmp_path):
    found, base = drafted("submission")
    data = (base / "document.docx").read_bytes()
    one, other = (adopted(found, base, data, tmp_path / name) for name in ("a", "b"))
    assert one.sha256 == other.sha256
    assert model_in(one.folder) == replace(model_in(base), **version_of(one.folder))


def version_of(folder):
    model = model_in(folder)
    return {"version": 2, "created_at": model.created_at, "based_on": model.based_on}


@needs_office
def test_a_file_that_libreoffice_saved_becomes_the_same_document(drafted, tmp_path):
    found, base = drafted("fiscal-monthly")
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
               "docx:MS Word 2007 XML", "--outdir", str(tmp_path), str(base / "document.docx")]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    made = adopted(found, base, (tmp_path / "document.docx").read_bytes(), tmp_path / "v2")
    assert require_whole(made.folder).blocks == model_in(base).blocks


def changed(folder, old, new):
    file = docx.Document(str(folder / "document.docx"))
    element = next(each for each in file.element.body.iter(qn("w:t")) if old in (each.text or ""))
    element.text = element.text.replace(old, new, 1)
    return saved(file)


def with_paragraph(folder, text):
    file = docx.Document(str(folder / "document.docx"))
    file.paragraphs[6].insert_paragraph_before(text)
    return saved(file)


def saved(file):
    stream = io.BytesIO()
    file.save(stream)
    return stream.getvalue()
