"""The guide for departments who edit templates: its example is linted and drafted, and what it says of a draft is so."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from obligations.orchestration.documents.specimens import specimen
from obligations.orchestration.documents.template_check import template_faults
from obligations.publications.registry import NAMES
from obligations.steps.draft import draft

REPOSITORY = Path(__file__).parents[3]
GUIDE = REPOSITORY / "docs" / "templates.md"


def test_the_example_of_the_guide_has_no_fault_and_gives_the_draft_shown(tmp_path):
    text = GUIDE.read_text("utf-8")
    example = re.search(r"^```jinja\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)[1]
    templates = shutil.copytree(REPOSITORY / "templates", tmp_path / "templates")
    named = re.match(r"\{# templates/(\S+) #\}\n", example)[1]
    (templates / named).write_text(example, "utf-8")
    assert [str(fault) for fault in template_faults(templates)] == []
    made = specimen(Path(named).stem)
    version = draft(
        *made.arguments, version=1, out=tmp_path / "draft", created_at=made.occurrence.opens_at, templates=templates
    )
    shown = [line.strip("> ") for line in text.splitlines() if line.startswith("> ")]
    assert len(shown) == 3
    assert version.text.startswith("\n\n".join(shown))


def test_what_the_guide_says_is_printed_stands_in_the_draft(tmp_path):
    made = specimen("fiscal-monthly")
    version = draft(*made.arguments, version=1, out=tmp_path / "draft", created_at=made.occurrence.opens_at)
    for printed in ("258,912万元", "增收41,310.5万元", "超过序时进度9.5个百分点", "比1—5月回落7.4个百分点"):
        assert printed in GUIDE.read_text("utf-8")
        assert printed in version.text


def test_the_files_that_the_guide_names_are_there():
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE.read_text("utf-8")):
        assert (GUIDE.parent / target).exists(), target
    for path in re.findall(r"`(templates/[\w./-]+)`", GUIDE.read_text("utf-8")):
        assert (REPOSITORY / path).exists(), path


def test_the_gallery_has_a_picture_of_every_kind_that_opens_fast():
    pictures = {path.stem: path for path in (REPOSITORY / "docs" / "gallery").glob("*.png")}
    assert set(pictures) == set(NAMES), "run: python -m obligations.orchestration.documents.gallery"
    for path in pictures.values():
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.stat().st_size <= 200_000
