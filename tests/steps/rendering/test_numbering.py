"""Ordinals: what is alone of its level has none, everything else is counted."""

from __future__ import annotations

import pytest

from obligations.steps.rendering.numbering import numbered
from obligations.words.draft import Heading, Note, TextRun


@pytest.mark.parametrize(
    ("levels", "ordinals"),
    [
        ((1,), ("",)),
        ((1, 1), ("一、", "二、")),
        ((1, 2, 1), ("一、", "", "二、")),
        ((1, 2, 2, 1, 2), ("一、", "（一）", "（二）", "二、", "")),
        ((1, 2, 3, 3, 2), ("", "（一）", "1.", "2.", "（二）")),
        ((2, 2), ("（一）", "（二）")),
    ],
)
def test_a_heading_that_is_alone_of_its_level_has_no_ordinal(levels, ordinals):
    blocks = [Heading(f"h{place}", level, ()) for place, level in enumerate(levels)]
    assert tuple(number for _, number in numbered(blocks)) == ordinals


def test_an_ordinal_stands_apart_from_a_number_that_follows_it():
    notes = [Note(f"n{count}", (TextRun(text),)) for count, text in enumerate(("甲。", "2017年改为2018年。"), start=1)]
    assert [ordinal for _, ordinal in numbered(notes)] == ["注：1.", "2. "]
