"""Counts the ledger's lines: 按期率 with numerator and denominator, as a whole, by department and by month.

Every number printed is a measure that names the rows it was counted from. Where a line is counted was settled before
(``rules.accountability``); here it is only counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from obligations.publications.analysis import rate_places
from obligations.publications.periods import say_key, say_period
from obligations.words.accountability import APART, HEADERS, OUTCOMES
from obligations.words.draft import Figure, TableColumn, TablePlan
from obligations.words.publication import Analysis, Cell, Measure

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.occurrence import Period
    from obligations.words.publication import Snapshot

Row = dict[str, str]
"""One line by field of ``LedgerLine``; ``row`` is its number in the file."""
Found = dict[str, str | None]
"""Measure ids by name of what was counted; None where there is no number."""
_COUNTED = f"“{HEADERS['counted']}”列"
_RATED = {"按期", "逾期"}
_NOT_DUE = {"补录", "未到期"}


@dataclass(frozen=True, slots=True)
class Count:
    """One thing counted of any set of lines: its id, label and formula, and which lines it takes."""

    name: str
    label: str
    formula: str
    takes: Callable[[Row], bool]


def _of(name: str, *counted: str) -> Count:
    label = "、".join(counted)
    return Count(name, f"{label}件数", f"{_COUNTED}为“{label}”的行数", lambda row: row["counted"] in counted)


COUNTS = (
    Count("due", "到期件数", "除“补录”“未到期”外的行数", lambda row: row["counted"] not in _NOT_DUE),
    Count("owed", "应考核件数", f"{_COUNTED}为“按期”或“逾期”的行数", lambda row: row["counted"] in _RATED),
    _of("on_time", "按期"),
    _of("late", "逾期"),
    Count(
        "open",
        "逾期未完成件数",
        f"{_COUNTED}为“逾期”且“{HEADERS['result']}”为“逾期未完成”的行数",
        lambda row: row["counted"] == "逾期" and row["result"] == "逾期未完成",
    ),
    _of("upstream", APART[0]),
    _of("system", APART[1]),
    _of("ruled", APART[2]),
    Count("apart", "单列件数", f"{_COUNTED}为{'、'.join(APART)}的行数", lambda row: row["counted"] in APART),
    _of("nil", OUTCOMES[0]),
    _of("withheld", OUTCOMES[1]),
    _of("waived", OUTCOMES[2]),
    _of("paused", OUTCOMES[3]),
    _of("unverified", OUTCOMES[4]),
    Count("outcomes", "另计件数", f"{_COUNTED}为{'、'.join(OUTCOMES)}的行数", lambda row: row["counted"] in OUTCOMES),
    _of("historical", "补录"),
    Count("objections", "提出异议件数", f"“{HEADERS['answer']}”列有内容的行数", lambda row: bool(row["answer"])),
    Count(
        "upheld",
        "裁定维持件数",
        f"“{HEADERS['decision']}”列为“维持”的行数",
        lambda row: row["decision"] == "维持",
    ),
    Count(
        "moved",
        "裁定单列件数",
        f"“{HEADERS['decision']}”列有内容且不为“维持”的行数",
        lambda row: row["decision"] not in {"", "维持"},
    ),
)


def punctuality(frame: pd.DataFrame, snapshot: Snapshot, period: Period) -> Analysis:
    """Count the lines of ``period`` and compare them with the lines of the period before, which the same file holds."""
    rows = _rows(frame)
    now = [row for row in rows if row["counted_in"] == period.key]
    before = [row for row in rows if row["counted_in"] != period.key]
    tally = _Tally(snapshot)
    total, last = tally.count("total", "", now), tally.count("before", "上期", before)
    due = [row for row in now if row["counted"] not in _NOT_DUE]
    departments = {name: tally.count(f"department.{name}", name, lines) for name, lines in _by(due, "department")}
    months = {f"{int(month[5:])}月": tally.count(f"month.{month}", month, lines) for month, lines in _by(due, "month")}
    listed = {
        "missed": [row for row in due if row["counted"] == "逾期"],
        "apart": [row for row in due if row["counted"] in APART],
        "others": [row for row in due if row["counted"] in OUTCOMES],
    }
    tables = {name: LISTS[name](lines) for name, lines in listed.items() if lines}
    if due:
        tables["departments"] = _rates("各责任单位按期办理情况", "责任单位", departments)
    if due and period.start.month != period.end.month:
        tables["months"] = _rates("各月按期办理情况", "月份", months)
    words: dict[str, Any] = {
        "span": say_period(period),
        "total": total,
        "last": last,
        "shift": tally.shift(total, last, now, before),
        "any_due": bool(due),
        "any_historical": any(row["counted"] == "补录" for row in now),
        "was_held": any(row["response"] for row in now),
        "any_silent": any(row["response"] == "未反馈" for row in now),
        "any_objection": any(row["answer"] for row in now),
        **tally.responses(now),
        **{f"any_{name}": bool(lines) for name, lines in listed.items()},
    }
    return Analysis(tally.by_id, tables, words, tuple(_warnings(now)))


class _Tally:
    """Makes the measures of sets of lines."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.by_id: dict[str, Measure] = {}

    def count(self, key: str, name: str, rows: list[Row]) -> Found:
        """Add every count of ``rows`` and the rates; return ids by name, None for a rate without a denominator."""
        found: Found = {}
        for count in COUNTS:
            taken = [row for row in rows if count.takes(row)]
            found[count.name] = self._add(key, count.name, f"{name}{count.label}", len(taken), count.formula, taken)
        rated = [row for row in rows if row["counted"] in _RATED]
        whole = [*rated, *(row for row in rows if row["counted"] in APART)]
        formula = "按期件数 ÷ 应考核件数（按期 + 逾期） × 100"
        found["rate"] = self._rate(key, "rate", f"{name}按期率", rated, formula)
        found["whole_rate"] = self._rate(
            key, "whole_rate", f"{name}单列件数计入分母后的按期率", whole, "按期件数 ÷ （应考核件数 + 单列件数） × 100"
        )
        return found

    def shift(self, now: Found, before: Found, rows: list[Row], earlier: list[Row]) -> str | None:
        """Add how far the rate has moved since the period before; None where either has none."""
        if now["rate"] is None or before["rate"] is None:
            return None
        (on_time, owed), (on_time_before, owed_before) = _rated(rows), _rated(earlier)
        # One division only: the difference of two rounded rates could print a half the wrong way.
        moved = Decimal(on_time * owed_before - on_time_before * owed) * 100 / (owed * owed_before)
        rated = [row for row in (*rows, *earlier) if row["counted"] in _RATED]
        return self._add("total", "shift", "按期率比上期", moved, "本期按期率 - 上期按期率", rated, "百分点", 1)

    def responses(self, rows: list[Row]) -> Found:
        """Add how many departments were asked in the round of feedback, and how many answered."""
        asked = _by([row for row in rows if row["response"]], "department")
        answered = [lines for _, lines in asked if any(row["response"] != "未反馈" for row in lines)]
        column = HEADERS["response"]
        told = {
            "asked": ("反馈核实单位数", f"“{column}”列有内容的责任单位数", [lines for _, lines in asked]),
            "answered": ("已反馈单位数", f"“{column}”列为“无异议”或“提出异议”的责任单位数", answered),
        }
        found: Found = {}
        for name, (label, formula, groups) in told.items():
            counted = [row for lines in groups for row in lines]
            found[name] = self._add("feedback", name, label, len(groups), formula, counted, "个")
        return found

    def _rate(self, key: str, name: str, label: str, rows: list[Row], formula: str) -> str | None:
        if not rows:
            return None
        rate = Decimal(sum(row["counted"] == "按期" for row in rows)) / len(rows) * 100
        # One miss among thousands must not print as 100.0 %.
        return self._add(key, name, label, rate, formula, rows, "%", max(1, rate_places(rate)))

    def _add(
        self,
        key: str,
        name: str,
        label: str,
        value: int | Decimal,
        formula: str,
        rows: Iterable[Row],
        unit: str = "件",
        places: int = 0,
    ) -> str:
        cells = tuple(
            Cell(self._snapshot.file, self._snapshot.sha256, int(row["row"]), HEADERS["counted"], row["counted"])
            for row in rows
        )
        measure = f"{key}.{name}"
        self.by_id[measure] = Measure(measure, label, Decimal(value), unit, places, formula, cells)
        return measure


def _rows(frame: pd.DataFrame) -> list[Row]:
    return [
        {"row": str(number), **{field: str(line[header] or "") for field, header in HEADERS.items()}}
        for number, line in frame.to_dict(orient="index").items()
    ]


def _by(rows: list[Row], field: str) -> list[tuple[str, list[Row]]]:
    return [(name, [row for row in rows if row[field] == name]) for name in sorted({row[field] for row in rows})]


def _rated(rows: list[Row]) -> tuple[int, int]:
    """Return how many lines were in time, of how many that are rated."""
    rated = [row["counted"] for row in rows if row["counted"] in _RATED]
    return rated.count("按期"), len(rated)


def _shown(measure: str | None) -> str | Figure:
    return "—" if measure is None else Figure(measure)


_RATE_COLUMNS = {
    "due": "到期",
    "owed": "应考核（分母）",
    "on_time": "按期（分子）",
    "rate": "按期率（%）",
    "late": "逾期",
    "upstream": "上级数据未下达",
    "system": "系统原因",
    "ruled": "其他原因单列",
    "outcomes": "另计",
}


def _rates(caption: str, first: str, lines: Mapping[str, Found]) -> TablePlan:
    header = (TableColumn(first, "left"), *(TableColumn(title) for title in _RATE_COLUMNS.values()))
    rows = tuple((name, *(_shown(found[column]) for column in _RATE_COLUMNS)) for name, found in lines.items())
    return TablePlan(caption, "单位：件、%", header, rows)


def _listed(caption: str, rows: list[Row], columns: dict[str, str]) -> TablePlan:
    header = tuple(TableColumn(title, "left") for title in columns)
    told = [{**row, "period": say_key(row["period"] or "")} for row in rows]
    return TablePlan(caption, "", header, tuple(tuple(row[field] or "—" for field in columns.values()) for row in told))


def _missed(rows: list[Row]) -> TablePlan:
    columns = {
        "事项": "title", "期间": "period", "责任单位": "department", "完成时限": "due", "逾期情况": "lateness",
        "滞后环节": "stage", "环节责任": "owner",
    }  # fmt: skip
    told = [{**row, "lateness": f"{row['lateness']}{'，未完成' if not row['closed'] else ''}"} for row in rows]
    return _listed("逾期事项清单", told, columns)


def _apart(rows: list[Row]) -> TablePlan:
    columns = {
        "事项": "title", "期间": "period", "责任单位": "department", "逾期情况": "lateness", "单列归类": "counted",
        "依据": "because",
    }  # fmt: skip
    told = [
        {**row, "because": f"裁定：{row['decision_reason']}" if row["decision"] else row["cause_basis"]} for row in rows
    ]
    return _listed("单列事项清单", told, columns)


def _others(rows: list[Row]) -> TablePlan:
    columns = {"事项": "title", "期间": "period", "责任单位": "department", "办理结果": "counted"}
    return _listed("另计事项清单", rows, columns)


LISTS: dict[str, Callable[[list[Row]], TablePlan]] = {"missed": _missed, "apart": _apart, "others": _others}


def _warnings(rows: list[Row]) -> Iterable[str]:
    if open_ones := sum(row["counted"] == "未到期" for row in rows):
        yield f"有{open_ones}件在统计时还没有到期，未计入到期件数，请核对统计时间。"
    if any(row["counted"] not in _NOT_DUE for row in rows) and not any(row["response"] for row in rows):
        yield "还没有反馈核实，按台账记录统计；送审稿在反馈核实之后生成。"
    if unruled := sum(bool(row["answer"]) and not row["decision"] for row in rows):
        yield f"有{unruled}件异议没有裁定，仍按台账记录统计。"
