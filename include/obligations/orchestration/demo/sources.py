"""What the demo's departments deliver: real published figures, in a database, a GBK file and a workbook."""

from __future__ import annotations

import csv
import io
import sqlite3
from pathlib import Path

from openpyxl import Workbook

from obligations.orchestration.settings import PACKAGE

FIXTURES = PACKAGE / "demo"
SERIES = {
    "demo.fiscal-monthly": "2017-06",
    "demo.land-supply-quarterly": "2012-Q1",
    "demo.wholesale-prices-weekly": "2020-W14",
}


def prepare_sources(state: Path) -> None:
    """Lay out the real published figures as departments would deliver them: a database, a GBK file, a workbook."""
    database = state / "demo" / "departments.sqlite3"
    database.parent.mkdir(parents=True, exist_ok=True)
    if not database.exists():
        _fill_database(database, _rows("fiscal.csv"))
    land = state / "inbox" / "demo" / "land-supply-quarterly" / f"{SERIES['demo.land-supply-quarterly']}.csv"
    if not land.exists():
        land.parent.mkdir(parents=True, exist_ok=True)
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows(_rows("land_supply.csv"))
        land.write_bytes(text.getvalue().encode("gb18030"))
    prices = state / "inbox" / "demo" / "wholesale-prices-weekly" / f"{SERIES['demo.wholesale-prices-weekly']}.xlsx"
    if not prices.exists():
        prices.parent.mkdir(parents=True, exist_ok=True)
        book = Workbook()
        for row in _rows("wholesale_prices.csv"):
            book.active.append(row)
        book.save(prices)


def _fill_database(database: Path, rows: list[list[str]]) -> None:
    header, *records = rows
    columns = ", ".join(f'"{name}" TEXT' for name in header)
    with sqlite3.connect(database) as connection:
        connection.execute(f"CREATE TABLE fiscal ({columns})")
        marks = ", ".join("?" * len(header))
        insert = f"INSERT INTO fiscal VALUES ({marks})"  # noqa: S608 - only question marks are formatted in
        connection.executemany(insert, [[cell or None for cell in row] for row in records])
    connection.close()


def _rows(fixture: str) -> list[list[str]]:
    with (FIXTURES / fixture).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
