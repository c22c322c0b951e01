"""Whom roles resolve to on a day, who may act, and what is wrong with a contacts file."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from obligations.rules.catalogue import load
from obligations.rules.contacts import Directory, Gap, read_contacts
from obligations.rules.policies import load_policies
from obligations.words.contacts import ROLE_LABELS, Person, Role
from obligations.words.errors import CatalogueFault
from obligations.words.times import SHANGHAI

PACKAGE = Path(__file__).parents[2] / "include" / "obligations"
CATALOGUE = PACKAGE / "catalogue"
FINANCE, LAND, OFFICE = "演示单位财政局", "演示单位自然资源局", "演示单位政务公开办公室"
"""Departments of the demo jurisdiction."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def person(id_: str, **changes: Any) -> dict[str, Any]:
    return {"id": id_, "name": f"演示{id_}", "email": f"{id_}@example.cn", "account": id_} | changes


def holding(role: str, holder: str, department: str | None = None, **changes: Any) -> dict[str, Any]:
    return {"jurisdiction": "demo", "department": department, "role": role, "holder": holder} | changes


def shift(post: str, person_: str, start: str, end: str, **changes: Any) -> dict[str, Any]:
    return {"jurisdiction": "demo", "post": post, "person": person_, "start": start, "end": end} | changes


def directory(people: list[dict[str, Any]], roles: list[dict[str, Any]], **more: Any) -> Directory:
    content = {"people": people, "roles": roles, **more}
    return read_contacts(yaml.safe_dump(content, allow_unicode=True), "contacts.yaml")


def ids(found: Directory, roles: list[Role], departments: list[str], when: str = "2026-09-29 10:00") -> list[str]:
    return [recipient.id for recipient in found.recipients(roles, "demo", departments, at(when))]


TEAM = [person("jia"), person("yi"), person("bing"), person("ding")]
PAIR = [holding("responsible", "jia", FINANCE, deputy="yi")]


def test_the_holder_is_told_with_addresses_in_order():
    jia = person("jia", mobile="13900000001", channels=["im:wecom_demo", "sms", "email"])
    (found,) = directory([jia], [holding("responsible", "jia", FINANCE)]).recipients(
        [Role.RESPONSIBLE], "demo", [FINANCE], at("2026-09-29 10:00")
    )
    assert found.channels == ("im:wecom_demo", "sms", "email")
    assert found.address == {"im:wecom_demo": "wecom_demo", "sms": "13900000001", "email": "jia@example.cn"}
    assert (found.name, found.role.label, found.acting_for) == ("演示jia", "责任人", None)


@pytest.mark.parametrize(
    ("when", "expected", "acting_for"),
    [
        ("2026-09-20 23:59", "jia", None),
        ("2026-09-21 00:00", "yi", "演示jia"),  # the first day of the absence
        ("2026-09-24 23:59", "yi", "演示jia"),  # its last
        ("2026-09-25 00:00", "jia", None),
    ],
)
def test_the_deputy_acts_on_every_day_of_an_absence(when, expected, acting_for):
    absent = {"person": "jia", "first": date(2026, 9, 21), "last": date(2026, 9, 24)}
    found = directory(TEAM, PAIR, absences=[absent])
    (told,) = found.recipients([Role.RESPONSIBLE], "demo", [FINANCE], at(when))
    assert (told.id, told.acting_for) == (expected, acting_for)


@pytest.mark.parametrize(
    ("absences", "expected"),
    [
        ([("jia", "bing")], "bing"),  # who was entrusted goes before the B角
        ([("jia", "bing"), ("bing", None)], "yi"),  # the one entrusted is away too
        ([("jia", "bing"), ("bing", "ding")], "ding"),  # but has entrusted another
        ([("jia", "bing"), ("bing", "jia")], "yi"),  # each the other
        ([("jia", None), ("yi", "ding")], "ding"),  # the B角 is away and has entrusted another
        ([("jia", None), ("jia", "bing")], "bing"),  # two entries for one day
        ([("jia", None), ("yi", None)], "jia"),  # nobody is there: better unread than untold
    ],
)
def test_delegation_is_followed_to_somebody_who_is_there(absences, expected):
    away = [
        {"person": who, "first": date(2026, 9, 29), "last": date(2026, 9, 29)} | ({"delegate": to} if to else {})
        for who, to in absences
    ]
    assert ids(directory(TEAM, PAIR, absences=away), [Role.RESPONSIBLE], [FINANCE]) == [expected]


def test_a_person_removed_no_longer_counts_from_that_day_on():
    gone = [person("jia", removed_on=date(2026, 9, 29)), *TEAM[1:]]
    found = directory(gone, PAIR)
    assert ids(found, [Role.RESPONSIBLE], [FINANCE], "2026-09-28 23:59") == ["jia"]
    assert ids(found, [Role.RESPONSIBLE], [FINANCE], "2026-09-29 00:00") == ["yi"]
    alone = directory(gone, [holding("responsible", "jia", FINANCE), holding("responsible", "ding")])
    assert ids(alone, [Role.RESPONSIBLE], [FINANCE]) == ["ding"]  # the jurisdiction's holder instead
    assert ids(directory(gone, [holding("responsible", "jia", FINANCE)]), [Role.RESPONSIBLE], [FINANCE]) == []


def test_a_department_without_a_holder_falls_back_to_the_jurisdictions():
    found = directory(TEAM, [*PAIR, holding("responsible", "bing")])
    assert ids(found, [Role.RESPONSIBLE], [FINANCE]) == ["jia"]
    assert ids(found, [Role.RESPONSIBLE], [LAND]) == ["bing"]
    assert ids(found, [Role.RESPONSIBLE], [FINANCE, LAND]) == ["jia", "bing"]
    assert ids(found, [Role.RESPONSIBLE], []) == ["bing"]
    assert ids(directory(TEAM, PAIR), [Role.RESPONSIBLE], [LAND]) == []


def test_several_holders_of_one_role_are_all_told():
    found = directory(TEAM, [*PAIR, holding("responsible", "ding", FINANCE)])
    assert ids(found, [Role.RESPONSIBLE], [FINANCE]) == ["jia", "ding"]


def test_another_jurisdictions_people_are_not_told():
    found = directory(TEAM, PAIR)
    assert found.recipients([Role.RESPONSIBLE], "shandong", [FINANCE], at("2026-09-29 10:00")) == ()


def test_a_person_with_several_roles_is_told_once_under_the_first():
    found = directory(TEAM, [*PAIR, holding("office", "jia"), holding("leader", "bing")])
    roles = [Role.LEADER, Role.RESPONSIBLE, Role.OFFICE]
    told = found.recipients(roles, "demo", [FINANCE], at("2026-09-29 10:00"))
    assert [(recipient.id, recipient.role) for recipient in told] == [("bing", Role.LEADER), ("jia", Role.RESPONSIBLE)]


ROSTER = [
    shift("duty_leader", "bing", "2026-10-01 08:30", "2026-10-02 08:30"),
    shift("duty_leader", "ding", "2026-10-02 08:00", "2026-10-03 08:30"),  # half an hour to hand over
    shift("duty_leader", "yi", "2026-10-04 08:30", "2026-10-05 08:30"),
]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-10-01 08:29", ["jia"]),  # before the roster begins
        ("2026-10-01 08:30", ["bing"]),
        ("2026-10-02 08:15", ["bing", "ding"]),  # while they hand over
        ("2026-10-02 08:30", ["ding"]),  # a shift holds up to, not with, its end
        ("2026-10-03 12:00", ["jia"]),  # a gap: the holder of the role
        ("2026-10-04 23:50", ["yi"]),
        ("2026-10-05 08:30", ["jia"]),
    ],
)
def test_the_roster_says_who_leads_on_duty_and_its_gaps_fall_to_the_holder(when, expected):
    found = directory(TEAM, [holding("duty_leader", "jia")], duty=ROSTER)
    assert ids(found, [Role.DUTY_LEADER], [FINANCE], when) == expected


def test_a_roster_names_instants_of_shanghai_whatever_zone_is_asked_in():
    aware = shift("duty_leader", "bing", "2026-10-01T08:30:00+08:00", "2026-10-02T08:30:00+08:00")
    found = directory(TEAM, [holding("duty_leader", "jia")], duty=[aware])
    for begins in (at("2026-10-01 08:30"), datetime(2026, 10, 1, 0, 30, tzinfo=UTC)):
        assert found.recipients([Role.DUTY_LEADER], "demo", [], begins)[0].id == "bing"


def test_somebody_on_the_roster_who_is_away_is_stood_in_for():
    day = {"first": date(2026, 10, 1), "last": date(2026, 10, 2)}
    delegated = directory(
        TEAM, [holding("duty_leader", "jia")], duty=ROSTER, absences=[{"person": "bing", "delegate": "yi"} | day]
    )
    assert ids(delegated, [Role.DUTY_LEADER], [], "2026-10-01 12:00") == ["yi"]
    away = directory(TEAM, [holding("duty_leader", "jia")], duty=ROSTER, absences=[{"person": "bing"} | day])
    assert ids(away, [Role.DUTY_LEADER], [], "2026-10-01 12:00") == ["jia"]


def test_the_room_and_its_leader_have_rosters_of_their_own():
    found = directory(TEAM, [holding("duty_room", "jia")], duty=ROSTER)
    assert ids(found, [Role.DUTY_ROOM, Role.DUTY_LEADER], [], "2026-10-01 12:00") == ["jia", "bing"]


def test_who_has_no_usable_address_is_not_a_recipient_but_is_reported():
    silent = [person("jia", email=None, channels=["email", "sms"]), *TEAM[1:]]
    found = directory(silent, [*PAIR, holding("office", "bing")])
    now = at("2026-09-29 10:00")
    roles = [Role.RESPONSIBLE, Role.OFFICE]
    assert [told.id for told in found.recipients(roles, "demo", [FINANCE], now)] == ["bing"]
    assert [told.id for told in found.unreachable(roles, "demo", [FINANCE], now)] == ["jia"]
    assert [silent.id for silent in found.without_address(now)] == ["jia"]


def test_a_channel_without_its_address_is_left_out():
    jia = person("jia", channels=["sms", "email"])
    (found,) = directory([jia], [holding("office", "jia")]).recipients(
        [Role.OFFICE], "demo", [], at("2026-09-29 10:00")
    )
    assert found.channels == ("email",)


def test_only_people_who_may_be_told_are_asked_for_an_address():
    mute = {"email": None}
    people = [
        person("jia"),
        person("yi", **mute),  # a deputy
        person("bing", **mute, removed_on=date(2026, 9, 1)),
        person("ding", **mute),  # holds nothing
        person("wu", **mute),  # on a shift that is over
        person("ji", **mute),  # on a shift to come
        person("geng", **mute),  # entrusted
    ]
    found = directory(
        people,
        [*PAIR, holding("leader", "bing")],
        duty=[
            shift("duty_room", "wu", "2026-09-01 08:30", "2026-09-02 08:30"),
            shift("duty_room", "ji", "2026-10-01 08:30", "2026-10-02 08:30"),
        ],
        absences=[{"person": "jia", "first": date(2026, 9, 29), "last": date(2026, 9, 29), "delegate": "geng"}],
    )
    assert [silent.id for silent in found.without_address(at("2026-09-29 10:00"))] == ["yi", "geng", "ji"]


def test_operators_are_those_of_all_jurisdictions_each_once_and_serve_where_none_is_named():
    found = directory(
        TEAM,
        [
            holding("operator", "jia"),
            holding("operator", "jia", jurisdiction="shandong"),
            holding("operator", "bing", jurisdiction="shandong"),
        ],
    )
    now = at("2026-09-29 10:00")
    assert [told.id for told in found.operators(now)] == ["jia", "bing"]
    assert [told.id for told in found.recipients([Role.OPERATOR], "dingtao", [], now)] == ["jia", "bing"]
    assert [told.id for told in found.recipients([Role.OPERATOR], "demo", [], now)] == ["jia"]


@pytest.mark.parametrize(
    ("account", "when", "expected"),
    [
        ("jia", "2026-09-22 10:00", True),  # the A角, even while registered as absent
        ("yi", "2026-09-22 10:00", True),  # the B角 while acting
        ("yi", "2026-09-28 10:00", False),  # not while the A角 is there
        ("bing", "2026-09-22 10:00", False),
        ("nobody", "2026-09-22 10:00", False),
        ("", "2026-09-22 10:00", False),
    ],
)
def test_who_may_act_on_a_page(account, when, expected):
    absent = {"person": "jia", "first": date(2026, 9, 21), "last": date(2026, 9, 24)}
    people = [*TEAM, {"id": "box", "name": "演示信箱", "email": "box@example.cn"}]
    found = directory(people, [*PAIR, holding("office", "box")], absences=[absent])
    assert found.may_act(account, [Role.RESPONSIBLE, Role.OFFICE], "demo", [FINANCE], at(when)) is expected


def test_nobody_acts_for_another_department_or_jurisdiction_or_after_leaving():
    found = directory([person("jia", removed_on=date(2026, 10, 1)), *TEAM[1:]], PAIR)
    now = at("2026-09-29 10:00")
    assert found.may_act("jia", [Role.RESPONSIBLE], "demo", [LAND, FINANCE], now)
    assert not found.may_act("jia", [Role.RESPONSIBLE], "demo", [LAND], now)
    assert not found.may_act("jia", [Role.RESPONSIBLE], "shandong", [FINANCE], now)
    assert not found.may_act("jia", [Role.LEADER], "demo", [FINANCE], now)
    assert not found.may_act("jia", [Role.RESPONSIBLE], "demo", [FINANCE], at("2026-10-01 00:00"))


def test_who_is_on_the_roster_may_act_during_the_shift():
    found = directory(TEAM, [holding("duty_leader", "jia")], duty=ROSTER)
    for account, when, expected in [
        ("bing", "2026-10-01 12:00", True),
        ("bing", "2026-10-02 12:00", False),
        ("jia", "2026-10-01 12:00", True),  # the holder of the role, roster or not
    ]:
        assert found.may_act(account, [Role.DUTY_LEADER], "demo", [], at(when)) is expected


def test_roles_nobody_fills_are_listed_for_each_department_with_who_stands_in():
    obligations = [load(CATALOGUE).obligations[f"demo/{slug}"] for slug in ("fiscal-monthly", "incident-bulletin")]
    found = directory(TEAM, [*PAIR, holding("leader", "bing"), holding("operator", "bing", jurisdiction="shandong")])
    gaps = found.unfilled(obligations, load_policies(), at("2026-09-29 10:00"))
    assert set(gaps) == {
        Gap("demo", None, Role.OFFICE),
        Gap("demo", FINANCE, Role.LEADER, ("演示bing",)),
        Gap("demo", FINANCE, Role.FINAL_REVIEW),
        Gap("demo", None, Role.DUTY_ROOM),
        Gap("demo", None, Role.DUTY_LEADER),
        Gap("demo", OFFICE, Role.RESPONSIBLE),
        Gap("demo", OFFICE, Role.FINAL_REVIEW),
        Gap("demo", OFFICE, Role.SECRECY_REVIEW),
        *(Gap("demo", FINANCE, role) for role in (Role.FIRST_REVIEW, Role.SECOND_REVIEW, Role.SECRECY_REVIEW)),
    }
    assert "demo 演示单位财政局没有登记分管领导，由全辖区的分管领导演示bing代收" in map(str, gaps)


def test_the_example_fills_every_role_of_the_demo_jurisdiction():
    text = (PACKAGE / "demo" / "contacts.yaml").read_text("utf-8")
    found = read_contacts(text, "contacts.yaml")
    demo = [entry for entry in load(CATALOGUE).obligations.values() if entry.jurisdiction.slug == "demo"]
    now = at("2026-09-29 10:00")
    assert [gap for gap in found.unfilled(demo, load_policies(), now) if not gap.stand_ins] == []
    assert not [gap for gap in found.unfilled(demo, load_policies(), now) if gap.role is Role.RESPONSIBLE]
    assert {entry.role for entry in found.file.roles} == set(Role) - {Role.COMMAND}, (
        "a 指挥部 is there only while an incident is"
    )
    assert found.without_address(now) == ()
    assert found.file.absences
    assert any(absence.delegate for absence in found.file.absences)
    assert found.file.duty
    for entry in found.file.people:
        assert entry.name.startswith("演示")
        assert entry.email is not None
        assert entry.email.endswith("@example.cn")


def test_every_role_has_its_words():
    assert set(ROLE_LABELS) == set(Role)


def test_the_version_follows_the_content_not_its_layout():
    content = {"people": TEAM, "roles": PAIR}
    text = yaml.safe_dump(content, allow_unicode=True)
    first, laid_out = read_contacts(text, "a.yaml"), read_contacts(f"# 通讯录\n{text}", "b.yaml")
    assert first.version == laid_out.version != directory(TEAM, []).version


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"people": [*TEAM, person("jia", account=None)]}, "people.id", "jia（出现 2 次）"),
        ({"people": [*TEAM, person("wu", account="jia")]}, "people.account", "jia（出现 2 次）"),
        ({"people": [*TEAM, person("wu", account=" ")]}, "people.4.account", "（空）"),
        ({"people": [*TEAM, person("wu", name=" ")]}, "people.4.name", "（空）"),
        ({"people": [*TEAM, person("wu", email="演示@")]}, "people.4.email", "演示@"),
        (
            {"people": [*TEAM, person("wu", email="a@example.cn\nBcc: b@example.cn")]},
            "people.4.email",
            "a@example.cn\nBcc: b@example.cn",
        ),
        ({"people": [*TEAM, person("wu", mobile="139 0000")]}, "people.4.mobile", "139 0000"),
        ({"people": [*TEAM, person("wu", mobile=13900000000)]}, "people.4.mobile", "13900000000"),
        ({"people": [*TEAM, person("wu", channels=["fax"])]}, "people.4.channels.0", "fax"),
        ({"people": [*TEAM, person("wu", channels=["email", "email"])]}, "people.4.channels", "email"),
        ({"people": [*TEAM, person("Wu")]}, "people.4.id", "Wu"),
        ({"roles": [holding("responsible", "wu")]}, "roles.0.holder", "wu"),
        ({"roles": [holding("responsible", "jia", deputy="wu")]}, "roles.0.deputy", "wu"),
        ({"roles": [holding("responsible", "jia", deputy="jia")]}, "roles.0.deputy", "jia"),
        ({"roles": [*PAIR, *PAIR]}, "roles.holder", f"demo、{FINANCE}、responsible、jia（出现 2 次）"),
        ({"roles": [holding("chief", "jia")]}, "roles.0.role", "chief"),
        (
            {"absences": [{"person": "wu", "first": date(2026, 9, 1), "last": date(2026, 9, 2)}]},
            "absences.0.person",
            "wu",
        ),
        (
            {"absences": [{"person": "jia", "first": date(2026, 9, 2), "last": date(2026, 9, 1)}]},
            "absences.0.last",
            "2026-09-01",
        ),
        (
            {"absences": [{"person": "jia", "first": date(2026, 9, 1), "last": date(2026, 9, 2), "delegate": "jia"}]},
            "absences.0.delegate",
            "jia",
        ),
        ({"duty": [shift("duty_room", "wu", "2026-10-01 08:30", "2026-10-02 08:30")]}, "duty.0.person", "wu"),
        (
            {"duty": [shift("duty_room", "jia", "2026-10-02 08:30", "2026-10-02 08:30")]},
            "duty.0.end",
            "2026-10-02 08:30:00",
        ),
        ({"telephones": []}, "telephones", "[]"),
    ],
)
def test_a_faulty_file_says_field_value_and_what_is_expected(change, field, value):
    with pytest.raises(CatalogueFault) as refused:
        directory(**({"people": TEAM, "roles": PAIR} | change))
    (fault,) = refused.value.faults
    assert (fault.file, fault.field, fault.value) == ("contacts.yaml", field, value)
    assert fault.expected


def test_all_faults_of_a_file_are_told_at_once():
    with pytest.raises(CatalogueFault) as refused:
        directory(TEAM, [holding("responsible", "wu"), holding("leader", "ji", deputy="ji")])
    assert len(refused.value.faults) == 4


def test_a_channel_longer_than_the_ledger_keeps_is_refused_before_anything_is_queued():
    longest = f"im:{'a' * 97}"
    assert Person.model_validate(person("jia", channels=[longest])).channels == (longest,)
    with pytest.raises(ValidationError, match="channels"):
        Person.model_validate(person("jia", channels=[f"{longest}a"]))
