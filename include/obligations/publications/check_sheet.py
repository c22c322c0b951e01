"""The internal check of a quota or a standing duty (核对单): what is held, and the question that a person answers.

A quota has many publications and a standing duty one that is kept current, so no single delivery is awaited. What the
inbox and the ledger hold is listed for the reviewer; the sheet itself never reaches the public, and is met by 办结.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from obligations.words.draft import DateWords, TableColumn, TablePlan
from obligations.words.material import Holdings
from obligations.words.publication import Analysis, Blank, Measure, PublicationKind
from obligations.words.times import SHANGHAI, say_day, say_instant

_KIB = 1024
BLANKS = (
    Blank("freshness", "核对结论：已更新的写明更新内容、日期和地址；没有变化的写“确认无变化”及核对方式"),
    Blank("tally", "核对结论：本期完成的次数或比例、日期和佐证材料；未达到要求的写明原因"),
)


def survey(holdings: Holdings) -> Analysis:
    """Return the counts, the list of files and the words for the template; the remarks are warnings, too."""
    in_period = [file for file in holdings.files if file.in_period]
    measures = {
        "files": _count("files", "收件夹文件数", len(holdings.files), "份", "收件夹中文件的个数"),
        "files.period": _count(
            "files.period", "本期文件数", len(in_period), "份", "文件名含本期期间或在本期内改动的文件个数"
        ),
        "proven": _count("proven", "台账本期完成次数", len(holdings.proven), "次", "台账中本期内完成的记录个数"),
    }
    last = holdings.last_proven
    words: dict[str, Any] = {
        "requirement": holdings.requirement,
        "asks_how_many": holdings.asks_how_many,
        "folder": holdings.folder,
        "has_files": bool(holdings.files),
        "as_of": _say_minute(holdings.as_of),
        "days": [DateWords(say_day(act.at.astimezone(SHANGHAI).date())) for act in holdings.proven],
        "last_day": DateWords(say_day(last.at.astimezone(SHANGHAI).date())) if last else None,
        "last_address": last.address or None if last else None,
        "remarks": list(holdings.remarks),
    }
    return Analysis(measures, {"files": _files(holdings)} if holdings.files else {}, words, holdings.remarks)


def _count(name: str, label: str, number: int, unit: str, formula: str) -> Measure:
    return Measure(name, label, Decimal(number), unit, 0, formula)


def _files(holdings: Holdings) -> TablePlan:
    columns = (
        TableColumn("文件", "left"),
        TableColumn("改动时间", "left"),
        TableColumn("大小", "right"),
        TableColumn("本期", "center"),
    )
    rows = tuple(
        (file.name, say_instant(file.changed_at), _say_size(file.size), "是" if file.in_period else "否")
        for file in holdings.files
    )
    return TablePlan("收件夹文件清单", "", columns, rows)


def _say_minute(instant: datetime) -> DateWords:
    local = instant.astimezone(SHANGHAI)
    return DateWords(f"{say_day(local.date())}{local.hour}时{local.minute:02}分")


def _say_size(size: int) -> str:
    return f"{size / _KIB / _KIB:.1f} MB" if size >= _KIB * _KIB else f"{-(-size // _KIB)} KB"


KIND = PublicationKind("check-sheet", "数量要求和常态事项核对单（内部）", None, BLANKS, None, survey=survey)
