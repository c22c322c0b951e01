"""Whatever is done to a delivery on its way gives a correct draft or one clear refusal; never a traceback, never a wrong number.

In three stages, because each costs ten times the one before (``effort``): reading the cells of most files; contract and
analysis of some, hundreds of all kinds together in CI; whole drafts of one or two a kind.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from dressing import mutated
from effort import ANALYSED_FILES, MUTATED_FILES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import ten_thousandfold
from read_by_hand import Refused, Taken, by_hand, cells_by_hand, number
from written_files import SHEET, Written

from obligations.orchestration.documents.specimens import CREATED, DATA, DELIVERED, DELIVERIES, DEMO, LINES, specimen
from obligations.publications.registry import NAMES, kind
from obligations.rules.calendar import load_calendar
from obligations.rules.delivery import LISTED, Delivery
from obligations.rules.row_limits import with_limits
from obligations.rules.tabular import read_frame, read_table
from obligations.steps.draft import draft
from obligations.steps.rendering.analysis import analysis_of
from obligations.steps.rendering.text import plain_text
from obligations.words.draft import DocumentModel
from obligations.words.errors import BadInput
from obligations.words.publication import Snapshot

KINDS = tuple(name for name in NAMES if kind(name).contract is not None)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
READ = settings(max_examples=MUTATED_FILES, deadline=None, suppress_health_check=SLOW)
ANALYSED = settings(max_examples=ANALYSED_FILES, deadline=None, suppress_health_check=SLOW)
SAID_OTHERWISE = settings(max_examples=max(2, ANALYSED_FILES // 4), deadline=None, suppress_health_check=SLOW)
CALENDAR, FILE = load_calendar(None), "2026-09.csv"
LAST = re.compile(r"；请.+后(重新放入收件夹|再试)。$", re.DOTALL)


@cache
def delivered(name: str) -> Written:
    """Return the specimen of a kind as its department wrote it."""
    file = (DATA.get(name) or DELIVERED[name])[0]
    data = next(folder / file for folder in (DELIVERIES, DEMO, LINES) if (folder / file).is_file()).read_bytes()
    cells = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    return Written(cells, frozenset(column.name for column in kind(name).contract.columns if column.holds == "number"))


def require_refusal(refused: BadInput, expected: Refused, written: Written) -> None:
    """Fail unless every place is told in a sentence of its own, and nothing else is."""
    problems = list(refused.problems)
    assert refused.file == written.file
    if len(expected.places) > LISTED:
        assert f"另有 {len(expected.places) - LISTED} 处问题" in problems.pop()
    assert len(problems) == min(LISTED, len(expected.places)), (problems, expected.places)
    places = list(expected.places)
    for problem in problems:
        assert problem.startswith(f"文件 {written.file} "), problem
        assert LAST.search(problem), problem
        if "单元格" in problem or "列的值" in problem:
            assert not written.is_workbook or f"工作表“{SHEET}”" in problem, problem
        found = next((place for place in places if all(words in problem for words in place)), None)
        assert found is not None, f"{problem} is none of {places}"
        places.remove(found)


def require_same_cells(frame, rows, contract=None) -> None:
    """Fail unless every cell is what was read by hand, in its row; of the contract's columns if there is one."""
    assert [int(row) for row in frame.index] == list(rows)
    for name in (
        frame.columns
        if contract is None
        else [column.name for column in contract.columns if column.name in frame.columns]
    ):
        for (row, texts), found in zip(rows.items(), frame[name], strict=True):
            value = texts[name]
            if isinstance(value, str) and found != value and number(found) is not None:
                found, value = number(found), number(value)  # a stored number knows no trailing zeros
            assert (Fraction(found) if isinstance(value, Fraction) else found) == value, (row, name, found, value)


def require_quoted_numbers(analysis, taken: Taken) -> None:
    """Fail if a number that is quoted from a cell is not the one that was read there by hand."""
    for measure in analysis.measures.values():
        quoted = re.fullmatch(r"来源列“(.+)”(?:，÷ (\d+) 折合.+)?", measure.formula)
        if quoted and len(measure.inputs) == 1:
            (cell,) = measure.inputs
            assert cell.column == quoted[1]
            assert Fraction(measure.value) == taken.rows[cell.row][quoted[1]] / Fraction(quoted[2] or 1), measure


def require_told_by_the_kind(refused: BadInput, written: Written) -> None:
    """Fail unless each problem that only the kind can see names the file, the place and what is expected."""
    assert refused.file == written.file
    assert refused.problems
    for problem in refused.problems:
        assert written.file in problem, problem
        assert re.search(r"第 \d+ 行|“[^”]+”|期间", problem), problem
        assert re.search("应|不能|不得|须|填", problem), problem


def figures(analysis):
    """Return what is printed, whatever the row it stood in and the trailing zeros of its cell."""
    return sorted((each.label, Fraction(each.value), each.unit, each.places) for each in analysis.measures.values())


def told_in_order(analysis):
    """Return all that goes into a draft but the bytes it came from."""
    said = {
        name: (each.label, each.value, each.unit, each.places, each.formula) for name, each in analysis.measures.items()
    }
    return said, analysis.tables, analysis.words, analysis.charts, analysis.warnings


def analysed(name: str, frame, file=FILE):
    """Return the analysis of a frame in the period of the kind's specimen."""
    case, contract = specimen_of(name), kind(name).contract
    limited = with_limits(frame, contract, CALENDAR, CREATED)
    return analysis_of(kind(name), limited, Snapshot(file, file, "0" * 64), case.occurrence.period)


@cache
def specimen_of(name: str):
    return specimen(name)


@cache
def unmutated(name: str):
    """Return what the specimen says by hand, and its analysis."""
    written, contract = delivered(name), kind(name).contract
    return by_hand(written, contract), analysed(name, read_frame(written.data(), contract, Delivery(FILE)))


def outcome(act: Callable[[], Any]) -> Any:
    """Return what comes of an act, the refusal included; a library's warning is a failure, for nobody reads it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return act()
        except BadInput as refused:
            return refused


def agree_on_refusal(found, expected, written: Written) -> bool:
    """Say whether the file was refused, as it must be; fail if only one of the two refuses it, or for another reason."""
    assert isinstance(found, BadInput) == isinstance(expected, Refused), f"{found}\nby hand: {expected}"
    if isinstance(found, BadInput):
        require_refusal(found, expected, written)
    return isinstance(found, BadInput)


def require_read(written: Written, contract) -> None:
    """Fail unless the cells are read as by hand, or refused for what is wrong with them."""
    expected = cells_by_hand(written, may_be_empty=contract.may_be_empty)
    data, delivery = written.data(), Delivery(written.file)
    found = outcome(lambda: read_table(data, delivery, may_be_empty=contract.may_be_empty))
    if not agree_on_refusal(found, expected, written):
        assert tuple(found.frame.columns) == expected.names
        require_same_cells(found.frame, expected.rows)


def require_correct(name: str, written: Written) -> None:
    """Fail unless the file is analysed as what was read by hand, or refused for what is wrong with it."""
    contract = kind(name).contract
    expected = by_hand(written, contract)
    data = written.data()
    frame = outcome(lambda: read_frame(data, contract, Delivery(written.file)))
    if agree_on_refusal(frame, expected, written):
        return
    require_same_cells(frame, expected.rows, contract)
    original, usual = unmutated(name)
    says_the_same = Counter(expected.content()) == Counter(original.content())
    analysis = outcome(lambda: analysed(name, frame, written.file))
    if isinstance(analysis, BadInput):
        assert not says_the_same, f"refused for nothing: {analysis}"
        require_told_by_the_kind(analysis, written)
        return
    if expected.rows.keys() == original.rows.keys() and expected.content() == original.content():
        assert told_in_order(analysis) == told_in_order(usual)
    elif says_the_same:
        assert figures(analysis) == figures(usual)
        assert len(analysis.warnings) == len(usual.warnings)
    require_quoted_numbers(analysis, expected)


@pytest.mark.parametrize("name", KINDS)
@READ
@given(data=st.data())
def test_a_mutated_file_is_read_cell_by_cell_or_refused_by_place(name, data):
    require_read(data.draw(mutated(delivered(name), kind(name).contract)), kind(name).contract)


@pytest.mark.parametrize("name", KINDS)
@ANALYSED
@given(data=st.data())
def test_a_mutated_delivery_gives_the_numbers_read_by_hand_or_one_clear_refusal(name, data):
    require_correct(name, data.draw(mutated(delivered(name), kind(name).contract)))


@pytest.mark.parametrize("name", KINDS)
@SAID_OTHERWISE
@given(data=st.data())
def test_what_says_the_same_gives_the_same_numbers(name, data):
    written = data.draw(mutated(delivered(name), kind(name).contract, harmless=True))
    assert Counter(by_hand(written, kind(name).contract).content()) == Counter(unmutated(name)[0].content())
    require_correct(name, written)


AMOUNTS = {
    "annual-report": ("本年收费金额（万元）",),
    "drinking-water-quarterly": ("取水量", "达标取水量"),
    "economic-indicators": ("本期数", "累计数", "上年同期累计数"),
    "environment-monthly": ("本期", "上年同期"),
    "fiscal-monthly": ("累计数", "年初预算数", "同比增减额"),
    "grain-purchase-five-daily": ("累计收购量", "上年同期累计", "平均收购价", "上年同期价格", "全季收购量"),
    "land-price-quarterly": ("地价水平", "上季度地价水平", "上年同期地价水平"),
    "land-supply-quarterly": ("数量", "上年同期数量"),
    "permits-and-penalties": ("罚款金额（万元）", "没收违法所得、没收非法财物的金额（万元）"),
    "social-assistance-quarterly": ("本期数", "上季度数", "上年同期数"),
    "soe-indicators": ("本期数", "上年同期数"),
    "wholesale-prices-weekly": ("上周", "本周", "去年同期"),
}
"""Columns of amounts that may be written in a unit ten thousand times smaller; what is left out is counted in pieces."""
COUNTED = {"accountability", "annual-statement", "enforcement-decisions", "epidemic-monthly", "website-check-quarterly"}


def ten_thousand_times(name: str, rows) -> Written | None:
    """Return the specimen with the amounts of these rows in a smaller unit, None if they have none."""
    written = delivered(name)
    cells = [list(row) for row in written.cells]
    units = cells[0].index("单位") if "单位" in cells[0] else None
    changed = False
    for row in rows:
        if units is not None and not re.search("元|吨|公顷|克", cells[row][units]):
            continue
        for position, column in enumerate(cells[0]):
            text = cells[row][position]
            if column in AMOUNTS[name] and number(text):
                cells[row][position], changed = ten_thousandfold(text), True
    return replace(written, cells=cells) if changed else None


def test_every_kind_says_whether_it_has_amounts():
    assert AMOUNTS.keys() | COUNTED == set(KINDS)
    for name, columns in AMOUNTS.items():
        assert delivered(name).numbers.issuperset(columns)


@pytest.mark.parametrize("name", AMOUNTS)
def test_a_unit_ten_thousand_times_too_small_is_refused_or_warned_of_in_one_row_and_in_all(name):
    usual, body = unmutated(name)[1].warnings, range(1, len(delivered(name).cells))
    unseen = []
    for rows in (body, *((row,) for row in body)):
        written = ten_thousand_times(name, rows)
        if written is None:
            continue
        try:
            frame = read_frame(written.data(), kind(name).contract, Delivery(FILE))
            new = set(analysed(name, frame).warnings) - set(usual)
        except BadInput:
            continue
        wanted = "核对单位" if rows is body else "核对"  # all at once, the amounts agree with one another
        if not any(wanted in warning for warning in new):
            unseen.append(rows)
    assert unseen == []


@pytest.mark.parametrize("name", KINDS)
def test_a_specimen_is_not_doubted_for_its_size(name):
    assert not [warning for warning in unmutated(name)[1].warnings if "填作万元" in warning]


@pytest.mark.parametrize("name", KINDS)
def test_the_draft_of_a_delivery_sent_otherwise_is_word_for_word_the_same(name, tmp_path):
    made = specimen_of(name)
    written = delivered(name)
    as_gbk = replace(
        written,
        encoding="gbk",
        newline="\r\n",
        quoted=True,
        cells=[[f" {text}　" for text in row] for row in written.cells],
    )
    as_workbook = replace(
        written, is_workbook=True, calculated=[(2, column) for column in range(1, written.width() + 1)]
    )
    texts = set()
    for number_of_form, form in enumerate((written, as_gbk, as_workbook)):
        limited = with_limits(
            read_frame(form.data(), made.kind.contract, Delivery(FILE)), made.kind.contract, CALENDAR, CREATED
        )
        case = replace(made, source=limited)
        done = draft(*case.arguments, version=1, out=tmp_path / str(number_of_form), created_at=CREATED)
        texts.add(plain_text(DocumentModel.from_json((done.folder / "model.json").read_bytes())))
    assert len(texts) == 1
