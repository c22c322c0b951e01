"""Reads what the page 台账 is asked for off its address, and writes the addresses of its links. What is unknown is told, not guessed.

Only values that make sense reach the database: known words, days of this century, text without control characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args
from urllib.parse import urlencode

from obligations.orchestration.pages.scope import Scope
from obligations.rules.wording import say_kind
from obligations.steps.ledger import Stage
from obligations.steps.ledger.listing import Filters, Sort, Standing

STATES: Mapping[str, tuple[Standing, ...]] = {
    "逾期": (Standing.OVERDUE, Standing.LATE),
    **{each.value: (each,) for each in Standing},
}
"""What 办理情况 may be narrowed to."""
SORTS: Mapping[Sort, str] = {"due": "完成时限", "title": "事项", "department": "责任单位", "stage": "环节"}
_LABELS = {
    "jurisdiction": "辖区", "department": "责任单位", "kind": "类型", "state": "办理情况", "stage": "环节",
    "period": "期间", "from": "到期起", "until": "到期止", "q": "查找", "key": "公开事项", "sort": "排序", "page": "页码",
}  # fmt: skip
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
_MOST_LETTERS, _MOST_WORDS = 100, 6
_MOST_PAGES = 1_000_000


@dataclass(frozen=True, slots=True)
class Choices:
    """What this person may choose among, for each list of the form: value and label."""

    jurisdictions: dict[str, str]
    departments: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for.

    Attributes:
        values: as they stand in the address, the unknown left out; filters: the same for the ledger.
        unknown: a sentence on each value that nobody understands.
    """

    values: dict[str, str]
    filters: Filters
    sort: Sort
    descending: bool
    page: int
    unknown: tuple[str, ...]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is filtered out."""
        return self.filters != Filters()

    def link(self, **changes: str) -> str:
        """Return the query with some values changed; an empty one is left out, and so is the page unless it is named."""
        kept = {name: value for name, value in self.values.items() if name != "page"} | changes
        return "?" + urlencode({name: value for name, value in kept.items() if value})

    def sort_link(self, by: str) -> str:
        """Return the query that sorts by a column, the other way round where it does so already."""
        return self.link(sort=f"-{by}" if by == self.sort and not self.descending else by)


def choices_of(scope: Scope) -> Choices:
    """Return what the lists of the form offer."""
    seen = scope.obligations.values()
    names = {name for each in seen for name in each.department_names or each.departments}
    kinds = dict.fromkeys(say_kind(each.clock) for each in seen)
    by_slug = {each.jurisdiction.slug: each.jurisdiction.name for each in seen}
    return Choices(dict(sorted(by_slug.items())), tuple(sorted(names)), tuple(kinds))


def read_query(given: Iterable[tuple[str, str]], scope: Scope, choices: Choices) -> Asked:
    """Read the query; of a name given twice the last counts, as in a form."""
    reader = _Reader({name: _clean(value) for name, value in given})
    kind = reader.one_of("kind", choices.kinds)
    key = reader.one_of("key", scope.obligations)
    keys = None if kind is None else {k for k, each in scope.obligations.items() if say_kind(each.clock) == kind}
    if key is not None:
        keys = {key} if keys is None else keys & {key}
    state = reader.one_of("state", STATES)
    filters = Filters(
        jurisdiction=reader.one_of("jurisdiction", choices.jurisdictions),
        keys=None if keys is None else frozenset(keys),
        department=reader.one_of("department", choices.departments),
        standings=STATES[state] if state else (),
        stage=reader.one_of("stage", [stage.value for stage in Stage]),
        period=reader.text("period"),
        due_from=reader.day("from"),
        due_until=reader.day("until"),
        words=tuple(reader.text("q").split())[:_MOST_WORDS],
    )
    sort = reader.one_of("sort", [f"{sign}{name}" for name in SORTS for sign in ("", "-")]) or "due"
    page = reader.number("page")
    by: Literal["due", "title", "department", "stage"] = next(
        name for name in get_args(Sort) if name == sort.lstrip("-")
    )
    return Asked(reader.understood, filters, by, sort.startswith("-"), page, tuple(reader.unknown))


class _Reader:
    """Takes values one by one and remembers which nobody understands."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self.understood: dict[str, str] = {}
        self.unknown: list[str] = []

    def one_of(self, name: str, known: Iterable[str]) -> str | None:
        value = self._given.get(name, "")
        if value and value not in set(known):
            self._refuse(name, value)
            return None
        return self._keep(name, value) or None

    def text(self, name: str) -> str:
        return self._keep(name, self._given.get(name, "")[:_MOST_LETTERS])

    def day(self, name: str) -> date | None:
        value = self._given.get(name, "")
        if not value:
            return None
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = date.min
        if not _FIRST_DAY <= day <= _LAST_DAY:
            self._refuse(name, value)
            return None
        self._keep(name, value)
        return day

    def number(self, name: str) -> int:
        value = self._given.get(name, "")
        if not value:
            return 1
        if not (value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= _MOST_PAGES):
            self._refuse(name, value)
            return 1
        return int(self._keep(name, value[:9]))

    def _keep(self, name: str, value: str) -> str:
        if value:
            self.understood[name] = value
        return value

    def _refuse(self, name: str, value: str) -> None:
        self.unknown.append(f"筛选条件“{_LABELS[name]}”没有“{value[:40]}”这个值，或者没有查看的权限，未采用")


def _clean(value: str) -> str:
    return "".join(letter for letter in value if letter.isprintable()).strip()
