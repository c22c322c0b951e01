"""The internal check of a quota or a standing duty: counts, files, and what the reviewer is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from obligations.publications.check_sheet import KIND, survey
from obligations.words.material import HeldFile, Holdings, Proven
from obligations.words.times import SHANGHAI

NOW = datetime(2026, 9, 28, 9, 5, tzinfo=SHANGHAI)
NOTHING = Holdings("每季度2次", True, "demo/checks", (), (), None, (), NOW)
FILE = HeldFile("2026-Q3-抽查.docx", 20_481, datetime(2026, 9, 8, 10, tzinfo=SHANGHAI), in_period=True)
OTHER = HeldFile("制度.pdf", 3 * 1024 * 1024, datetime(2026, 6, 1, 9, tzinfo=SHANGHAI), in_period=False)
DONE = Proven("2026-Q3", datetime(2026, 8, 3, 16, tzinfo=SHANGHAI), "抽查通报第3号")


def counts(holdings: Holdings) -> dict[str, str]:
    return {name: f"{measure.value}{measure.unit}" for name, measure in survey(holdings).measures.items()}


def test_nothing_held_counts_zero_and_lists_no_table():
    assert counts(NOTHING) == {"files": "0份", "files.period": "0份", "proven": "0次"}
    assert survey(NOTHING).tables == {}
    assert survey(NOTHING).words["last_day"] is None


def test_files_are_listed_with_time_size_and_whether_they_are_of_the_period():
    held = replace(NOTHING, files=(FILE, OTHER))
    assert counts(held)["files"] == "2份"
    assert counts(held)["files.period"] == "1份"
    assert survey(held).tables["files"].rows == (
        ("2026-Q3-抽查.docx", "2026年9月8日10:00", "21 KB", "是"),
        ("制度.pdf", "2026年6月1日09:00", "3.0 MB", "否"),
    )


def test_what_the_ledger_proves_is_counted_and_the_last_one_named():
    held = replace(NOTHING, proven=(DONE,), last_proven=DONE)
    assert counts(held)["proven"] == "1次"
    assert survey(held).words["days"] == ["2026年8月3日"]
    assert (survey(held).words["last_day"], survey(held).words["last_address"]) == ("2026年8月3日", "抽查通报第3号")


def test_remarks_are_warnings_to_the_reviewer():
    assert survey(replace(NOTHING, remarks=("尚缺1次。",))).warnings == ("尚缺1次。",)


def test_a_quota_asks_for_the_tally_and_a_standing_duty_for_news_or_a_confirmation():
    labels = {blank.name: blank.label for blank in KIND.blanks}
    assert "次数或比例" in labels["tally"]
    assert "已更新" in labels["freshness"]
    assert "确认无变化" in labels["freshness"]
    assert all(blank.required for blank in KIND.blanks)
