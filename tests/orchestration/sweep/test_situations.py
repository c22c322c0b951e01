"""Situations of one month's report and the exact notices that follow: when each was sent, which tier, to whom.

The report on August 2026 is due 20 working days after its end, on Monday 28 September at 24:00: Sunday the 20th is
worked for the National Day, Friday the 25th is Mid-Autumn. Draft by the 22nd. ``SWEEPS`` are some of the ten-minute
passes, on days that matter; mail goes to a real server. Nobody does anything but what a story says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from functools import partial

import pytest

from obligations.orchestration.rulings.recording import rule
from obligations.orchestration.sweep.starting import DagUnavailable
from obligations.orchestration.work import open_work
from obligations.rules.catalogue import load_one
from obligations.steps.ledger import Outbox
from obligations.steps.notify import MailServer
from obligations.words.rulings import Nil, Waive
from obligations.words.times import SHANGHAI, parse_instant

FIRST = "09-01T09:00"  # Tuesday, the first sweep
SWEEPS = (
    FIRST,
    "09-18T09:00",  # Friday
    "09-20T08:40",  # Sunday, worked
    "09-23T08:40",
    "09-24T08:40",  # Thursday, the last working day but one
    "09-26T10:00",  # Saturday of Mid-Autumn
    "09-28T08:40",  # the due day
    "09-29T00:10",  # just missed, at night
    "09-29T08:40",
    "09-30T08:40",
    "10-03T10:00",  # National Day
    "10-08T08:40",  # Thursday, the first working day after it
    "10-10T08:40",  # Saturday, worked
)
MISSED = [("09-29T08:40", "due", "jia"), ("09-29T08:40", "due", "yi")]
ASKED = [("09-30T08:40", "confirm-escalation", "yi")]
REMINDED = [
    ("09-20T08:40", "ahead-5wd", "jia"),
    ("09-23T08:40", "draft-by", "jia"),
    ("09-24T08:40", "ahead-1wd", "jia"),
]
NOBODY_ACTS = [*REMINDED, *MISSED, *ASKED]


def at(text: str) -> datetime:
    """Read an instant of 2026 in Asia/Shanghai."""
    return parse_instant(f"2026-{text}").astimezone(SHANGHAI)


@dataclass
class Story:
    """What happens to the report, and what is told.

    Attributes:
        acts: what people and runs do, before the sweep of that instant.
        told: (sent at, tier without its event's number, recipient), in order.
        sweeps: the passes there are; all of ``SWEEPS`` unless some did not come.
    """

    told: list[tuple[str, str, str]]
    acts: dict[str, Callable] = field(default_factory=dict)
    sweeps: tuple[str, ...] = SWEEPS


class Airflow:
    """Runs by (dag id, run id); all DAGs can run but those refused."""

    def __init__(self) -> None:
        self.states: dict[tuple[str, str], str] = {}
        self.refused = ""

    def require_startable(self, dag_id):
        if self.refused:
            raise DagUnavailable(self.refused)

    def start(self, dag_id, run_id, conf):
        if (dag_id, run_id) in self.states:
            return False
        self.states[dag_id, run_id] = "running"
        return True

    def state(self, dag_id, run_id):
        return self.states.get((dag_id, run_id))

    def count_live(self, dag_id, run_ids):
        return sum(self.state(dag_id, run_id) == "running" for run_id in run_ids)

    def clear(self, dag_id, run_id):
        pytest.fail("no version is replaced here")


def works(*kinds: str, when: str, **payload):
    """Let the run of the month leave these events at ``when``."""

    def act(office, airflow):
        airflow.states["county.monthly", "start__2026-08__v1"] = "running"
        for kind in kinds:
            said = {"run_id": "start__2026-08__v1", "number": 1, "version": 1, "sha256": "0" * 64, **payload}
            office.append("monthly", "2026-08", kind, at(when), **said)

    return act


def decides(ruling, when: str):
    """Let the office record a decision."""

    def act(office, airflow):
        obligation = load_one(office.settings.catalogue, "county/monthly")
        with open_work(office.settings, obligation, "2026-08", "form") as work:
            rule(work, ruling, person="演示乙", now=at(when))

    return act


def deletes_the_dag(office, airflow):
    (office.settings.catalogue / "county" / "monthly.yaml").unlink()


def breaks_the_dag(office, airflow):
    (office.settings.catalogue / "county" / "monthly.yaml").write_text("title: [", "utf-8")


def pauses_the_dag(office, airflow):
    airflow.refused = "DAG 已暂停"


def confirms(office, airflow):
    (asked,) = office.table("SELECT id FROM notice WHERE tier LIKE 'confirm-escalation%' AND subject LIKE '%monthly%'")
    with office.open() as ledger:
        Outbox(ledger).confirm(asked[0], "yi", at("09-30T10:00"))


def acknowledges(office, airflow):
    (notice,) = office.table(
        "SELECT id FROM notice WHERE tier = 'due' AND recipient = 'jia' AND subject LIKE '%monthly%'"
    )
    with office.open() as ledger:
        Outbox(ledger).acknowledge(notice[0], "jia", at("09-29T10:00"))


def marks_the_run_successful(office, airflow):
    works("opened", when="09-10T09:00")(office, airflow)
    airflow.states["county.monthly", "start__2026-08__v1"] = "success"


def loses_an_address(office, airflow):
    contacts = office.settings.contacts
    contacts.write_text(contacts.read_text("utf-8").replace("email: jia@example.cn", "mobile: '13900000001'"), "utf-8")


REVIEWED = ("opened", "data_arrived", "drafted", "review_requested")
PUBLISHED = ("approved", "published", "verified")
EARLY_CALENDAR = "due: {limit: P15WD, origin: local, note: 本县规定}\n"


EXTENDED = {
    "previous_due_at": "2026-09-29T00:00:00+08:00",
    "due_at": "2026-10-14T00:00:00+08:00",
    "draft_by": "2026-10-10T00:00:00+08:00",
    "reason": "征求第三方意见",
    "authority": "县政府办公室批准",
}


def tightens_the_limit(office, airflow):
    office.write_duty("monthly", "财政收支按月公开", "publish", "{kind: recurring, rule: FREQ=MONTHLY}", EARLY_CALENDAR)


STORIES = {
    "nobody acts: reminders, the miss to the person and the office, the question to the office": Story(NOBODY_ACTS),
    "normal: one request for review": Story(
        [("09-18T09:00", "review-requested", "ding")],
        {"09-18T09:00": works(*REVIEWED, when="09-18T08:50"), "09-20T08:40": works(*PUBLISHED, when="09-18T15:00")},
    ),
    "early: reviewed within the night, so that nothing is left to tell": Story(
        [], {"09-18T09:00": works(*REVIEWED, *PUBLISHED, when="09-17T20:00")}
    ),
    "late data: reminded until the draft is at review, on the last working day": Story(
        [*REMINDED[:2], ("09-24T08:40", "review-requested", "ding"), ("09-24T08:40", "ahead-1wd", "jia")],
        {
            "09-18T09:00": works("opened", "waiting", when="09-01T10:00"),
            "09-24T08:40": works(*REVIEWED[1:], when="09-24T08:30"),
            "09-28T08:40": works(*PUBLISHED, when="09-24T16:00"),
        },
    ),
    "paused DAG": Story(NOBODY_ACTS, {FIRST: pauses_the_dag}),
    "deleted DAG": Story(NOBODY_ACTS, {"09-18T09:00": deletes_the_dag}),
    "import error": Story(NOBODY_ACTS, {"09-18T09:00": breaks_the_dag}),
    "scheduler down across the due time: the miss, and no reminder that has gone stale": Story(
        [("09-30T08:40", "due", "jia"), ("09-30T08:40", "due", "yi"), *ASKED],
        sweeps=(FIRST, "09-18T09:00", "09-30T08:40", "10-08T08:40"),
    ),
    "returned twice: each return is told, and each version asks anew": Story(
        [
            ("09-18T09:00", "review-requested", "ding"),
            ("09-20T08:40", "ahead-5wd", "jia"),
            ("09-20T08:40", "returned", "jia"),
            ("09-23T08:40", "review-requested", "ding"),
            ("09-24T08:40", "ahead-1wd", "jia"),
            ("09-24T08:40", "returned", "jia"),
        ],
        {
            "09-18T09:00": works(*REVIEWED, when="09-18T08:50"),
            "09-20T08:40": works("returned", when="09-18T16:00", comment="数字不符"),
            "09-23T08:40": works("drafted", "review_requested", when="09-22T16:00", version=2, sha256="2" * 64),
            "09-24T08:40": works("returned", when="09-23T16:00", version=2, sha256="2" * 64, comment="口径不符"),
            "09-28T08:40": works(
                "drafted", "review_requested", *PUBLISHED, when="09-24T17:00", version=3, sha256="3" * 64
            ),
        },
    ),
    "rebound: a tighter limit, due on Sunday the 20th, is told, and its own reminders follow": Story(
        [
            ("09-18T09:00", "rebound", "jia"),
            ("09-18T09:00", "ahead-1wd", "jia"),
            ("09-23T08:40", "due", "jia"),
            ("09-23T08:40", "due", "yi"),
            ("09-23T08:40", "confirm-escalation", "yi"),
        ],
        {"09-18T09:00": tightens_the_limit},
    ),
    "extended to 13 October: told at once, reminded anew, and not missed": Story(
        [
            *REMINDED[:2],
            ("09-24T08:40", "extended", "jia"),
            ("09-30T08:40", "ahead-5wd", "jia"),
            ("10-10T08:40", "draft-by", "jia"),
        ],
        {"09-24T08:40": works("extended", when="09-23T15:00", **EXTENDED)},
    ),
    "nil report: nothing more is told": Story(
        REMINDED[:1], {"09-23T08:40": decides(Nil(reason="本月没有应公开的内容"), "09-22T10:00")}
    ),
    "waived: no miss": Story(
        REMINDED[:1], {"09-23T08:40": decides(Waive(reason="机构改革", authority="县政府办公室批准"), "09-22T10:00")}
    ),
    "marked successful by an administrator: published is what the ledger proves, so it fails and is missed": Story(
        [
            ("09-18T09:00", "failed", "jia"),
            ("09-18T09:00", "failed", "yunwei"),
            *NOBODY_ACTS,
        ],
        {"09-18T09:00": marks_the_run_successful},
    ),
    "returned on a holiday: told on the first working day": Story(
        [*NOBODY_ACTS, ("10-08T08:40", "returned", "jia")],
        {"10-03T10:00": works(*REVIEWED, "returned", when="10-02T10:00", comment="请核对")},
    ),
    "returned on the evening before a worked Saturday: told that Saturday": Story(
        [*NOBODY_ACTS, ("10-10T08:40", "returned", "jia")],
        {"10-10T08:40": works(*REVIEWED, "returned", when="10-09T20:00", comment="请核对")},
    ),
    "escalated after the office has confirmed it": Story(
        [*NOBODY_ACTS, ("10-08T08:40", "escalation", "bing")], {"10-03T10:00": confirms}
    ),
    "acknowledged: nobody asks to escalate": Story([*REMINDED, *MISSED], {"09-30T08:40": acknowledges}),
    "a recipient without an address: the others are told": Story(
        [("09-29T08:40", "due", "yi"), *ASKED], {FIRST: loses_an_address}
    ),
}


def told(office, slug: str = "monthly", period: str = "2026-08") -> list[tuple[str, str, str]]:
    """Return what was sent about one occurrence."""
    query = f"""
        SELECT e.happened_at, e.payload ->> 'tier', e.payload ->> 'recipient' FROM event e
        JOIN occurrence o ON o.id = e.occurrence_id
        WHERE e.kind = 'notice_sent' AND o.obligation_key = 'county/{slug}' AND o.period = '{period}' ORDER BY e.happened_at, e.id
    """  # noqa: S608 - the test's own word
    rows = office.table(query)
    sent = []
    for instant, tier, recipient in rows:
        local = datetime.fromisoformat(f"{instant}+00:00").astimezone(SHANGHAI)
        sent.append((f"{local:%m-%dT%H:%M}", tier.partition(":")[0].partition("@")[0], recipient))
    return sent


@pytest.fixture
def postbox(office, mail_server, free_port):
    office.mail = MailServer("127.0.0.1", free_port, "gongkai@example.cn", tls=False, timeout=60)
    return partial(mail_server, free_port)


@pytest.mark.parametrize("name", STORIES)
def test_a_situation_leads_to_exactly_its_notices(office, postbox, name):
    story, airflow = STORIES[name], Airflow()
    received = postbox().received
    for other in ("weekly", "quarterly", "policy", "bulletin"):
        (office.settings.catalogue / "county" / f"{other}.yaml").unlink()
    for moment in story.sweeps:
        if moment in story.acts:
            story.acts[moment](office, airflow)
        office.sweep(at(moment), runs=airflow)
    assert sorted(told(office)) == sorted(story.told)
    assert all(isinstance(mail, EmailMessage) and mail["Message-ID"] for mail in received)
    office.require_sound()


def test_an_incident_ten_minutes_before_midnight_is_told_at_once(office, postbox):
    received = postbox().received
    office.sweep(at(FIRST))
    incident = office.report("incident", at("09-19T23:50"), at("09-19T23:52"), level="重大")  # a Saturday
    office.sweep(at("09-19T23:53"))
    assert sorted(told(office, "bulletin", incident)) == [
        ("09-19T23:53", "opened", "bing"),
        ("09-19T23:53", "opened", "jia"),
        ("09-19T23:53", "opened", "zhiban"),
    ]
    assert [mail["To"] for mail in received if "紧急" in mail["Subject"]]


def test_a_mail_server_down_for_an_hour_delays_and_loses_nothing(office, postbox):
    office.sweep(at(FIRST))
    office.sweep(at("09-29T08:40"))
    assert told(office) == []
    for minute in range(50, 60):
        office.sweep(at(f"09-29T08:{minute}"))
    received = postbox().received
    office.sweep(at("09-29T10:40"))
    assert told(office) == [("09-29T10:40", "due", "jia"), ("09-29T10:40", "due", "yi")]
    ids = [mail["Message-ID"] for mail in received]
    assert len(ids) == len(set(ids))


def test_a_backfill_ahead_of_catch_up_leaves_no_period_without_a_run(office):
    """Airflow skips what lies behind a backfill: of August to November only November has a run of its own."""
    airflow = Airflow()
    office.sweep(at(FIRST))
    for period in ("2026-10", "2026-11"):
        airflow.states["county.monthly", f"scheduled__{period}__v1"] = "running"
    for moment in ("09-01T09:10", "10-08T08:40", "11-02T09:00", "12-01T09:30"):
        office.sweep(at(moment), runs=airflow)
    monthly = {run_id for dag_id, run_id in airflow.states if dag_id == "county.monthly"}
    assert monthly == {
        "start__2026-08__v1",
        "start__2026-09__v1",
        "scheduled__2026-10__v1",
        "scheduled__2026-11__v1",
    }
