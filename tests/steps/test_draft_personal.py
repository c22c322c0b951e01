"""Drafts of decisions about persons: no file of any version holds a name, a number or a phone of one."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pypdf
import pytest

from obligations.steps.draft import draft, fill

IDENTITY, PHONE = "110101190001010006", "13800000000"
PERSONS = {"permits-and-penalties": ("演示丙", "演示戊"), "enforcement-decisions": ("演示丙",)}


def said(file, data):
    """Return all text of a file: of a Word file its parts unpacked, of a PDF its pages."""
    if file.endswith(".docx"):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return "".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())
    if file.endswith(".pdf"):
        return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    return data.decode("utf-8", "replace")


@pytest.mark.parametrize("name", PERSONS)
def test_no_file_of_a_draft_or_a_final_version_tells_of_a_person(name, case, tmp_path):
    found = case(name)
    delivered = " ".join(str(cell) for cell in found.source.to_numpy().ravel())
    assert all(secret in delivered for secret in (PHONE, *PERSONS[name]))
    drafted = draft(*found.arguments, version=1, out=tmp_path / "d", created_at=found.occurrence.opens_at)
    final = fill(drafted.folder, found.answers(drafted.blanks), tmp_path / "f", dated=date(2026, 9, 12))
    for version in (drafted, final):
        for path in version.folder.iterdir():
            text = "".join(said(path.name, path.read_bytes()).split())
            for secret in (IDENTITY, PHONE, *PERSONS[name]):
                assert secret not in text, path.name


def test_late_decisions_stand_in_the_cover_note_alone(case, tmp_path):
    found = case("permits-and-penalties")
    drafted = draft(*found.arguments, version=1, out=tmp_path / "d", created_at=found.occurrence.opens_at)
    assert any("起草时已超过" in warning for warning in drafted.warnings)
    for file in drafted.files:
        assert "已超过" not in said(file, (drafted.folder / file).read_bytes())
    assert "起草时已超过" in (drafted.folder / "cover_note.html").read_text("utf-8")
