"""What is read of the seven documents, measured against the accepted catalogue: recall, precision, clocks, bodies."""

from __future__ import annotations

import pytest

KINDS_WITH_A_NUMBER = {"recurring", "deadline", "quota"}
JURISDICTIONS = ("heilongjiang", "shandong", "dingtao", "hebi", "daqing", "altay", "zhoushan")


def has_a_number(entry):
    clock = entry.clock
    return clock.kind in KINDS_WITH_A_NUMBER or (
        clock.kind == "event" and clock.rule is not None and clock.rule.amount > 0
    )


def share(measured, chosen, right):
    found = [right(each, place) for each in measured for place in range(len(each.entries)) if chosen(each, place)]
    return sum(found) / len(found)


def recall(measured, chosen):
    return share(measured, lambda each, place: chosen(each.entries[place]), lambda each, place: place in each.met)


def test_entries_with_a_number_a_date_or_a_cadence_are_found(measured):
    assert recall(measured.values(), has_a_number) >= 0.95


def test_standing_entries_are_found(measured):
    assert recall(measured.values(), lambda entry: entry.clock.kind == "standing") >= 0.80


def test_what_is_found_is_an_obligation(measured):
    met = sum(len(each.met) for each in measured.values())
    assert met / sum(len(each.candidates) for each in measured.values()) >= 0.90


def test_the_clock_is_right(measured):
    right = share(measured.values(), lambda each, place: place in each.met, lambda each, place: each.right_clock(place))
    assert right >= 0.95


def test_the_departments_are_right(measured):
    right = share(
        measured.values(), lambda each, place: place in each.met, lambda each, place: each.right_bodies(place)
    )
    assert right >= 0.90


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_no_document_falls_behind(measured, jurisdiction):
    each = measured[jurisdiction]
    assert recall([each], lambda entry: True) >= 0.90
    assert len(each.met) / len(each.candidates) >= 0.90


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_every_quote_is_verbatim(measured, jurisdiction):
    text = "".join(measured[jurisdiction].text.split())
    assert [each.quote for each in measured[jurisdiction].candidates if "".join(each.quote.split()) not in text] == []


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_nothing_injected_is_in_a_candidate(measured, jurisdiction):
    shown = [f"{each.title}{each.departments}{each.quote}" for each in measured[jurisdiction].candidates]
    assert [text for text in shown for word in ("365", "投注", "比分", "娱乐场") if word in text] == []
