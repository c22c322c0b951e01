"""The loop over the outbox with a real ledger, a real mail server and a real web server; every instant is given."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from obligations.orchestration.notices.sending import CURED, GONE, SendReport, send_due
from obligations.orchestration.settings import Settings
from obligations.rules.catalogue import load_one
from obligations.rules.contacts import Directory
from obligations.rules.policies import load_policies
from obligations.steps.ledger import Act, Ledger, Outbox, act_many, open_ledger, queue_alarm, verify_ledger
from obligations.steps.notify import MailServer, Robot, SmsGateway, Transports
from obligations.words.contacts import ContactsFile, Holding, Person, Role
from obligations.words.errors import UnusableInput
from obligations.words.notices import NewNotice, QueuedNotice
from obligations.words.occurrence import DueDate, Event, Occurrence, Period
from obligations.words.times import SHANGHAI

SETTINGS = Settings.from_environment({})
FISCAL, BULLETIN = (load_one(SETTINGS.catalogue, f"demo/{slug}") for slug in ("fiscal-monthly", "incident-bulletin"))
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)  # a Friday, in office hours
NIGHT = datetime(2026, 11, 20, 23, 50, tzinfo=SHANGHAI)
MONDAY = datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)  # when the next office hours begin
DUE = datetime(2026, 11, 25, tzinfo=SHANGHAI)
PEOPLE = {
    "jia": Person(id="jia", name="演示甲", email="jia@example.cn", mobile="13800000000", channels=("email", "sms")),
    "yi": Person(id="yi", name="演示乙", email="yi@example.cn"),
    "bing": Person(id="bing", name="演示丙", channels=("email",)),
    "ding": Person(id="ding", name="演示丁", email="ding@example.cn", channels=("email", "im:ops")),
}


def directory(**changes: Person) -> Directory:
    """Return the contacts; 演示丁 runs the system."""
    operator = Holding(jurisdiction="demo", role=Role.OPERATOR, holder="ding")
    return Directory(ContactsFile(people=tuple({**PEOPLE, **changes}.values()), roles=(operator,)))


class Office:
    """An installation: its ledger, its contacts and its ways out."""

    def __init__(self, ledger: Ledger, port: int, web_server) -> None:
        self.ledger, self.port, self.web = ledger, port, web_server
        self.server = MailServer("127.0.0.1", port, "gongkai@example.cn", tls=False, timeout=60)
        self.transports = Transports(
            mail=lambda: self.server,
            sms=lambda: SmsGateway(f"{web_server.url}/sms"),
            robot=lambda id_: Robot(f"{web_server.url.replace('http', 'json')}/{id_}"),
        )
        self.directory = directory()
        self.settings = SETTINGS
        self.cured: set[str] = set()

    def queue(self, *recipients: str, period: str = "2026-10", tier: str = "ahead-5wd", **changes: Any) -> None:
        """Queue a notice about a period for each recipient; ``changes`` are fields of the notice."""
        row = self.ledger.occurrence(FISCAL.key, period) or self.expect(period)
        self.notify(row, *recipients, tier=tier, **changes)

    def notify(self, row, *recipients: str, **changes: Any) -> None:
        plain = NewNotice("ahead-5wd", "到期前提醒", "", Role.RESPONSIBLE, ("email",), urgent=False, send_after=NOW)
        notices = tuple(replace(plain, **{"recipient": recipient, **changes}) for recipient in recipients)
        assert act_many(self.ledger, [Act(row, notices=notices)], basis="一", now=NOW).notices == len(recipients)

    def expect(self, period: str, obligation=FISCAL):
        due = DueDate(NOW, DUE, False, DUE, DUE, ("自2026年10月31日起算20个工作日。",))
        covered = Period(period, date(2026, 10, 1), date(2026, 10, 31))
        occurrence = Occurrence(obligation.key, covered, NOW - timedelta(days=9), NOW + timedelta(days=2), due)
        return self.ledger.expect(
            obligation, occurrence, calendar_version="2026", catalogue_version="一", historical=False, now=NOW
        )

    def send(self, now: datetime = NOW, **changes: Any) -> SendReport:
        asked = {"still_applies": self.still_applies, "clock": None, **changes}
        return send_due(self.ledger, self.directory, load_policies(), self.settings, now, self.transports, **asked)

    def still_applies(self, notice: QueuedNotice) -> bool:
        return notice.tier not in self.cured

    def events(self, period: str = "2026-10") -> list[str]:
        return [event.kind for event in self.ledger.events(FISCAL.key, period) if event.kind.startswith("notice_")]

    @property
    def ways(self) -> list[str]:
        """The paths on which the web server was asked: ``/sms``, ``/ops``."""
        return [path for path, _, _ in self.web.requests]


@pytest.fixture
def office(tmp_path: Path, free_port: int, web_server) -> Iterator[Office]:
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        yield Office(ledger, free_port, web_server)
        assert verify_ledger(ledger) == []


@pytest.fixture
def postbox(mail_server, office: Office):
    return mail_server(office.port)


def addressees(postbox) -> list[str]:
    return sorted(message["To"].addresses[0].addr_spec for message in postbox.received)


def test_all_that_is_due_for_a_person_comes_in_one_letter_and_is_recorded(office: Office, postbox) -> None:
    office.queue("jia")
    office.queue("jia", "yi", period="2026-09")
    report = office.send()
    assert addressees(postbox) == ["jia@example.cn", "yi@example.cn"]
    assert sorted(message["Subject"] for message in postbox.received) == [
        "〔政务公开〕2项待办：2项到期前提醒",
        "〔政务公开〕到期前提醒：全区财政收支情况按月公开（2026年9月），还剩2个工作日",
    ]
    assert [(told.period, told.recipient, told.channel) for told in report.sent].count(("2026-09", "yi", "email")) == 1
    assert len(report.sent) == 3
    assert (report.dropped, report.failed, report.alarms) == ([], [], [])
    assert office.events() == ["notice_queued", "notice_sent"]
    (sent,) = [event for event in office.ledger.events(FISCAL.key, "2026-10") if event.kind == "notice_sent"]
    assert sent.payload["message_id"] in {message["Message-ID"] for message in postbox.received}


def test_a_second_pass_sends_nothing(office: Office, postbox) -> None:
    office.queue("jia")
    office.send()
    assert office.send(NOW + timedelta(minutes=10)) == SendReport()
    assert len(postbox.received) == 1


def test_a_letter_never_holds_a_draft_and_names_how_the_limit_came_about(office: Office, postbox) -> None:
    office.queue("jia")
    office.send()
    (message,) = postbox.received
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    text = message.get_body(("plain",)).get_content()
    assert "自2026年10月31日起算20个工作日。" in text
    assert f"{SETTINGS.base_url}/dags/demo.fiscal-monthly" in text


def test_what_is_cured_by_then_is_dropped_on_record_and_the_rest_goes_out(office: Office, postbox) -> None:
    office.queue("jia")
    office.queue("jia", period="2026-09", tier="draft-by")
    office.cured = {"draft-by"}
    report = office.send()
    assert [(told.period, told.why) for told in report.dropped] == [("2026-09", CURED)]
    assert office.events("2026-09") == ["notice_queued", "notice_dropped"]
    assert "2026年9月" not in postbox.received[0]["Subject"]


def test_a_letter_of_which_all_is_cured_is_not_sent(office: Office, postbox) -> None:
    office.queue("jia")
    office.cured = {"ahead-5wd"}
    office.send()
    office.cured = set()
    assert office.send(NOW + timedelta(hours=1)) == SendReport()
    assert postbox.conversations == 0


def test_an_hour_without_a_mail_server_loses_nothing_sends_once_and_tells_the_operators_once(
    office: Office, mail_server
) -> None:
    office.queue("jia", "yi")
    passes = [office.send(NOW + timedelta(minutes=minutes)) for minutes in range(0, 60, 10)]
    assert all(report.sent == [] or report.sent[0].channel != "email" for report in passes)
    postbox = mail_server(office.port)
    for minutes in range(60, 240, 10):
        office.send(NOW + timedelta(minutes=minutes))
    assert addressees(postbox) == ["jia@example.cn", "yi@example.cn"]
    assert Counter(office.events()) == {"notice_queued": 2, "notice_failed": 2, "notice_sent": 3}
    assert office.ways.count("/ops") == 1, "the operators hear of the channel, not of each letter"
    assert office.ways.count("/sms") == 1, "演示甲 has another channel"


def test_attempts_are_a_minute_apart_then_twice_as_far_each_time_an_hour_at_most(office: Office) -> None:
    office.directory = directory(ding=PEOPLE["ding"].model_copy(update={"channels": ("im:ops",)}))
    office.queue("yi")
    tried = [minute for minute in range(200) if office.send(NOW + timedelta(minutes=minute)).failed]
    assert tried == [0, 1, 3, 7, 15, 31, 63, 123, 183]


def test_a_recipient_refused_for_good_is_told_otherwise_and_the_operators_at_once(office: Office, postbox) -> None:
    postbox.refusals["jia@example.cn"] = "550 no such user"
    office.queue("jia", "yi")
    report = office.send()
    assert [(told.recipient, "550 no such user" in told.why) for told in report.failed] == [("jia", True)]
    assert addressees(postbox) == ["yi@example.cn"]
    assert sorted(office.ways) == ["/ops", "/sms"]
    assert "notice_failed" in office.events()
    again = [office.send(NOW + timedelta(hours=hours)).failed for hours in range(1, 24)]
    assert not any(again), "a server that said never is not asked every hour"
    postbox.refusals.clear()
    office.send(MONDAY)  # a day later is Saturday
    assert addressees(postbox) == ["jia@example.cn", "yi@example.cn"]


@pytest.mark.parametrize(
    ("recipient", "said"),
    [("bing", "演示丙（bing）没有登记 email 的地址"), ("nobody", "通讯录中nobody 不在其中，也就没有 email 的地址")],
)
def test_a_recipient_who_cannot_be_reached_is_recorded_and_alarmed(
    office: Office, postbox, recipient: str, said: str
) -> None:
    office.queue(recipient)
    report = office.send()
    assert [said in told.why for told in report.failed] == [True]
    assert office.events() == ["notice_queued", "notice_failed"]
    assert office.ways == ["/ops"]
    assert said in report.alarms[0]
    office.directory = directory(**{recipient: Person(id=recipient, name="演示", email="new@example.cn")})
    office.send(MONDAY)
    assert addressees(postbox) == ["new@example.cn"]


def test_a_person_who_has_left_gets_nothing_and_that_is_recorded(office: Office, postbox) -> None:
    office.queue("jia")
    office.directory = directory(jia=PEOPLE["jia"].model_copy(update={"removed_on": NOW.date()}))
    report = office.send()
    assert [told.why for told in report.dropped] == [GONE]
    assert office.events() == ["notice_queued", "notice_dropped"]
    assert postbox.received == []


def test_without_any_operator_the_alarm_is_in_the_report(office: Office) -> None:
    office.directory = Directory(ContactsFile(people=tuple(PEOPLE.values())))
    office.queue("bing")
    assert len(office.send().alarms) == 1


def test_an_alarm_of_the_system_goes_out_whatever_is_cured(office: Office, postbox) -> None:
    alarm = NewNotice(
        "gap",
        "系统告警：扫描中断",
        "ding",
        Role.OPERATOR,
        ("email",),
        urgent=True,
        send_after=NIGHT,
        facts={"said": "中断1小时。"},
    )
    assert queue_alarm(office.ledger, "system:gap:2026-11-20", [alarm], NIGHT) == 1
    office.send(NIGHT, still_applies=lambda _: False)
    (message,) = postbox.received
    assert message["Subject"] == "【紧急】〔政务公开〕系统告警：扫描中断"
    assert "中断1小时。" in message.get_body(("plain",)).get_content()


def test_at_night_only_what_is_urgent_goes_out_even_when_more_is_due(office: Office, postbox) -> None:
    office.queue("jia")
    office.queue("yi", period="2026-09", urgent=True)
    office.send(NIGHT)
    assert addressees(postbox) == ["yi@example.cn"]
    office.send(MONDAY)
    assert addressees(postbox) == ["jia@example.cn", "yi@example.cn"]


def test_what_failed_in_the_evening_is_tried_again_when_office_hours_begin(office: Office, mail_server) -> None:
    office.queue("yi")
    evening = NOW.replace(hour=17, minute=29)
    assert office.send(evening).failed
    postbox = mail_server(office.port)
    for hours in range(1, 60):
        office.send(evening + timedelta(hours=hours))
    assert postbox.received == []
    assert len(office.send(MONDAY).sent) == 1


def test_what_is_urgent_is_tried_again_at_night(office: Office, mail_server) -> None:
    office.queue("yi", urgent=True)
    assert office.send(NIGHT).failed
    mail_server(office.port)
    assert office.send(NIGHT + timedelta(minutes=10)).sent


def test_an_incident_reaches_a_telephone_without_its_details(office: Office, postbox) -> None:
    event = Event("event-1", "incident", "重大", "化工厂爆炸", NOW, NOW, None, {"place": "演示县滨海路"})
    office.ledger.report(event, NOW)
    row = office.expect("event-1", BULLETIN)
    office.notify(row, "jia", label="时限已过半", channels=("email", "sms"), urgent=True, send_after=NIGHT)
    office.send(NIGHT)
    (sent,) = office.web.bodies
    assert sent["content"] == f"【紧急】〔政务公开〕突发事件：{BULLETIN.title}\n请登录系统查看。\n"
    assert postbox.received[0]["Subject"].startswith("【紧急】〔政务公开〕时限已过半")


def test_a_letter_whose_acceptance_was_not_recorded_goes_again_under_the_same_id_and_once_only(
    office: Office, postbox
) -> None:
    office.queue("jia")

    def dies_after_sending() -> datetime:
        if postbox.received:
            raise KeyboardInterrupt
        return NOW

    with pytest.raises(KeyboardInterrupt):
        office.send(clock=dies_after_sending)
    office.cured = {"ahead-5wd"}  # nobody knows whether it arrived, so the same is said again
    office.send(NOW + timedelta(minutes=5))
    assert len(postbox.received) == 1, "the lease still runs"
    for minutes in (11, 30, 60):
        office.send(NOW + timedelta(minutes=minutes))
    first, second = postbox.received
    assert first["Message-ID"] == second["Message-ID"]
    assert office.events() == ["notice_queued", "notice_sent"]


def test_the_ledger_is_free_while_a_letter_is_on_its_way(office: Office, postbox) -> None:
    office.queue("jia")

    def write_meanwhile() -> MailServer:
        office.ledger.append(FISCAL.key, "2026-10", "waiting", happened_at=NOW, recorded_at=NOW)
        return office.server

    office.transports = replace(office.transports, mail=write_meanwhile)
    assert len(office.send().sent) == 1


def test_two_passes_at_once_send_each_letter_once(office: Office, postbox) -> None:
    people = {f"p{number}": Person(id=f"p{number}", name="演示", email=f"p{number}@example.cn") for number in range(12)}
    office.directory = directory(**people)
    office.queue(*people)
    with ThreadPoolExecutor(3) as passes:
        reports = list(passes.map(lambda _: office.send(), range(3)))
    assert addressees(postbox) == sorted(person.email for person in people.values())
    assert sum(len(report.sent) for report in reports) == 12


def test_a_server_that_cannot_be_used_is_asked_once_a_pass(office: Office, postbox) -> None:
    office.server = replace(office.server, starttls=True)  # which this server does not offer
    office.queue("jia", "yi")
    assert len(office.send().failed) == 2
    assert postbox.conversations == 1


def test_a_connection_that_is_missing_fails_its_channel_and_no_other(office: Office, postbox) -> None:
    def missing() -> SmsGateway:
        raise UnusableInput("没有名为 sms_default 的短信网关连接")

    office.transports = replace(office.transports, sms=missing)
    office.queue("jia", channels=("sms", "email"))
    report = office.send()
    assert [(told.channel, told.why) for told in report.failed] == [("sms", "没有名为 sms_default 的短信网关连接")]
    assert addressees(postbox) == ["jia@example.cn"]


def test_a_faulty_template_is_reported_and_the_letter_waits_for_its_repair(
    office: Office, postbox, tmp_path: Path
) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(SETTINGS.templates / "notices", templates / "notices")
    (templates / "notices" / "short.txt.j2").write_text("{{ nonsense }}")
    office.settings = replace(SETTINGS, templates=templates)
    office.queue("jia")
    assert "通知模板" in office.send().failed[0].why
    assert postbox.received == []
    office.settings = SETTINGS
    assert len(office.send(NOW + timedelta(minutes=1)).sent) == 1


def test_a_program_error_in_one_letter_does_not_hold_up_the_others(office: Office, postbox) -> None:
    office.queue("jia", tier="broken")
    office.queue("yi")

    def asked(notice: QueuedNotice) -> bool:
        return {"ahead-5wd": True}[notice.tier]

    report = office.send(still_applies=asked)
    assert [(told.recipient, "程序出错：KeyError" in told.why) for told in report.failed] == [("jia", True)]
    assert addressees(postbox) == ["yi@example.cn"]


def test_an_obligation_that_left_the_catalogue_is_still_told_of(office: Office, postbox) -> None:
    row = office.expect("2026-10", FISCAL.model_copy(update={"key": "demo/gone"}))
    office.notify(row, "jia")
    assert len(office.send().sent) == 1
    assert "所属单位：demo" in postbox.received[0].get_body(("plain",)).get_content()


def test_nothing_is_left_waiting_after_a_pass_that_went_well(office: Office, postbox) -> None:
    office.queue("jia", "yi")
    office.send()
    waiting = Outbox(office.ledger).waiting(NOW)
    assert (waiting.unsent, waiting.failing) == (0, {})
