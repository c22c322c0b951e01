"""What the tests of the clock engine share: the announced calendar and an obligation to hang a clock on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from obligations.rules.calendar import WorkingCalendar, load_calendar
from obligations.words.obligation import Continued, Document, Jurisdiction, Obligation

MakeObligation = Callable[..., Obligation]


@pytest.fixture(scope="session")
def calendar() -> WorkingCalendar:
    return load_calendar()


@pytest.fixture(scope="session")
def make_obligation() -> MakeObligation:
    """Return a maker of obligations of a plan that binds 2017, 延续执行 unless ``continued=None``."""

    def make(clock: dict[str, Any], due: dict[str, Any] | None = None, **changes: Any) -> Obligation:
        words: dict[str, Any] = {
            "key": "shandong/fiscal-monthly",
            "jurisdiction": Jurisdiction(slug="shandong", name="山东省", level="province"),
            "document": Document(
                title="2017年山东省政务公开工作要点",
                number="鲁政办发〔2017〕39号",
                issued_by="山东省人民政府办公厅",
                in_force_from=date(2017, 5, 4),
                in_force_until=date(2017, 12, 31),
            ),
            "title": "全省财政收支情况按月公开",
            "clause": "一(一)1",
            "quote": "按月公開全省財政收支情況",
            "duty": "publish",
            "departments": ("省財政廳",),
            "publication": "fiscal-monthly",
            "clock": clock,
            "due": due,
            "due_origin": due["origin"] if due else None,
            "fulfilment": "published",
            "source": {"kind": "inbox"},
            "continued": Continued(basis="测试延续", approved_by="测试主任"),
        }
        return Obligation.model_validate(words | changes)

    return make
