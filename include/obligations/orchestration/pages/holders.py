"""Who fills a role now, by name, and whether that is the person logged in; each place is asked once a page."""

from __future__ import annotations

from datetime import datetime

from obligations.orchestration.pages.turns import Turn
from obligations.rules.contacts import Directory
from obligations.steps.ledger import OccurrenceRow
from obligations.words.contacts import Role

_Place = tuple[tuple[Role, ...], str, tuple[str, ...]]


class Holders:
    """Resolves roles for one account at one instant."""

    def __init__(self, directory: Directory | None, account: str, at: datetime) -> None:
        """Take the directory; None where the installation has no contacts, and nobody's turn can be told."""
        self._directory, self._account, self._at = directory, account, at
        self._named: dict[_Place, str] = {}
        self._mine: dict[_Place, bool] = {}

    def who(self, turn: Turn, row: OccurrenceRow) -> str:
        """Name who has to act: ``演示乙（复审人）``; the system where no role has."""
        if not turn.roles:
            return "系统"
        place = (turn.roles, row.jurisdiction, row.departments)
        if place not in self._named:
            self._named[place] = self._names(*place)
        return self._named[place]

    def is_mine(self, turn: Turn, row: OccurrenceRow) -> bool:
        """Whether the person logged in is one of them."""
        if self._directory is None or not turn.roles or self._account in turn.not_by:
            return False
        place = (turn.roles, row.jurisdiction, row.departments)
        if place not in self._mine:
            self._mine[place] = self._directory.may_act(self._account, *place, self._at)
        return self._mine[place]

    def _names(self, roles: tuple[Role, ...], jurisdiction: str, departments: tuple[str, ...]) -> str:
        labels = "、".join(role.label for role in roles)
        if self._directory is None:
            return labels
        place = (roles, jurisdiction, departments, self._at)
        told = (*self._directory.recipients(*place), *self._directory.unreachable(*place))
        names = "、".join(dict.fromkeys(each.name for each in told))
        return f"{names}（{labels}）" if names else f"{labels}（无人担任）"
