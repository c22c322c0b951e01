"""What is to be kept current is asked for when what was last proven or confirmed, in any period, has become stale."""

from __future__ import annotations

import pytest

from obligations.orchestration.rulings.fields import read_ruling
from obligations.orchestration.rulings.recording import rule
from obligations.orchestration.sweep.freshness import Freshness
from obligations.orchestration.work import open_work
from obligations.rules.catalogue import load_one
from obligations.words.errors import UnusableInput
from obligations.words.times import SHANGHAI, parse_instant


def at(text: str):
    """Read an instant of 2026 in Asia/Shanghai."""
    return parse_instant(f"2026-{text}").astimezone(SHANGHAI)


@pytest.fixture
def standing(office):
    """An office whose only duty is a list that is kept current, checked every month."""
    for other in ("weekly", "quarterly", "policy", "bulletin", "monthly"):
        (office.settings.catalogue / "county" / f"{other}.yaml").unlink()
    office.write_duty("standing", "目录动态调整", "publish", "{kind: standing, rule: CONTINUOUS}")
    office.sweep(at("09-01T09:00"))
    return office


def confirm(office, period: str, when: str, **more):
    fields = {"at": f"2026-{when}", "note": "逐条核对目录与现行文件", **more}
    with open_work(office.settings, load_one(office.settings.catalogue, "county/standing"), period, "form") as work:
        return rule(work, read_ruling("unchanged", fields, at(when)), person="演示甲", now=at(when))


def until(office, period: str):
    with office.open() as ledger:
        return Freshness(ledger, office.settings).until(office.row("standing", period))


def stale(report) -> list[tuple[str, str]]:
    return [(one["period"], one["recipient"]) for one in report.queued if one["tier"].startswith("stale")]


def test_a_confirmation_says_who_checked_what_and_counts(standing):
    ruled = confirm(standing, "2026-09", "09-10T15:00")
    (event,) = standing.events("standing", "2026-09", "progress")
    assert (event.person, event.payload) == (
        "演示甲", {"note": "逐条核对目录与现行文件", "proof": "", "counts": True, "unchanged": True},
    )  # fmt: skip
    assert ruled.said.endswith("已确认截至2026年9月10日15:00仍为最新")
    standing.require_sound()


def test_freshness_is_from_the_last_confirmation_in_whatever_period(standing):
    assert until(standing, "2026-09") is None, "nothing is proven yet; its due time reminds"
    confirm(standing, "2026-09", "09-10T15:00")
    assert until(standing, "2026-10") == at("10-11"), "a month, the last day included"
    confirm(standing, "2026-09", "09-20T15:00")
    assert until(standing, "2026-10") == at("10-21")
    assert until(standing, "2026-11") is None, "asked for once, in the period in which it becomes stale"


def test_a_later_proof_counts_before_an_earlier_confirmation(standing):
    confirm(standing, "2026-09", "09-10T15:00")
    out = {"version": 1, "sha256": "1" * 64, "address": "https://e.cn/"}
    with standing.open() as ledger:
        when = at("09-25T10:00")
        ledger.register_publication("county/standing", "2026-09", **out, happened_at=when, recorded_at=when)
        assert Freshness(ledger, standing.settings).until(standing.row("standing", "2026-10")) == at("10-11")
        ledger.register_evidence(
            "county/standing", "2026-09", sha256="1" * 64, address="https://e.cn/", evidence={},
            happened_at=at("09-26T10:00"), recorded_at=at("09-26T10:00"),
        )  # fmt: skip
    assert until(standing, "2026-10") == at("10-26"), "from when it came out, not when it was seen"


def test_the_responsible_person_is_asked_once_it_is_stale_and_not_after_confirming_anew(standing):
    confirm(standing, "2026-09", "09-10T15:00")
    assert stale(standing.sweep(at("10-10T09:00"))) == []
    assert stale(standing.sweep(at("10-12T09:00"))) == [("2026-10", "jia")]
    assert stale(standing.sweep(at("10-13T09:00"))) == []
    confirm(standing, "2026-10", "10-13T10:00")
    assert stale(standing.sweep(at("10-14T09:00"))) == []


def test_only_a_standing_duty_is_confirmed_instead_of_done(office):
    office.sweep(at("09-01T09:00"))
    fields = {"at": "2026-09-10T15:00", "note": "核对"}
    with (
        open_work(office.settings, load_one(office.settings.catalogue, "county/monthly"), "2026-08", "form") as work,
        pytest.raises(UnusableInput, match="不是常态更新的事项"),
    ):
        rule(work, read_ruling("unchanged", fields, at("09-10T16:00")), person="演示甲", now=at("09-10T16:00"))
    with office.open() as ledger:
        assert Freshness(ledger, office.settings).until(office.row("monthly", "2026-08")) is None
