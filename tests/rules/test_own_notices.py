"""The installation's own holiday notices laid over the packaged ones, and what a new calendar changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from obligations.rules import notices
from obligations.rules.calendar import calendar_with, check_notices, load_calendar
from obligations.rules.calendar_changes import changed_days, moved_occurrence
from obligations.rules.catalogue import load_one
from obligations.rules.notices import DaysOff, Notice, laid_over
from obligations.words.errors import CatalogueFault
from obligations.words.occurrence import Event
from obligations.words.times import SHANGHAI, end_of_day, midnight

LONG_FESTIVAL = date(2027, 2, 4)  # Thursday, two days before New Year's Day
CATALOGUE = Path(__file__).parents[2] / "include" / "obligations" / "catalogue"


def notice(number: str = "测试〔2026〕1号", first: date = date(2027, 2, 5), **changes: object) -> Notice:
    """Return a made-up arrangement for 2027; a Spring Festival from Thursday the 4th costs one more Saturday."""
    runs = {
        "元旦": (date(2027, 1, 1), date(2027, 1, 3)),
        "春节": (first, date(2027, 2, 12)),
        "清明节": (date(2027, 4, 3), date(2027, 4, 5)),
        "劳动节": (date(2027, 5, 1), date(2027, 5, 5)),
        "端午节": (date(2027, 6, 9), date(2027, 6, 9)),
        "中秋节": (date(2027, 9, 15), date(2027, 9, 15)),
        "国庆节": (date(2027, 10, 1), date(2027, 10, 7)),
    }
    days_off = tuple(DaysOff(name=name, first=begins, last=ends) for name, (begins, ends) in runs.items())
    days_worked = (date(2027, 1, 31), date(2027, 2, 13), date(2027, 5, 8), date(2027, 9, 26), date(2027, 10, 9))
    if first == LONG_FESTIVAL:
        days_worked += (date(2027, 2, 20),)
    whole = {"number": number, "issued_on": date(2026, 11, 20), "year": 2027}
    return Notice.model_validate({**whole, "days_off": days_off, "days_worked": days_worked, **changes})


@pytest.fixture
def own(tmp_path):
    """Return a function that writes the installation's own file."""

    def write(*found: Notice) -> Path:
        path = tmp_path / "holidays.yaml"
        text = yaml.safe_dump({"notices": [each.model_dump(mode="json") for each in found]}, allow_unicode=True)
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.fixture
def packaged(tmp_path, monkeypatch):
    """Return a function that makes a release package notices."""

    def write(*found: Notice) -> None:
        path = tmp_path / "calendar_notices.yaml"
        path.write_text(yaml.safe_dump({"notices": [each.model_dump(mode="json") for each in found]}), "utf-8")
        monkeypatch.setattr(notices, "PACKAGED_NOTICES", path)

    return write


def test_an_own_notice_extends_the_calendar_and_changes_its_version(own):
    plain, extended = load_calendar(), load_calendar(own(notice()))
    assert (plain.covered_until, extended.covered_until) == (date(2026, 12, 31), date(2027, 12, 30))
    assert extended.version.startswith(f"{plain.version} + notices ")
    assert load_calendar(own()).version == plain.version


def test_a_change_of_the_own_file_is_seen_by_a_process_that_runs(own):
    before = load_calendar(own(notice()))
    after = load_calendar(own(notice("测试〔2026〕22号")))
    assert before.version != after.version


def test_a_notice_that_a_release_packages_after_it_was_typed_in_changes_nothing(own, packaged):
    typed = notice()
    alone = calendar_with(notices.notices_with(own(typed)))
    packaged(typed)
    assert calendar_with(notices.notices_with(own(typed))).version == alone.version
    packaged(notice("测试〔2026〕一号", first=LONG_FESTIVAL))  # the same year, written otherwise
    assert calendar_with(notices.notices_with(own(typed))).version == alone.version
    assert calendar_with(notices.notices_with(None)).version != alone.version


def test_an_own_amendment_stands_on_a_packaged_arrangement(own, packaged):
    packaged(notice())
    amendment = Notice(
        number="测试〔2027〕2号",
        issued_on=date(2027, 9, 1),
        year=2027,
        amends=True,
        days_off=(DaysOff(name="国庆节", first=date(2027, 10, 8), last=date(2027, 10, 8)),),  # Friday
    )
    calendar = calendar_with(notices.notices_with(own(amendment)))
    assert not calendar.is_working_day(date(2027, 10, 8))
    assert not calendar.is_working_day(date(2027, 10, 7))  # the packaged run


def test_a_file_that_is_named_but_missing_is_a_fault_not_a_guess(tmp_path):
    missing = tmp_path / "holidays.yaml"
    assert [fault.file for fault in check_notices(missing)] == ["holidays.yaml"]
    with pytest.raises(CatalogueFault, match="没有这个文件"):
        load_calendar(missing)


def test_faults_name_the_file_that_they_stand_in(own):
    wrong = notice(days_worked=())
    assert {fault.file for fault in check_notices(own(wrong))} == {"holidays.yaml"}


def test_days_that_become_off_or_worked_are_told_apart_from_those_that_become_certain():
    before, after = calendar_with(laid_over("", ())), calendar_with(laid_over("", (notice(first=LONG_FESTIVAL),)))
    said = {run.first: run.say() for run in changed_days(before, after, [2027])}
    assert said[date(2027, 2, 4)] == "2027年2月4日（周四）由预计上班改为放假：春节放假"
    assert said[date(2027, 2, 20)] == "2027年2月20日（周六）由预计放假改为上班：调休上班"
    assert said[date(2027, 10, 1)] == "2027年10月1日（周五）至10月7日（周四）放假，与预计相同：国庆节放假"
    assert said[date(2027, 10, 9)] == "2027年10月9日（周六）上班，与预计相同：调休上班"


def test_an_amendment_of_an_announced_year_changes_only_its_days():
    amendment = Notice(
        number="测试〔2026〕3号",
        issued_on=date(2026, 9, 1),
        year=2026,
        amends=True,
        days_off=(DaysOff(name="国庆节", first=date(2026, 10, 8), last=date(2026, 10, 9)),),  # Thursday, Friday
        days_worked=(date(2026, 10, 11),),  # Sunday
    )
    before, after = calendar_with(laid_over("", ())), calendar_with(laid_over("", (amendment,)))
    assert [run.say() for run in changed_days(before, after, [2026])] == [
        "2026年10月8日（周四）至10月9日（周五）由上班改为放假：国庆节放假",
        "2026年10月11日（周日）由放假改为上班：调休上班",
    ]
    fiscal = load_one(CATALOGUE, "demo/fiscal-monthly")
    moved = moved_occurrence(fiscal, "2026-09", None, before, after)  # 20 working days from 30 September
    assert moved is not None
    assert moved.moved
    assert (moved.before.due_at, moved.after.due_at) == (end_of_day(date(2026, 11, 3)), end_of_day(date(2026, 11, 4)))
    assert moved_occurrence(fiscal, "2026-06", None, before, after) is None  # over by then


def test_an_occurrence_may_be_confirmed_without_moving():
    before, after = calendar_with(laid_over("", ())), calendar_with(laid_over("", (notice(),)))
    confirmed = moved_occurrence(load_one(CATALOGUE, "demo/fiscal-monthly"), "2026-12", None, before, after)
    assert confirmed is not None
    assert confirmed.before.due.provisional
    assert not confirmed.after.due.provisional
    assert not confirmed.moved


def test_an_hour_limit_of_an_event_never_moves():
    before, after = calendar_with(laid_over("", ())), calendar_with(laid_over("", (notice(),)))
    at = midnight(date(2027, 2, 8)).astimezone(SHANGHAI)  # within the Spring Festival
    event = Event("event-1", "incident", "重大", "示例", at, at, None, {})
    obligation = load_one(CATALOGUE, "demo/incident-bulletin")
    assert moved_occurrence(obligation, "event-1", event, before, after) is None
