"""How an obligation's rule is said: in the words of the clause or the law that gives it."""

from __future__ import annotations

import pytest

from obligations.orchestration.settings import PACKAGE
from obligations.rules.catalogue import load_one
from obligations.rules.wording import say_clock


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("hebi/annual-report-departments", "每年1月31日前（法定）"),
        ("altay/annual-report", "每年3月31日前（法定）"),
        ("shandong/fiscal-monthly", "每月，自周期结束之日（推定形成日）起20个工作日内（法定）"),
        ("shandong/economy-conference-quarterly", "每季度，自周期结束之日（推定形成日）起20个工作日内（本级自定）"),
        ("altay/annual-report-submission", "每年1月31日前"),
    ],
)
def test_a_yearly_date_of_law_is_said_as_the_law_says_it(key, said):
    assert say_clock(load_one(PACKAGE / "catalogue", key)) == said
