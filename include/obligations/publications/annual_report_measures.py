"""The measures, tables and words of the yearly report on information disclosure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from obligations.publications.analysis import largest_first, rate_places
from obligations.publications.annual_report import (
    ACTIVE,
    APPLICANTS,
    CHARGED,
    HANDLED,
    ISSUED,
    OUTCOMES,
    REQUESTS,
    REVIEWS,
    SUM,
)
from obligations.publications.annual_report_lines import (
    CARRIED_IN,
    CARRIED_OUT,
    DONE,
    RECEIVED,
    RESULTS,
    REVIEW_ITEMS,
    Report,
    report_of,
)
from obligations.publications.measuring import Measures, Reading, Unit
from obligations.publications.periods import say_period
from obligations.publications.wording import say_counting
from obligations.words.draft import Figure, TableColumn, TablePlan
from obligations.words.errors import BadInput, UnusableInput
from obligations.words.publication import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

Told = dict[str, Any]
ARTICLES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "rules": ("第二十条第（一）项", ("规章", "行政规范性文件"), ISSUED),
    "permits": ("第二十条第（五）项", ("行政许可",), (HANDLED,)),
    "penalties": ("第二十条第（六）项", ("行政处罚", "行政强制"), (HANDLED,)),
    "charges": ("第二十条第（八）项", ("行政事业性收费",), (CHARGED,)),
}
"""The four small tables of what was made public without being asked, by article: items and columns."""


def annual_report(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Compute the measures, the standard tables, the words and the warnings of one year.

    Args:
        frame: validated rows of the year, and of the year before where it is to be compared.
        snapshot: the source file.
        period: the year.

    Raises BadInput where the tables of either year lack a cell or contradict themselves.
    """
    if not period.key.isdigit():
        raise UnusableInput(f"期间“{period.key}”应为年度，例如 2025")
    now = report_of(frame, snapshot, period.key)
    if now is None:
        raise BadInput(snapshot.file, (f"{snapshot.file} 没有期间为“{period.key}”的行，应有三张表的全部项目",))
    before = report_of(frame, snapshot, str(int(period.key) - 1))
    made = _Made(Measures(snapshot, frame, Unit("件", places=0)), now, before)
    tables = {name: made.article(name) for name in ARTICLES}
    tables |= {"requests": made.requests(), "reviews": made.reviews()}
    words = {"year": say_period(period), **made.told()}
    return Analysis(made.measures.by_id, tables, words, tuple(_warnings(now, before)))


class _Made:
    """The measures of one report; a cell of a table is ``<table>.<item>.<column>``."""

    def __init__(self, measures: Measures, now: Report, before: Report | None) -> None:
        self.measures, self._now, self._before = measures, now, before

    def article(self, name: str) -> TablePlan:
        """Return one of the four tables of what was made public without being asked."""
        caption, items, columns = ARTICLES[name]
        header = (TableColumn("信息内容", "left"), *(TableColumn(column) for column in columns))
        return TablePlan(caption, "", header, tuple((item, *self._cells(ACTIVE, item, columns)) for item in items))

    def requests(self) -> TablePlan:
        """Return the table of requests in the order and with the ordinals of the national format."""
        columns = (*APPLICANTS, SUM)
        header = (TableColumn("项目", "left"), *(TableColumn(column) for column in columns))
        rows = [
            (label, *(self._cells(REQUESTS, item, columns) if item else ("",) * len(columns)))
            for label, item in _request_rows()
        ]
        return TablePlan("收到和处理政府信息公开申请情况", "单位：件", header, tuple(rows))

    def reviews(self) -> TablePlan:
        """Return the table of reviews and lawsuits."""
        columns = (*OUTCOMES, SUM)
        header = (TableColumn("类别", "left"), *(TableColumn(column) for column in columns))
        rows = tuple((item, *self._cells(REVIEWS, item, columns)) for item in REVIEW_ITEMS)
        return TablePlan("政府信息公开行政复议、行政诉讼情况", "单位：件", header, rows)

    def told(self) -> Told:
        """Return what the summary tells of the requests, and of what was reviewed or sued over."""
        sums = {name: self._result(name, items) for name, items in RESULTS}
        done = self._value(REQUESTS, DONE, SUM)
        order = largest_first({name: value for name, (value, _) in sums.items() if value})
        opened = sums["予以公开"][0] + sums["部分公开"][0]
        both = [(REQUESTS, name, SUM) for name in ("予以公开", "部分公开", DONE)]
        lawsuits = [(REVIEWS, item, SUM) for item in REVIEW_ITEMS[1:]]
        corrected = [(REVIEWS, item, "结果纠正") for item in REVIEW_ITEMS]
        return {
            "received": f"{REQUESTS}.{RECEIVED}.{SUM}",
            "carried_in": f"{REQUESTS}.{CARRIED_IN}.{SUM}",
            "done": f"{REQUESTS}.{DONE}.{SUM}",
            "carried_out": f"{REQUESTS}.{CARRIED_OUT}.{SUM}",
            "growth": self._growth(),
            "results": [{"name": name, "count": sums[name][1]} for name in order],
            "opened_share": self._add("opened_share", "予以公开和部分公开占比", opened / done * 100,
                                      "（予以公开 + 部分公开） ÷ 办理结果总计 × 100", both, "%") if done else None,
            "reviews": f"{REVIEWS}.{REVIEW_ITEMS[0]}.{SUM}",
            "lawsuits": self._total("lawsuits", "行政诉讼件数", lawsuits),
            "corrected": self._total("corrected", "行政复议、行政诉讼结果纠正件数", corrected),
        }  # fmt: skip

    def _result(self, name: str, items: tuple[str, ...]) -> tuple[Decimal, str | None]:
        """Return the number of one sort of results and its measure: the row's own, or the sum of the items below it."""
        if not items:
            return self._value(REQUESTS, name, SUM), f"{REQUESTS}.{name}.{SUM}"
        places = [(REQUESTS, item, SUM) for item in items]
        return sum((self._value(*place) for place in places), Decimal(0)), self._total(f"result.{name}", name, places)

    def _growth(self) -> str | None:
        if self._before is None:
            return None
        base, now = (report[REQUESTS][RECEIVED] for report in (self._before, self._now))
        if not base.cells[SUM]:
            return None
        change = (now.cells[SUM] - base.cells[SUM]) / base.cells[SUM] * 100
        how = Reading("", "", "（本年新收 - 上年新收） ÷ 上年新收 × 100", (), "%", 1)
        return self.measures.add("growth", "新收申请同比", change, how, [(now.number, SUM), (base.number, SUM)])

    def _total(self, key: str, label: str, places: list[tuple[str, str, str]]) -> str | None:
        whole = sum((self._value(*place) for place in places), Decimal(0))
        return self._add(key, label, whole, "下列单元格之和", places)

    def _add(
        self, key: str, label: str, value: Decimal, formula: str, places: list[tuple[str, str, str]], unit: str = "件"
    ) -> str | None:
        how = Reading("", "", formula, (), unit, rate_places(value) if unit == "%" else 0)
        cells = [(self._now[table][item].number, column) for table, item, column in places]
        return self.measures.add(key, label, value, how, cells)

    def _value(self, table: str, item: str, column: str) -> Decimal:
        return self._now[table][item].cells[column]

    def _cells(self, table: str, item: str, columns: Iterable[str]) -> Iterator[str | Figure]:
        row = self._now[table][item]
        for column in columns:
            how = Reading(
                "", "", f"来源列“{column}”", (), "万元" if column == CHARGED else "件", None if column == CHARGED else 0
            )
            key = f"{table}.{item}.{column}"
            self.measures.add(key, f"{item}{column}", row.cells[column], how, [(row.number, column)])
            yield Figure(key)


def _request_rows() -> Iterator[tuple[str, str]]:
    """Yield label and item of every row of the table of requests; the row that only names what follows has no item."""
    yield f"一、{RECEIVED}", RECEIVED
    yield f"二、{CARRIED_IN}", CARRIED_IN
    yield "三、本年度办理结果", ""
    for ordinal, (name, items) in enumerate(RESULTS, start=1):
        part = f"（{say_counting(ordinal)}）{name}"
        if not items:
            yield part, name
        for number, item in enumerate(items, start=1):
            yield f"{part}：{number}.{item}", item
    yield f"（{say_counting(len(RESULTS) + 1)}）{DONE}", DONE
    yield f"四、{CARRIED_OUT}", CARRIED_OUT


def _warnings(now: Report, before: Report | None) -> Iterator[str]:
    if before is None:
        yield "来源没有上年的行，新收申请数量未作同比，上年结转数量未与上年报告核对。"
        return
    carried, last = now[REQUESTS][CARRIED_IN].cells[SUM], before[REQUESTS][CARRIED_OUT].cells[SUM]
    if carried != last:
        yield f"{CARRIED_IN}为{carried}件，上年报告的{CARRIED_OUT}为{last}件，两者应一致，请核对。"
    for item in ("规章", "行政规范性文件"):
        made, repealed, valid = (now[ACTIVE][item].cells[column] for column in ISSUED)
        was = before[ACTIVE][item].cells[ISSUED[2]]
        if was + made - repealed != valid:
            expected = was + made - repealed
            yield f"{item}现行有效件数为{valid}件，按上年{was}件加制发{made}件减废止{repealed}件应为{expected}件，请核对。"
