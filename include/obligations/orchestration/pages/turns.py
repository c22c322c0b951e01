"""Whose turn it is: from an occurrence's stage and last events, what has to be done, by which role, and where one does it.

Pure; who fills a role is ``holders``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from obligations.orchestration.review.progress import drafters
from obligations.steps.ledger import EventKind, LedgerEvent, OccurrenceRow, Stage
from obligations.steps.ledger.follow_ups import follow_ups_of
from obligations.words.contacts import Role
from obligations.words.reviews import Level

_LEVELS = {level.label: level for level in Level}
_NO_DATA: tuple[str, tuple[Role, ...], str] = ("报送数据", (Role.RESPONSIBLE,), "查看所需数据")
_BY_DATA: dict[str, tuple[str, tuple[Role, ...], str]] = {
    Stage.BAD_INPUT: ("更正数据", (Role.RESPONSIBLE,), "查看问题"),
    Stage.DRAFTING: ("正在起草", (), "查看"),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that has to be done, and by whom.

    Attributes:
        does: what, 复审 or 补报数据; roles: who does it, empty where the system does.
        action: what the link says; href: where it leads.
        not_by: accounts that may not do it though they hold the role (起草人不得终审).
    """

    does: str
    roles: tuple[Role, ...]
    action: str
    href: str
    not_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are done: ``airflow``, the address of Airflow; ``prefix``, of our own pages."""

    airflow: str
    prefix: str

    def occurrence(self, row: OccurrenceRow) -> str:
        """Return the page of an occurrence."""
        return f"{self.prefix}/occurrences/{row.key}/{quote(row.period, safe='')}"

    def upload(self, row: OccurrenceRow) -> str:
        """Return the page where an edited draft is handed in."""
        return f"{self.prefix}/uploads/{row.key}/{quote(row.period, safe='')}"

    def task(self, row: OccurrenceRow, run_id: str | None, task_id: str) -> str:
        """Return the form by which what a task asks is answered, beside the draft that it is about."""
        return f"{self.occurrence(row)}#form-{task_id}" if run_id else self.occurrence(row)

    def run(self, row: OccurrenceRow, run_id: str | None) -> str:
        """Return Airflow's page of a run."""
        return self._run(row, run_id) if run_id else self.occurrence(row)

    def decision(self) -> str:
        """Return Airflow's page of the form by which decisions are entered."""
        return f"{self.airflow}/dags/record_decision"

    def _run(self, row: OccurrenceRow, run_id: str | None) -> str:
        dag = quote(row.key.replace("/", ".", 1), safe="")
        return f"{self.airflow}/dags/{dag}/runs/{quote(run_id or '', safe='')}"


def turns_of(row: OccurrenceRow, events: Sequence[LedgerEvent], places: Places) -> tuple[Turn, ...]:
    """Return what has to be done now; more than one thing where levels of review are answered in parallel."""
    run_id = _run_of(events)
    if row.stage == Stage.REVIEW:
        return _reviews(row, events, run_id, places)
    return (_turn(row, events, run_id, places),)


def paperwork_turn(places: Places) -> Turn:
    """Return who has to bring the paperwork of an approval by word of mouth (补办手续)."""
    return Turn("补办手续", (Role.RESPONSIBLE, Role.OFFICE), "登记补办", places.decision())


def _turn(row: OccurrenceRow, events: Sequence[LedgerEvent], run_id: str | None, places: Places) -> Turn:
    if row.stage == Stage.DRAFTED:
        return _after_drafting(row, events, run_id, places)
    if row.stage == Stage.RETURNED:
        return Turn("修改稿件", (Role.RESPONSIBLE,), "上传修改稿", places.upload(row))
    if row.stage == Stage.APPROVED:
        return _after_approval(row, events, run_id, places)
    if row.stage == Stage.PUBLISHED:
        return _after_publication(events, places)
    if row.stage == Stage.FAILED:
        return Turn("排除故障", (Role.OPERATOR,), "查看运行", places.run(row, run_id))
    does, roles, action = _BY_DATA.get(row.stage, _NO_DATA)
    if row.stage == Stage.EXPECTED and row.event_id is not None:  # the report itself is all it is drafted from
        does, roles, action = "即将启动", (), "查看"
    return Turn(does, roles, action, places.occurrence(row))


def _after_drafting(row: OccurrenceRow, events: Sequence[LedgerEvent], run_id: str | None, places: Places) -> Turn:
    if _asks(events, EventKind.COMPLETION_REQUESTED, EventKind.DRAFTED):
        return Turn("完善稿件", (Role.RESPONSIBLE,), "填写", places.task(row, run_id, "complete"))
    return Turn("正在送审", (), "查看稿件", places.occurrence(row))


def _after_publication(events: Sequence[LedgerEvent], places: Places) -> Turn:
    if any(each.kind == "evidence" for each in follow_ups_of(events)):
        return Turn("采信佐证", (Role.OFFICE,), "登记采信", places.decision())
    return Turn("提供佐证", (Role.RESPONSIBLE,), "登记佐证", places.decision())


def _after_approval(row: OccurrenceRow, events: Sequence[LedgerEvent], run_id: str | None, places: Places) -> Turn:
    if _asks(events, EventKind.RELEASE_REQUESTED, EventKind.RELEASED):
        return Turn("发布前核验", (Role.OFFICE,), "核验", places.task(row, run_id, "release"))
    if row.fulfilment != "published":
        return Turn("登记办理结果", (Role.RESPONSIBLE,), "登记", places.task(row, run_id, "confirm"))
    return Turn("发布并登记网址", (Role.RESPONSIBLE,), "登记网址", places.task(row, run_id, "post"))


def _reviews(row: OccurrenceRow, events: Sequence[LedgerEvent], run_id: str | None, places: Places) -> tuple[Turn, ...]:
    asked: dict[str, LedgerEvent] = {}
    for event in events:
        level = str(event.payload.get("level"))
        if event.kind == EventKind.REVIEW_REQUESTED:
            asked = {name: each for name, each in asked.items() if _version(each) == _version(event)} | {level: event}
        elif event.kind in {EventKind.APPROVED, EventKind.PASSED}:
            asked.pop(level, None)
        elif event.kind == EventKind.RETURNED:
            asked.clear()
    found = tuple(_review(row, events, each, run_id, places) for each in asked.values())
    return found or (Turn("正在送审", (), "查看稿件", places.occurrence(row)),)


def _review(
    row: OccurrenceRow, events: Sequence[LedgerEvent], asked: LedgerEvent, run_id: str | None, places: Places
) -> Turn:
    label = str(asked.payload.get("level"))
    level = _LEVELS.get(label)
    said = tuple(Role(role) for role in asked.payload.get("roles", ()))
    roles = said or (level.roles if level else ())
    barred = drafters(events, asked.payload.get("version", 0)) if level is Level.FINAL else frozenset()
    href = places.task(row, run_id, level.task_id) if level else places.run(row, run_id)
    return Turn(label, roles, "审核", href, barred)


def _version(event: LedgerEvent) -> object:
    return event.payload.get("sha256")


def _asks(events: Sequence[LedgerEvent], asked: EventKind, answered: EventKind) -> bool:
    """Whether what was asked last has not been answered."""
    last = next((event.kind for event in reversed(events) if event.kind in {asked, answered}), None)
    return last == asked


def _run_of(events: Sequence[LedgerEvent]) -> str | None:
    """Return the run that works on it, as the last event of a run says."""
    opened = (event.payload.get("run_id") for event in reversed(events) if event.kind == EventKind.OPENED)
    return next((str(run_id) for run_id in opened if run_id), None)
