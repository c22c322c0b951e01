"""What kinds compute alike: ranks with ties, directions as printed, slips of unit, jumps beyond the past."""

from __future__ import annotations

from decimal import Decimal

import pytest

from obligations.publications.analysis import Placing, beyond_past, direction, largest_first, rank, slip_of_unit, total


def numbers(**values):
    return {name: (Decimal(value),) for name, value in values.items()}


def test_equals_share_a_rank_and_the_next_is_skipped():
    assert rank(numbers(a="2", b="1", c="2.0", d="3")) == {
        "b": Placing(1, 1),
        "a": Placing(2, 2),
        "c": Placing(2, 2),
        "d": Placing(4, 1),
    }


def test_a_second_key_decides_between_equals():
    keys = {"a": (Decimal(1), Decimal(9)), "b": (Decimal(1), Decimal(8)), "c": (Decimal(1), Decimal(9))}
    assert {name: placing.rank for name, placing in rank(keys).items()} == {"b": 1, "a": 2, "c": 2}


def test_nothing_has_no_rank():
    assert rank({}) == {}


@pytest.mark.parametrize(("change", "sign"), [("0.04", 0), ("0.05", 1), ("-0.04", 0), ("-0.05", -1), ("0", 0)])
def test_a_change_that_prints_as_zero_has_no_direction(change, sign):
    assert direction(Decimal(change), 1) == sign


def test_changes_come_largest_first_whatever_their_sign():
    assert largest_first({"a": Decimal(1), "b": Decimal(-3), "c": Decimal(2), "d": Decimal(3)}) == ["b", "d", "c", "a"]


@pytest.mark.parametrize(
    ("now", "before", "power"),
    [
        ("1200000", "120", 4),
        ("1.1", "11000", -4),
        ("300", "31", 1),
        ("120", "100", None),
        ("500", "100", None),
        ("0", "5", None),
        ("5", "0", None),
        ("-50", "5", None),
    ],
)
def test_a_slip_of_unit_is_a_ratio_near_a_power_of_ten(now, before, power):
    assert slip_of_unit(Decimal(now), Decimal(before)) == power


def test_a_jump_is_judged_by_at_least_three_past_values():
    past = [Decimal(3), Decimal(-4), Decimal(2)]
    assert beyond_past(Decimal("8.1"), past)
    assert not beyond_past(Decimal(8), past)
    assert not beyond_past(Decimal(99), past[:2])


def test_a_sum_with_an_unknown_part_is_unknown():
    assert total([Decimal("1.5"), Decimal(2)]) == Decimal("3.5")
    assert total([Decimal(1), Decimal("NaN")]).is_nan()
