"""What a draft of every publication kind is made from, to show and to test: figures of the demo, made-up deliveries, an event.

For the gallery, for the names that templates may use, and for the tests: a new kind is entered here once. Nothing of a
running installation comes here; the files lie in the clone (``tests/deliveries``, ``tests/steps/lines``) and the demo.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from obligations.orchestration.settings import PACKAGE
from obligations.publications.registry import kind
from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load_one
from obligations.rules.delivery import Delivery
from obligations.rules.row_limits import with_limits
from obligations.rules.tabular import read_frame
from obligations.words.draft import BlankRun
from obligations.words.material import GivenHeading, GivenParagraph, GivenTable, HeldFile, Holdings, Manuscript, Proven
from obligations.words.obligation import Obligation
from obligations.words.occurrence import DueDate, Event, Occurrence, Period
from obligations.words.publication import PublicationKind, Snapshot
from obligations.words.times import SHANGHAI

if TYPE_CHECKING:
    import pandas as pd

    from obligations.words.publication import Material

CATALOGUE, DEMO = PACKAGE / "catalogue", PACKAGE / "demo"
REPOSITORY = PACKAGE.parents[1]
DELIVERIES = REPOSITORY / "tests" / "deliveries"
CREATED = datetime(2026, 9, 12, 15, 30, tzinfo=SHANGHAI)
EVENT = Event(
    id="event-1",
    type="incident",
    level="重大",
    title="化工厂爆炸事故",
    happened_at=datetime(2026, 9, 12, 14, 0, tzinfo=SHANGHAI),
    reported_at=datetime(2026, 9, 12, 15, 0, tzinfo=SHANGHAI),
    noticed_at=datetime(2026, 9, 12, 14, 20, tzinfo=SHANGHAI),
    fields={
        "place": "演示县城关镇滨海路",
        "lead": "演示县应急管理局",
        "summary": "现场明火已扑灭，过火面积280平方米。",
        "measures": "当地启动应急预案，投入消防车12台、救援人员60名",
    },
)
DATA = {
    "fiscal-monthly": ("fiscal.csv", Period("2017-06", date(2017, 6, 1), date(2017, 6, 30))),
    "land-supply-quarterly": ("land_supply.csv", Period("2012-Q1", date(2012, 1, 1), date(2012, 3, 31))),
    "wholesale-prices-weekly": ("wholesale_prices.csv", Period("2020-W14", date(2020, 3, 30), date(2020, 4, 5))),
    "accountability": ("accountability-monthly.csv", Period("2026-08", date(2026, 8, 1), date(2026, 8, 31))),
    "annual-statement": ("accountability-yearly.csv", Period("2026", date(2026, 1, 1), date(2026, 12, 31))),
}
DELIVERED = {
    "drinking-water-quarterly": (
        "drinking_water.csv", "dingtao/drinking-water-quarterly", "演示单位生态环境局",
        Period("2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
    ),
    "economic-indicators": (
        "economic_indicators.csv", "dingtao/economy-conference-quarterly", "演示单位统计局",
        Period("2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
    ),
    "environment-monthly": (
        "environment.csv", "dingtao/environment-quality-monthly", "演示单位生态环境局",
        Period("2026-05", date(2026, 5, 1), date(2026, 5, 31)),
    ),
    "epidemic-monthly": (
        "epidemic_monthly.csv", "dingtao/epidemic-monthly", "演示单位卫生健康局",
        Period("2026-08", date(2026, 8, 1), date(2026, 8, 31)),
    ),
    "grain-purchase-five-daily": (
        "grain_purchase.csv", "dingtao/grain-purchase-progress", "演示单位粮食局",
        Period("2026-06-30", date(2026, 6, 26), date(2026, 6, 30)),
    ),
    "land-price-quarterly": (
        "land_price.csv", "shandong/land-supply-quarterly", "演示单位自然资源局",
        Period("2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
    ),
    "social-assistance-quarterly": (
        "social_assistance.csv", "dingtao/social-assistance-quarterly", "演示单位民政局",
        Period("2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
    ),
    "soe-indicators": (
        "soe_indicators.csv", "dingtao/enterprise-indicators-monthly", "演示单位国有资产监督管理局",
        Period("2026-08", date(2026, 8, 1), date(2026, 8, 31)),
    ),
    "annual-report": (
        "annual_report.csv", "daqing/annual-report-departments", "演示单位政务公开办公室",
        Period("2025", date(2025, 1, 1), date(2025, 12, 31)),
    ),
    "enforcement-decisions": (
        "enforcement_decisions.csv", "hebi/enforcement-decisions", "演示单位司法局",
        Period("2026-W37", date(2026, 9, 7), date(2026, 9, 13)),
    ),
    "permits-and-penalties": (
        "permits_and_penalties.csv", "hebi/permit-penalty-disclosure", "演示单位市场监督管理局",
        Period("2026-W37", date(2026, 9, 7), date(2026, 9, 13)),
    ),
    "website-check-quarterly": (
        "website_check.csv", "heilongjiang/website-check-results", "演示单位政务公开办公室",
        Period("2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
    ),
}  # fmt: skip
"""Kinds that the demo does not adopt: a delivery, the obligation it is for, and the department of the demo that signs."""
SEPTEMBER = Period("2026-09", date(2026, 9, 1), date(2026, 9, 30))
GIVEN: dict[str, Manuscript | Holdings] = {
    "submission": Manuscript(
        "演示单位公交运营情况",
        (
            GivenHeading(1, "一、总体情况"),
            GivenParagraph("本月投入车辆350台，运送旅客1204.5万人次。"),
            GivenTable("表1 各线路客运量", ("线路", "客运量（万人次）"), (("1路", "512.5"), ("2路", "692"))),
            GivenHeading(1, "二、服务情况"),
            GivenHeading(2, "（一）投诉办理"),
            GivenParagraph("1. 受理投诉3件，全部按时办结。"),
        ),
    ),
    "check-sheet": Holdings(
        requirement="常态更新，每月至少更新或确认一次（本级自定）",
        asks_how_many=False,
        folder="demo/bus-lines",
        files=(
            HeldFile("2026-09-线路调整.docx", 20480, datetime(2026, 9, 8, 10, tzinfo=SHANGHAI), in_period=True),
            HeldFile("线路图.xlsx", 1_572_864, datetime(2026, 6, 1, 9, tzinfo=SHANGHAI), in_period=False),
        ),
        proven=(),
        last_proven=Proven("2026-07", datetime(2026, 7, 28, 16, tzinfo=SHANGHAI), "线路公告第12号"),
        remarks=("上次更新或确认的有效期到2026年8月28日为止，已过期，请更新或确认没有变化。",),
        as_of=CREATED,
    ),
}
EVENTS = {
    "incident-followup": replace(
        EVENT,
        fields={
            **EVENT.fields,
            "followup": "2",
            "last_at": "2026-09-12T15:30",
            "as_of": "2026-09-12T19:00",
            "news": "现场清理已完成，周边2个监测点空气质量正常",
            "casualties": "2人受伤，均无生命危险",
            "last_casualties": "2人受伤，均无生命危险",
            "measures": "转移安置周边群众46人",
            "last_measures": EVENT.fields["measures"],
        },
    ),
}
"""What is reported for kinds that need more than the first report."""
KEYS = {
    "accountability": "demo/accountability-monthly",
    "annual-statement": "demo/accountability-yearly",
    "incident-followup": "demo/incident-bulletin",
    "press-conference": "demo/incident-press-conference",
}
LINES = REPOSITORY / "tests" / "steps" / "lines"
"""Lines of a made-up ledger: no demo of ours, for a real one is the installation's own."""


@dataclass(frozen=True)
class Case:
    """Everything ``draft`` takes for one publication kind, in its order, and its blanks answered."""

    obligation: Obligation
    occurrence: Occurrence
    kind: PublicationKind
    snapshot: Snapshot | None
    source: Material

    @property
    def arguments(self) -> tuple[Obligation, Occurrence, PublicationKind, Snapshot | None, Material]:
        """What ``draft`` takes first, in its order."""
        return self.obligation, self.occurrence, self.kind, self.snapshot, self.source

    def answers(self, blanks: Iterable[BlankRun]) -> dict[str, str | None]:
        """Return an answer to every blank that says what it is."""
        return {blank.name: f"演示填写：{blank.label.split('（')[0].split('；')[0]}" for blank in blanks}


def _given(found: PublicationKind) -> Case:
    """Return the case of a kind that no obligation of the demo uses: one of its own, made from another."""
    due = datetime(2026, 10, 28, 0, 0, tzinfo=SHANGHAI)
    dates = DueDate(CREATED, due, False, due, due, ("按第二十六条，从形成之日起20个工作日内公开。",))
    occurrence = Occurrence(f"demo/{found.name}", SEPTEMBER, CREATED, CREATED, dates)
    fulfilment = "completed" if found.survey else "published"
    changes = {
        "key": occurrence.key,
        "title": "公交运营情况按月公开",
        "publication": found.name,
        "fulfilment": fulfilment,
    }
    obligation = load_one(CATALOGUE, "demo/fiscal-monthly").model_copy(update=changes)
    snapshot = Snapshot("2026-09.docx", "2026-09.docx", hashlib.sha256(found.name.encode()).hexdigest())
    return Case(obligation, occurrence, found, snapshot, GIVEN[found.name])


def _delivered(found: PublicationKind, data: bytes | None) -> Case:
    """Return the case of a kind that the demo does not adopt, as if it did."""
    file, key, department, period = DELIVERED[found.name]
    due = datetime(2026, 10, 28, 0, 0, tzinfo=SHANGHAI)
    dates = DueDate(CREATED, due, False, due, due, ("按第二十六条，从形成之日起20个工作日内公开。",))
    demo = load_one(CATALOGUE, "demo/fiscal-monthly").jurisdiction
    changes = {"jurisdiction": demo, "departments": (department,), "department_names": (department,)}
    obligation = load_one(CATALOGUE, key).model_copy(update=changes)
    data = data or (DELIVERIES / file).read_bytes()
    snapshot = Snapshot(file, file, hashlib.sha256(data).hexdigest())
    material = _rows(found, file, data)
    return Case(obligation, Occurrence(key, period, CREATED, CREATED, dates), found, snapshot, material)


def _rows(found: PublicationKind, file: str, data: bytes) -> pd.DataFrame:
    if found.contract is None:
        raise TypeError(f"{found.name} is not drafted from rows")
    return with_limits(read_frame(data, found.contract, Delivery(file)), found.contract, load_calendar(None), CREATED)


def specimen(name: str, data: bytes | None = None, event: Event = EVENT) -> Case:
    """Return what a kind is drafted from: its figures, other bytes in their place, or an event."""
    found, event = kind(name), EVENTS.get(name, event)
    if name in GIVEN:
        return _given(found)
    if name in DELIVERED:
        return _delivered(found, data)
    file, period = DATA.get(name, ("", Period(event.id, date(2026, 9, 12), date(2026, 9, 12))))
    due = datetime(2026, 9, 13, 0, 0, tzinfo=SHANGHAI)
    derivation = ("按第二十六条，从形成之日起20个工作日内公开。",)
    occurrence = Occurrence(
        KEYS.get(name, f"demo/{name}"), period, CREATED, CREATED, DueDate(CREATED, due, False, due, due, derivation)
    )
    obligation = load_one(CATALOGUE, occurrence.key)
    if not file:
        return Case(obligation, occurrence, found, None, event)
    folder, address = (LINES, "政务公开台账，截至2026年9月1日09:00") if name.startswith("a") else (DEMO, None)
    data = data or (folder / file).read_bytes()
    snapshot = Snapshot(file, file, hashlib.sha256(data).hexdigest(), address)
    return Case(obligation, occurrence, found, snapshot, _rows(found, file, data))
