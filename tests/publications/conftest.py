"""Reads rows as a department would deliver them, through the real reader and the real contract."""

from __future__ import annotations

import csv
import hashlib
import io
from fractions import Fraction
from pathlib import Path

import pytest

from obligations.publications.registry import kind
from obligations.publications.wording import say_number
from obligations.rules.delivery import Delivery
from obligations.rules.tabular import read_frame
from obligations.words.publication import Snapshot

REPOSITORY = Path(__file__).parents[2]
DELIVERIES = REPOSITORY / "tests" / "deliveries"
DEMO = REPOSITORY / "include" / "obligations" / "demo"
SHARED = REPOSITORY.parent / "shared" / "data"


@pytest.fixture
def demo_rows():
    """Return the rows of a demo file as text."""

    def read(name):
        with (DEMO / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture
def delivered_rows():
    """Return the rows of a delivery made up for the tests, as text."""

    def read(name):
        with (DELIVERIES / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture
def published_rows():
    """Return the rows of a file of published figures; skip where they are not beside the repository."""

    def read(name):
        if not (SHARED / name).is_file():
            pytest.skip(f"published figures are not here: {name} must lie in ../shared/data beside the repository")
        with (SHARED / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture(scope="session")
def analysed():
    """Return the analysis of rows delivered as one CSV file; keeps nothing between calls."""

    def analyse(name, rows, period):
        stream = io.StringIO()
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        data = stream.getvalue().encode()
        found = kind(name)
        frame = read_frame(data, found.contract, Delivery("rows.csv"))
        return found.analyse(frame, Snapshot("rows.csv", "rows.csv", hashlib.sha256(data).hexdigest()), period)

    return analyse


def by_hand(value, places):
    """Print a Fraction with ``places`` decimals, halves away from zero, the way one does on paper."""
    digits = str((abs(value) * 10**places * 2 + 1).__floor__() // 2).rjust(places + 1, "0")
    whole, part = (digits[:-places], digits[-places:]) if places else (digits, "")
    sign = "-" if value < 0 and digits.strip("0") else ""
    return f"{sign}{int(whole):,}" + (f".{part}" if part else "")


@pytest.fixture(scope="session")
def printed_by_hand():
    """Return how a number is printed on paper."""
    return by_hand


@pytest.fixture(scope="session")
def require_agreement():
    """Return a check that the measures are exactly those expected, and print as their recomputation does."""

    def check(measures, expected):
        assert measures.keys() == expected.keys()
        for name, value in expected.items():
            measure = measures[name]
            assert say_number(measure.value, measure.places) == by_hand(value, measure.places), name
            assert measure.formula
            assert measure.inputs, name

    return check


class ByHand:
    """What ``comparing`` and ``outlook`` give, once more by plain fractions: measures by id, None where there is none."""

    @staticmethod
    def cell(row, column):
        """Return the number of a delivered cell."""
        return Fraction(row[column]) if row and row.get(column) else None

    @staticmethod
    def amount(key, now):
        return {f"{key}.now": now, f"{key}.loss": -now if now is not None and now < 0 else None}

    @staticmethod
    def rate(now, before, unit):
        if now is None or before is None:
            return None
        if unit == "%":
            return now - before
        if before <= 0 or now < 0:
            return None
        rate = (now - before) / before * 100
        return rate if abs(rate) <= 500 else None

    def compared(self, key, base, unit, now, before, published=None):
        both = now is not None and before is not None
        return {
            f"{key}.{base}": self.rate(now, before, unit) if both else published,
            f"{key}.{base}_change": now - before if both and unit != "%" else None,
            f"{key}.{base}_before": before,
            f"{key}.{base}_loss": -before if before is not None and before < 0 else None,
        }

    @staticmethod
    def pace(key, now, then):
        if now is None or then is None:
            return {}
        signs = {(value > 0) - (value < 0) if abs(value) >= Fraction(1, 20) else 0 for value in (now, then)}
        if 0 in signs:
            return {}
        return {f"{key}.turned": then} if len(signs) == 2 else {f"{key}.shift": now - then}

    @staticmethod
    def contributions(key, whole, parts):
        now, before = whole
        shares = now is not None and now > 0 and all(each is not None and each >= 0 for each, _ in parts.values())
        found = {}
        for name, (each, earlier) in parts.items():
            change = None if each is None or earlier is None else each - earlier
            pulls = change is not None and before is not None and before > 0
            found |= {
                f"{key}.{name}.change": change,
                f"{key}.{name}.pull": change / before * 100 if pulls else None,
                f"{key}.{name}.share": each / now * 100 if shares else None,
            }
        return found

    @staticmethod
    def outlook(key, now, past):
        past = [(same, whole) for same, whole in past if same is not None and whole is not None and 0 < same <= whole]
        if len(past) < 2 or now is None or now <= 0:
            return {}
        shares = [same / whole for same, whole in past]
        found = {}
        for name, share in (("middle", sum(shares) / len(shares)), ("low", max(shares)), ("high", min(shares))):
            found |= {f"{key}.{name}_share": share * 100, f"{key}.{name}": now / share}
        return found

    @staticmethod
    def known(found):
        """Leave out what must not be there."""
        return {name: value for name, value in found.items() if value is not None}


@pytest.fixture(scope="session")
def by_fractions():
    """Return comparisons by plain fractions, which share no code with the package."""
    return ByHand()
