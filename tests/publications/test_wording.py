"""Rounding, separators, units and the words for a rise and a fall."""

from __future__ import annotations

from decimal import Decimal

import pytest

from obligations.publications.wording import contradiction, places_of, rounded, say_counting, say_number, say_unit


@pytest.mark.parametrize(
    ("value", "places", "printed"),
    [
        ("258912", 0, "258,912"),
        ("-37597", 0, "-37,597"),
        ("0.05", 1, "0.1"),  # half up, not to even
        ("-0.04", 1, "0.0"),  # no minus before a zero
        ("18.984", 1, "19.0"),
        ("123456789012345678901234567890.123456789", 2, "123,456,789,012,345,678,901,234,567,890.12"),
    ],
)
def test_numbers_are_rounded_half_up_with_separators(value, places, printed):
    assert say_number(Decimal(value), places) == printed


def test_a_rounded_zero_has_no_sign():
    assert not rounded(Decimal("-0.001"), 1).is_signed()


@pytest.mark.parametrize(
    ("value", "places"), [("15972.5", 1), ("19217", 0), ("19217.0", 0), ("1E+3", 0), ("1.23456", 4)]
)
def test_decimals_are_those_given(value, places):
    assert places_of(Decimal(value)) == places


def test_units_that_are_counted_get_their_measure_word():
    assert [say_unit(unit) for unit in ("百分点", "%", "万元", "点")] == ["个百分点", "%", "万元", "个点"]


@pytest.mark.parametrize(("number", "said"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (99, "九十九")])
def test_ordinals_are_chinese(number, said):
    assert say_counting(number) == said


@pytest.mark.parametrize(("rising", "falling"), [("下降", "增长"), ("增长", "增长"), ("变动", "下降"), ("增长", "")])
def test_words_that_do_not_fit_their_sign_are_found(rising, falling):
    assert contradiction(rising, falling)


def test_words_that_fit_are_accepted():
    assert contradiction("增收", "减收") is None
