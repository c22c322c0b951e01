"""Identity numbers and mobile phones in whatever a draft is made from: no file of the draft tells them, its author is told where.

Decisions about persons, which are read by their kinds, are in ``tests/steps/test_draft_personal``.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from functools import cache

import pypdf
import pytest
from case_counts import tried
from hypothesis import given, settings
from hypothesis import strategies as st

from obligations.orchestration.documents.specimens import DATA, DELIVERED, EVENTS, GIVEN, specimen
from obligations.publications.personal import hide_identifiers
from obligations.publications.persons import MOST_TOLD, without_identifiers
from obligations.steps.draft import COVER_NOTE, COVER_NOTE_PAGE, draft
from obligations.words.material import GivenParagraph
from obligations.words.occurrence import Event

IDENTITY, PHONE = "110101190001010006", "13800000000"
OF_PERSONS = {"permits-and-penalties", "enforcement-decisions"}
ROWS = sorted({*DATA, *DELIVERED} - OF_PERSONS)
OTHERS = sorted({*GIVEN, *EVENTS})


@cache
def case_of(name: str):
    return specimen(name)


@pytest.mark.parametrize("name", ROWS)
def test_every_text_of_every_kinds_rows_is_masked_and_told(name):
    case = case_of(name)
    frame = case.source.copy()
    columns = [column for column in frame.columns if frame[column].map(lambda cell: isinstance(cell, str)).any()]
    for number, column in enumerate(columns):
        cells = frame[column].astype(object)
        cells.iloc[0] = f"{cells.iloc[0]}，{(IDENTITY, PHONE)[number % 2]}"
        frame[column] = cells
    hidden, warnings = without_identifiers(name, frame)
    tried("personal data: cells", len(columns))
    said = " ".join(str(cell) for cell in hidden.to_numpy().ravel())
    assert IDENTITY not in said
    assert PHONE not in said
    assert len(warnings) == min(len(columns), MOST_TOLD + 1)
    for column, warning in zip(columns, warnings[:MOST_TOLD], strict=False):
        assert f"第 {frame.index[0]} 行“{column}”列" in warning
        assert IDENTITY not in warning
    assert case.source.shape == hidden.shape
    same, nothing = without_identifiers(name, case.source)
    assert same is case.source, "what holds none is not touched"
    assert nothing == ()


def told(file: str, data: bytes) -> str:
    """Return all text of a file: of a Word file its parts unpacked, of a PDF its pages."""
    if file.endswith(".docx"):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return "".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())
    if file.endswith(".pdf"):
        return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    return data.decode("utf-8", "replace")


def with_identifiers(name: str):
    """Return a specimen's material with an identity number and a phone in it."""
    source = case_of(name).source
    if isinstance(source, Event):
        fields = {**source.fields, "summary": f"伤者证件号{IDENTITY}", "lead": f"应急管理局，电话{PHONE}"}
        return replace(source, title=f"{source.title}{PHONE}", fields=fields)
    if name == "submission":
        paragraph = GivenParagraph(f"联系人身份证号{IDENTITY}，电话{PHONE}。")
        return replace(source, title=f"{source.title}{PHONE}", parts=(*source.parts, paragraph))
    if name == "check-sheet":
        files = (replace(source.files[0], name=f"名单{IDENTITY}.docx"), *source.files[1:])
        return replace(source, files=files)
    cells = source["来源"].astype(object)
    cells.iloc[0] = f"经办人电话{PHONE}，证件{IDENTITY}"
    return source.assign(来源=cells)


@pytest.mark.parametrize("name", ["fiscal-monthly", *OTHERS])
def test_no_file_of_a_draft_holds_an_identifier_and_its_author_is_told(name, tmp_path):
    case = case_of(name)
    obligation, occurrence, kind, snapshot, _ = case.arguments[:5]
    made = draft(
        obligation,
        occurrence,
        kind,
        snapshot,
        with_identifiers(name),
        version=1,
        out=tmp_path,
        created_at=occurrence.opens_at,
    )
    for path in made.folder.iterdir():
        tried("personal data: files of drafts")
        text = "".join(told(path.name, path.read_bytes()).split())
        assert IDENTITY not in text, path.name
        assert PHONE not in text, path.name
    assert any("个人信息，稿中已隐去" in warning for warning in made.warnings)
    note = told(COVER_NOTE_PAGE, (made.folder / COVER_NOTE_PAGE).read_bytes())
    assert "已隐去" in note
    assert COVER_NOTE in {path.name for path in made.folder.iterdir()}


@settings(deadline=None)
@given(
    before=st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=10),
    digits=st.from_regex(r"1[3-9]\d{9}|\d{17}[\dX]", fullmatch=True),
)
def test_what_was_hidden_once_is_not_changed_again(before, digits):
    tried("personal data: numbers")
    once = hide_identifiers(f"{before}{digits}{before}")
    assert hide_identifiers(once) == once
