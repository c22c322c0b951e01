"""docs/extraction.zh-CN.md shows what a person is shown: the review of one document, and how well all seven are read."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from obligations.rules.plans.comparison import compare
from obligations.rules.plans.extract import extract
from obligations.rules.plans.legal_lint import find
from obligations.rules.plans.review_page import review_text
from obligations.words.plans import SourceText

PAGE = (Path(__file__).parents[3] / "docs" / "extraction.zh-CN.md").read_text("utf-8")
NAMES = {
    "黑龙江": "heilongjiang",
    "山东": "shandong",
    "定陶": "dingtao",
    "鹤壁": "hebi",
    "大庆": "daqing",
    "阿勒泰": "altay",
    "舟山": "zhoushan",
}


def test_the_review_of_one_document_is_what_extraction_writes(measured):
    file = measured["heilongjiang"].entries[0].document.file
    extraction = extract(SourceText(file, measured["heilongjiang"].text))
    comparison = compare(extraction.candidates, extraction.documents, ())
    findings = find(extraction.candidates, extraction.documents, date(2026, 11, 22))
    written = re.sub(r"^#", "##", review_text(extraction, comparison, findings), flags=re.MULTILINE)
    assert written.strip() in PAGE


def test_the_figures_are_those_of_today(measured):
    rows = dict(re.findall(r"^\| (\S+) \| .* \| (\d+/\d+ \| \d+/\d+ \| \d+/\d+) \|$", PAGE, re.MULTILINE))
    told = {}
    for name, jurisdiction in NAMES.items():
        each = measured[jurisdiction]
        clocks = sum(map(each.right_clock, each.met))
        bodies = sum(map(each.right_bodies, each.met))
        met = len(each.met)
        told[name] = f"{met}/{len(each.candidates)} | {clocks}/{met} | {bodies}/{met}"
    assert {name: rows[name] for name in NAMES} == told
