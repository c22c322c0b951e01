"""Statutory limits as dated data: which binds when, how it is cited, and that doubt is carried along."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from obligations.rules.law import StatutoryLimit, find_overlaps, law_in_force, read_law
from obligations.words.errors import CatalogueFault
from obligations.words.limits import Limit

CHANGE = date(2019, 5, 15)  # 国务院令第711号 takes effect


@pytest.mark.parametrize(
    ("key", "on", "cited", "limit", "verified"),
    [
        (
            "proactive-disclosure",
            CHANGE - timedelta(days=1),
            "《政府信息公开条例》（国务院令第492号）第十八条",
            "P20WD",
            False,
        ),
        ("proactive-disclosure", CHANGE, "《政府信息公开条例》（国务院令第711号）第二十六条", "P20WD", True),
        ("on-request", CHANGE - timedelta(days=1), "《政府信息公开条例》（国务院令第492号）第二十四条", "P15WD", False),
        ("on-request", CHANGE, "《政府信息公开条例》（国务院令第711号）第三十三条", "P20WD", True),
    ],
)
def test_on_2019_05_15_the_new_regulation_replaces_the_old(key, on, cited, limit, verified):
    law = law_in_force(key, on)
    assert law is not None
    assert (law.cite(), str(law.limit), law.verified) == (cited, limit, verified)


def test_answers_on_request_could_be_extended_by_15_and_then_by_20_working_days():
    old, new = law_in_force("on-request", date(2017, 9, 1)), law_in_force("on-request", date(2026, 9, 1))
    assert (str(old.extension), str(new.extension)) == ("P15WD", "P20WD")
    assert old.pauses == ()
    assert new.pauses == ("征求第三方意见", "征求其他机关意见")


def test_the_three_days_of_the_penalty_law_are_working_days_and_only_since_it_says_so():
    law = law_in_force("penalty-withdrawal", date(2026, 1, 1))
    assert law.limit == Limit(3, "working_day")
    assert "第八十五条" in law.cite()
    assert law_in_force("penalty-withdrawal", date(2021, 7, 14)) is None  # the revision takes effect on the 15th


def test_no_law_is_found_outside_its_time_in_force():
    for limit in read_law():
        for outside in (limit.in_force_from, limit.in_force_until):
            if outside is None:
                continue
            day = outside + timedelta(days=-1 if outside == limit.in_force_from else 1)
            assert law_in_force(limit.key, day) != limit
        if limit.in_force_from:
            assert law_in_force(limit.key, limit.in_force_from) == limit


def test_what_was_not_read_in_the_original_says_so_wherever_it_is_cited():
    doubtful = [limit for limit in read_law() if not limit.verified]
    assert doubtful
    assert all(limit.note and "未核到原文" in limit.cite_with_doubt() for limit in doubtful)
    assert law_in_force("incident-information", date(2026, 1, 1)).verified is False


def test_a_yearly_date_of_law_is_the_first_after_the_period():
    law = law_in_force("government-annual-report", date(2025, 12, 31))
    assert law.date_after(date(2025, 12, 31)) == date(2026, 3, 31)
    assert law.date_after(date(2026, 3, 31)) == date(2027, 3, 31)


@pytest.mark.parametrize(
    "key",
    [
        *("proactive-disclosure", "on-request", "correction-notice", "third-party", "department-annual-report"),
        *("government-annual-report", "budget", "drinking-water", "double-publicity", "enforcement-decision"),
        *("penalty-withdrawal", "interpretation", "incident-information", "incident-conference"),
    ],
)
def test_the_families_that_the_catalogue_may_name_exist(key):
    assert key in {limit.key for limit in read_law()}


def test_two_versions_that_bind_on_one_day_are_a_fault():
    one, other = (limit for limit in read_law() if limit.key == "proactive-disclosure")
    overlapping = other.model_copy(update={"in_force_from": date(2019, 5, 14)})
    assert find_overlaps((one, other), "law.yaml") == []
    assert [fault.field for fault in find_overlaps((one, overlapping), "law.yaml")] == [
        "proactive-disclosure.in_force_from"
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("verified: false", "须用 note 写明"),
        ("verified: true\n    extension: P5WD", "extension 与 extension_needs 同时写明"),
        ("verified: true\n    pauses: [征求意见]", "pauses 与 pause_limit 同时写明"),
        ("verified: true\n    extension: P5D\n    extension_needs: 负责人", "只有工作日时限可以延长"),
    ],
)
def test_an_incomplete_entry_is_a_fault_that_names_what_is_missing(line, expected, tmp_path: Path):
    path = tmp_path / "law.yaml"
    head = "limits:\n  - key: x\n    name: 某条例\n    article: 第一条\n    says: 某事\n    limit: P5WD\n    source: 全文\n"
    path.write_text(f"{head}    {line}\n", encoding="utf-8")
    with pytest.raises(CatalogueFault, match=expected):
        read_law(path)


def test_a_law_without_a_number_is_cited_by_title_and_article():
    law = StatutoryLimit(key="x", name="预算法", article="第十四条", says="某事", verified=True, source="全文")
    assert law.cite() == "《预算法》第十四条"
