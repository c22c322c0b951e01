"""The packaged policies, which policy is whose, and policies that are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from obligations.rules.policies import PACKAGED_POLICIES, load_policies
from obligations.words.contacts import Role
from obligations.words.errors import CatalogueFault
from obligations.words.follow_ups import FOLLOW_UPS

MISS = {"code": "due", "label": "逾期通知", "at": "due_at", "misses": True, "to": ["responsible"]}


def policy(name: str, sort: str, *tiers: dict[str, Any], keys: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"name": name, "applies_to": sort, "keys": list(keys), "tiers": [*tiers, MISS]}


def file_of(*policies: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return {"policies": [policy("按日", "days"), policy("按小时", "hours"), *policies], **settings}


@pytest.fixture
def load(tmp_path: Path):
    def load_file(content: dict[str, Any]):
        path = tmp_path / "policies.yaml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return load_policies(path)

    return load_file


def faults_of(load, content: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(CatalogueFault) as refused:
        load(content)
    assert all(fault.file == "policies.yaml" and fault.expected for fault in refused.value.faults)
    return [(fault.field, fault.value) for fault in refused.value.faults]


def test_the_packaged_policies_tell_the_rungs_that_are_promised():
    policies = load_policies()
    days = policies.policy_of("demo/fiscal-monthly", "days")
    assert [(rule.code, [role.label for role in rule.to]) for rule in days.tiers] == [
        ("ahead-5wd", ["责任人"]),
        ("draft-by", ["责任人"]),
        ("ahead-1wd", ["责任人"]),
        ("due", ["责任人", "政务公开办"]),
        ("escalation", ["分管领导"]),
        ("completion", ["责任人"]),
        ("review-requested", ["终审签发人"]),
        ("release-requested", ["政务公开办"]),
        ("refused", ["责任人"]),
        ("returned", ["责任人"]),
        ("bad-input", ["责任人"]),
        ("failed", ["责任人", "系统运维"]),
        ("rebound", ["责任人"]),
        ("extended", ["责任人"]),
        ("feedback", ["责任人"]),
        ("objection", ["政务公开办"]),
        ("unverified", ["政务公开办", "责任人"]),
        ("page-changed", ["责任人", "政务公开办"]),
        ("stale", ["责任人"]),
        ("withdrawal-due", ["责任人"]),
        ("withdrawal-late", ["责任人", "政务公开办"]),
        ("paperwork", ["责任人"]),
        ("reassess", ["政务公开办", "责任人"]),
        ("vouched", ["政务公开办"]),
    ]
    hours = policies.policy_of("demo/incident-bulletin", "hours")
    within = [rule for rule in hours.tiers if rule.at not in FOLLOW_UPS and rule.when != "page_changed"]
    assert all(rule.urgent for rule in within), "but for what is still to be done once it is over"
    told = {rule.code: set(rule.to) for rule in within if rule.at}
    duty = {Role.DUTY_ROOM, Role.DUTY_LEADER, Role.RESPONSIBLE}
    assert told == {"opened": duty, "half": duty, "four-fifths": duty, "due": duty | {Role.OFFICE}}
    assert policies.file.attach == "never"


def test_without_a_file_of_its_own_an_installation_has_the_packaged_policies():
    assert load_policies() is load_policies(PACKAGED_POLICIES)


def test_a_policy_for_one_obligation_goes_before_its_jurisdictions_and_that_before_the_general_one(load):
    one = policy("一项", "days", keys=("demo/fiscal-monthly",))
    all_of = policy("一地", "days", keys=("demo/*",))
    policies = load(file_of(all_of, one))
    names = [policies.policy_of(key, "days").name for key in ("demo/fiscal-monthly", "demo/other", "shandong/other")]
    assert names == ["一项", "一地", "按日"]
    assert policies.policy_of("demo/fiscal-monthly", "hours").name == "按小时"


def test_a_change_is_seen_at_once_and_changes_the_version(load):
    before = load(file_of())
    after = load(file_of(quiet_hours={"start": "08:00", "end": "18:00"}))
    assert before.version != after.version
    assert after.quiet_hours.start == "08:00"


@pytest.mark.parametrize(
    ("tier", "field"),
    [
        ({"at": None}, "at"),
        ({"at": "due_at", "when": "returned"}, "at"),
        ({"when": "returned", "working_days": 1}, "when"),
        ({"when": "returned", "after_confirmation": True}, "when"),
        ({"at": "window"}, "share"),
        ({"at": "due_at", "share": 0.5}, "share"),
        ({"at": "due_at", "working_days": -1, "hours": 2}, "working_days"),
        ({"at": "window", "share": 0.5, "hours": 2}, "working_days"),
        ({"at": "due_at", "to": []}, "to"),
        ({"at": "due_at", "code": "confirm-x"}, "code"),
        ({"at": "due_at", "misses": True, "unless": ["approved"]}, "unless"),
    ],
)
def test_a_rung_that_cannot_be_meant_is_refused(load, tier, field):
    rung = {"code": "x", "label": "提醒", "to": ["responsible"]} | tier
    found = faults_of(load, file_of(policy("一项", "days", rung, keys=("demo/x",))))
    assert [name for name, _ in found] == [f"policies.2.tiers.0.{field}"]


def test_a_policy_under_which_a_miss_could_stay_silent_is_refused(load):
    silent = policy("不报逾期", "days", keys=("demo/x",)) | {"tiers": [MISS | {"after_confirmation": True}]}
    assert faults_of(load, file_of(silent)) == [("policies.2.tiers", "不报逾期")]
    late = policy("晚报逾期", "days", keys=("demo/x",)) | {"tiers": [MISS | {"working_days": 3}]}
    assert faults_of(load, file_of(late)) == [("policies.2.tiers", "晚报逾期")]


def test_a_miss_cannot_be_stopped_by_an_acknowledgement(load):
    assert faults_of(load, file_of(acknowledgement_stops=["due", "nothing"])) == [
        ("acknowledgement_stops", "due"),
        ("acknowledgement_stops", "nothing"),
    ]


@pytest.mark.parametrize(
    ("content", "field", "value"),
    [
        ({"policies": [policy("按日", "days")]}, "policies", "（没有）"),
        (file_of(policy("又按日", "days")), "policies", "按日、又按日"),
        (file_of(policy("按日", "days", keys=("demo/x",))), "policies", "按日"),
        (file_of(policy("一项", "days", keys=("demo",))), "policies.keys", "demo"),
        (
            file_of(policy("甲", "days", keys=("demo/x",)), policy("乙", "days", keys=("demo/x",))),
            "policies.keys",
            "demo/x",
        ),
        (file_of(policy("一项", "days", MISS, keys=("demo/x",))), "policies.2.tiers", "due"),
        (file_of(quiet_hours={"start": "08:30", "end": 1050}), "quiet_hours.end", "1050"),  # 17:30 without quotes
        (file_of(quiet_hours={"start": "18:00", "end": "08:00"}), "quiet_hours", None),
        (file_of(attach="always"), "attach", "always"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(load, content, field, value):
    ((found, said),) = faults_of(load, content)
    assert found == field
    assert value is None or said == value


def test_a_missing_file_is_a_fault_that_names_it(tmp_path):
    with pytest.raises(CatalogueFault, match=r"policies\.yaml 的值是 （没有这个文件）"):
        load_policies(tmp_path / "policies.yaml")
