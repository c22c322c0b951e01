"""Lists of administrative decisions: what each row must say, what of it may be printed, and the counts of it.

Shared by the kinds that list decisions. A natural person's name is masked and no code or number of a person is printed,
cited as a source or repeated in a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from obligations.publications.measuring import Measures, Reading, finite, text
from obligations.publications.personal import hide_identifiers, is_identity_number, mask_name
from obligations.publications.wording import NO_VALUE
from obligations.words.draft import Figure, TableColumn, TablePlan
from obligations.words.publication import IS_LATE, PUBLISH_BY
from obligations.words.times import say_day

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period

NATURAL = "自然人"
SORTS = ("法人及非法人组织", NATURAL, "个体工商户")
CODE = "统一社会信用代码"
Told = dict[str, Any]
"""What the template tells: names and measure ids by meaning."""


@dataclass(frozen=True, slots=True)
class Form:
    """Where one sort of decision stands in the file.

    Attributes:
        key: begins the ids of its measures; name: of the sort, 行政许可.
        party, sort: columns of who it was made about, and whether that is a natural person.
        number, day, body: columns of its 文书号, its date and the body that made it; group: of the sort it is counted by.
        needed: columns that a row must fill beside these.
        printed: columns of its table, in order; ``body`` follows where more than one body made decisions.
        amounts: columns in 万元 that are summed.
        span: columns of the first and last day it is valid, empty for none.
        groups: what ``group`` may say, the last one with a remark behind it; empty for anything.
        code_of_body: column of the code of ``body``, empty for none.
        grounds: columns of a second table, what was done and by which rule: texts too long to stand beside the others.
        further: columns of a last table, each printed where a row fills it.
    """

    key: str
    name: str
    party: str
    sort: str
    number: str
    day: str
    body: str
    group: str
    needed: tuple[str, ...]
    printed: tuple[str, ...]
    amounts: tuple[str, ...] = ()
    span: tuple[str, str] | tuple[()] = ()
    groups: tuple[str, ...] = ()
    code_of_body: str = ""
    grounds: tuple[str, ...] = ()
    further: tuple[str, ...] = ()


def faults(rows: pd.DataFrame, form: Form, file: str) -> Iterator[str]:
    """Yield one sentence for each cell of ``rows`` that is missing, impossible or an identity number."""
    seen: dict[str, int] = {}
    for row, cells in _cells_of(rows):
        where = f"{file} 第 {row} 行"
        for column in (form.number, form.day, form.body, *form.needed):
            if not _is_filled(cells.get(column)):
                yield f"{where}“{column}”列是空的，{form.name}决定应写明{column}，请补填。"
        yield from _code_faults(cells, form, where)
        yield from _impossible(cells, form, where)
        for column in (form.number, form.body, form.group):  # what counts and messages cite as it is
            if (named := text(cells.get(column))) and hide_identifiers(named) != named:
                yield f"{where}“{column}”列含有证件号码或电话（已隐去），请删去。"
        number = text(cells.get(form.number))
        if number and seen.setdefault(number, row) != row:
            same = hide_identifiers(number)
            yield f"{where}与第 {seen[number]} 行的“{form.number}”都是“{same}”，应只有一行，请删去多余的一行。"


def _code_faults(cells: Told, form: Form, where: str) -> Iterator[str]:
    code = text(cells.get(CODE))
    if code and is_identity_number(code):
        yield f"{where}“{CODE}”列填的是身份证号（已隐去），应为统一社会信用代码，自然人留空，请改正。"
    elif cells[form.sort] != NATURAL and not code:
        yield f"{where}“{CODE}”列是空的，{cells[form.sort]}应填18位代码，请补填。"
    code = text(cells.get(form.code_of_body))
    if code and is_identity_number(code):
        yield f"{where}“{form.code_of_body}”列填的是身份证号（已隐去），应为机关的统一社会信用代码，请改正。"


def _impossible(cells: Told, form: Form, where: str) -> Iterator[str]:
    group = text(cells.get(form.group))
    if form.groups and group and group not in form.groups and not group.startswith(form.groups[-1]):
        shown = hide_identifiers(group)
        yield f"{where}“{form.group}”列的值是“{shown}”，应为{'、'.join(form.groups)}之一，{form.groups[-1]}的可注明，请改正。"
    for column in form.amounts:
        amount = finite(cells.get(column))
        if amount is not None and amount < 0:
            yield f"{where}“{column}”列的值是“{amount}”，应不小于0，请改正。"
    if form.span:
        first, last = (cells.get(column) for column in form.span)
        if isinstance(first, date) and isinstance(last, date) and first > last:
            yield f"{where}“{form.span[1]}”列的值是“{last}”，应不早于“{form.span[0]}”的“{first}”，请改正。"


def told(measures: Measures, rows: pd.DataFrame, form: Form) -> Told:
    """Add the counts and sums of one sort of decisions; return them for the template."""
    parties = _counts(measures, rows, form, f"{form.key}.party", form.sort, SORTS)
    sums = {column: _sum(measures, rows, form, column) for column in form.amounts}
    return {
        "count": _count(measures, f"{form.key}.count", f"{form.name}决定件数", rows, form.number, "决定的行数"),
        "any": not rows.empty,
        "parties": parties,
        "groups": _counts(
            measures, rows, form, f"{form.key}.group", form.group, tuple(dict.fromkeys(rows[form.group]))
        ),
        "sums": [{"name": column.split("（")[0], "amount": found} for column, found in sums.items() if found],
        "table": form.key,
        "bodies": named_bodies(rows, form.body, form.code_of_body),
        "body": form.body,
        "has_further": bool(_filled(rows, form.further)),
    }


def table(rows: pd.DataFrame, form: Form, caption: str) -> TablePlan:
    """Return the public list, in order of date and number, with everything personal masked or left out."""
    bodies = dict.fromkeys(text(body) for body in rows[form.body])
    columns = (*form.printed, *((form.body,) if len(bodies) > 1 and form.body not in form.printed else ()))
    header = tuple(TableColumn(name, "left") for name in columns)
    lines = (tuple(_safe(form, cells, name) or NO_VALUE for name in columns) for _, cells in _ordered(rows, form))
    return TablePlan(caption, "", header, tuple(lines))


def further_table(
    measures: Measures, rows: pd.DataFrame, form: Form, further: Iterable[str], caption: str
) -> TablePlan | None:
    """Return what else the standard has of each decision, by its number; None where no row says anything of it."""
    columns = _filled(rows, further)
    if not columns:
        return None

    def cell(row: int, cells: Told, name: str) -> str | Figure:
        if name in form.amounts:
            return measures.shown(_amount(measures, row, cells, form, name))
        return _safe(form, cells, name) or NO_VALUE

    header = (
        TableColumn(form.number, "left"),
        *(TableColumn(n, "right" if n in form.amounts else "left") for n in columns),
    )
    lines = (
        (_safe(form, cells, form.number), *(cell(row, cells, name) for name in columns))
        for row, cells in _ordered(rows, form)
    )
    return TablePlan(caption, "", header, tuple(lines))


def named_bodies(rows: pd.DataFrame, body: str, code: str) -> list[str]:
    """Return the bodies that a column names, in source order, each with its code where the row gives one."""
    found: dict[str, str] = {}
    for _, cells in _cells_of(rows):
        name, own = text(cells.get(body)), text(cells.get(code))
        if name:
            found[name] = found.get(name) or own or ""
    return [
        hide_identifiers(name) + (f"（{CODE}：{own}）" if own and not is_identity_number(own) else "")
        for name, own in found.items()
    ]


def warnings(rows: pd.DataFrame, form: Form, period: Period, limit: str) -> Iterator[str]:
    """Yield what the author must know: decisions past their limit, the next to come, those of another period."""
    listed = [
        (row, cells, f"第 {row} 行{form.name}决定“{_safe(form, cells, form.number)}”") for row, cells in _cells_of(rows)
    ]
    for _, cells, named in listed:
        if cells.get(IS_LATE):
            due = say_day(cells[PUBLISH_BY])
            yield f"{named}于{say_day(cells[form.day])}作出，应在{limit}内（{due}前）公开，起草时已超过，请核对并另附情况说明。"
    open_days = [
        cells[PUBLISH_BY] for _, cells, _ in listed if isinstance(cells.get(PUBLISH_BY), date) and not cells[IS_LATE]
    ]
    if open_days:
        yield f"未超过期限的{form.name}决定中，最早的应在{say_day(min(open_days))}前公开（{limit}）。"
    if period.start != period.end:
        for _, cells, named in listed:
            if not period.start <= cells[form.day] <= period.end:
                yield f"{named}的日期{say_day(cells[form.day])}不在本期，请核对。"
    for _, cells, named in listed:
        if hidden := [name for name in (*form.printed, *form.grounds, *form.further) if _is_hidden(form, cells, name)]:
            yield f"{named}的“{'、'.join(hidden)}”含有自然人姓名、证件号码或电话，稿件已隐去，请核对隐去后的文字。"


def any_natural(rows: pd.DataFrame, form: Form) -> bool:
    """Say whether a row is about a natural person."""
    return bool((rows[form.sort] == NATURAL).any())


def _counts(
    measures: Measures, rows: pd.DataFrame, form: Form, key: str, column: str, values: Iterable[str]
) -> list[Told]:
    groups = [(value, rows[rows[column] == value]) for value in values]
    return [
        {"name": value, "count": _count(measures, f"{key}.{value}", f"{form.name}决定中{value}件数", each, column, f"“{column}”列为“{value}”的行数")}
        for value, each in groups
        if not each.empty
    ]  # fmt: skip


def _count(measures: Measures, key: str, label: str, rows: pd.DataFrame, column: str, formula: str) -> str | None:
    how = Reading("", "", formula, (), "件", 0)
    return measures.add(key, label, Decimal(len(rows)), how, [(row, column) for row in rows.index])


def _sum(measures: Measures, rows: pd.DataFrame, form: Form, column: str) -> str | None:
    given = {row: amount for row, cells in _cells_of(rows) if (amount := finite(cells.get(column))) is not None}
    if not given:
        return None
    how = Reading("", "", f"“{column}”列之和", (), "万元")
    return measures.add(
        f"{form.key}.{column}", f"{column.split('（')[0]}合计", sum(given.values(), Decimal(0)), how,
        [(row, column) for row in given],
    )  # fmt: skip


def _amount(measures: Measures, row: int, cells: Told, form: Form, column: str) -> str | None:
    how = Reading("", "", f"来源列“{column}”", (), "万元")
    label = f"“{_safe(form, cells, form.number)}”{column.split('（')[0]}"
    return measures.add(f"{form.key}.{row}.{column}", label, finite(cells.get(column)), how, [(row, column)])


def _filled(rows: pd.DataFrame, columns: Iterable[str]) -> list[str]:
    """Return the columns that a row fills."""
    return [name for name in columns if any(_is_filled(cells.get(name)) for _, cells in _cells_of(rows))]


def _ordered(rows: pd.DataFrame, form: Form) -> list[tuple[int, Told]]:
    return sorted(_cells_of(rows), key=lambda each: (each[1][form.day], each[0]))


def _safe(form: Form, cells: Told, column: str) -> str:
    """Return a cell as it may be published: a natural person's name masked wherever it stands, numbers hidden."""
    cell = cells.get(column)
    if isinstance(cell, date):
        return say_day(cell)
    written, is_natural = text(cell) or "", cells[form.sort] == NATURAL
    if not is_natural:
        return hide_identifiers(written)
    if column == CODE:
        return ""
    name = _name_of(cells, form)
    if column == form.party:
        return mask_name(name)
    if len(name) > 1:  # 张　三 and 张三 are one person
        written = re.sub(r"\s*".join(map(re.escape, name)), mask_name(name), written)
    return hide_identifiers(written)


def _name_of(cells: Told, form: Form) -> str:
    """Return a natural person's name without white space in it, and without what is remarked in brackets."""
    return re.split(r"[（(]", "".join(cells[form.party].split()))[0]


def _is_hidden(form: Form, cells: Told, column: str) -> bool:
    """Say whether a text, the party's own name and code aside, is printed with something taken out."""
    written = text(cells.get(column))
    return column not in {form.party, CODE} and bool(written) and _safe(form, cells, column) != written


def _cells_of(rows: pd.DataFrame) -> Iterator[tuple[int, Told]]:
    for row, cells in rows.to_dict(orient="index").items():
        yield int(str(row)), {str(name): value for name, value in cells.items()}


def _is_filled(value: object) -> bool:
    return isinstance(value, date) or finite(value) is not None or text(value) is not None
