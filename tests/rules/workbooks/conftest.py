"""Workbooks edited as a spreadsheet program would: opened with openpyxl, cells set, saved as bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

Edit = Callable[[Workbook], Any]


@pytest.fixture
def edited():
    """Return the bytes of a workbook after an edit."""

    def edit_workbook(data: bytes, edit: Edit) -> bytes:
        workbook = load_workbook(io.BytesIO(data))
        edit(workbook)
        file = io.BytesIO()
        workbook.save(file)
        return file.getvalue()

    return edit_workbook
