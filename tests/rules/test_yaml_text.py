"""YAML that people maintain: nothing in it that only a program would write."""

from __future__ import annotations

from datetime import date

from obligations.rules.yaml_files import parse_model
from obligations.rules.yaml_text import yaml_text
from obligations.words.obligation import Document


def test_a_day_that_stands_twice_is_written_twice():
    """issued_on and in_force_from are often the same day; &id001 and *id001 mean nothing to an office."""
    day = date(2026, 3, 2)
    document = Document(title="要点", issued_by="示例市人民政府办公室", issued_on=day, in_force_from=day)
    text = yaml_text(document, "文件的基本信息")
    assert (text.count("2026-03-02"), "&" in text, "*" in text) == (2, False, False)
    assert parse_model(text, "_document.yaml", Document) == document
