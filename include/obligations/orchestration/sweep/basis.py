"""What a pass decides by: calendar, policies and contacts. A faulty file is an alarm and never keeps a miss from being seen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from obligations.orchestration.people import directory_of
from obligations.orchestration.settings import Settings
from obligations.orchestration.sweep.report import Alarm
from obligations.rules.calendar import WorkingCalendar, load_calendar
from obligations.rules.contacts import Directory
from obligations.rules.policies import Policies, load_policies
from obligations.rules.reviews import load_reviews
from obligations.words.contacts import ContactsFile
from obligations.words.errors import ObligationsError

CALENDAR_FAULTY = "calendar-faulty"
Rules = TypeVar("Rules")


@dataclass(frozen=True, slots=True)
class Basis:
    """What is decided by.

    Attributes:
        reviews: file of the chains of review; None for the packaged one.
        alarms: what is wrong with the files; what could not be read is replaced by what the package has.
    """

    calendar: WorkingCalendar
    policies: Policies
    directory: Directory
    alarms: tuple[Alarm, ...]
    reviews: Path | None = None

    @property
    def version(self) -> str:
        """Digest of it all; under another one every open occurrence is decided upon anew."""
        versions = (self.calendar.version, self.policies.version, self.directory.version)
        return hashlib.sha256("\n".join(versions).encode()).hexdigest()[:32]

    @property
    def may_compute_dates(self) -> bool:
        """Whether the calendar is the installation's own; under a makeshift one no date may be computed."""
        return all(alarm.kind != CALENDAR_FAULTY for alarm in self.alarms)


def basis_of(settings: Settings) -> Basis:
    """Read calendar, policies and contacts."""
    alarms: list[Alarm] = []

    def read(kind: str, load: Callable[[], Rules], otherwise: Callable[[], Rules]) -> Rules:
        try:
            return load()
        except ObligationsError as error:
            alarms.append(Alarm(kind, str(error)))
            return otherwise()

    calendar = read(CALENDAR_FAULTY, lambda: load_calendar(settings.holidays), load_calendar)
    policies = read("policies-faulty", lambda: load_policies(settings.policies), load_policies)
    directory = read("contacts-faulty", lambda: _directory(settings), lambda: Directory(ContactsFile()))
    if settings.contacts is None:
        alarms.append(Alarm("contacts-missing", "没有设置通讯录，提醒无人可收；请在 OBLIGATIONS_CONTACTS 中写明其路径"))
    try:
        load_reviews(settings.reviews)
    except ObligationsError as error:
        alarms.append(Alarm("reviews-faulty", str(error)))
        return Basis(calendar, policies, directory, tuple(alarms))
    return Basis(calendar, policies, directory, tuple(alarms), settings.reviews)


def _directory(settings: Settings) -> Directory:
    """Return the contacts; one is kept for each state of the file, for 200 deadlines may fall on one midnight."""
    state = None
    if settings.contacts is not None and settings.contacts.exists():
        status = settings.contacts.stat()
        state = status.st_mtime_ns, status.st_size
    return _kept_directory(settings, state)


@lru_cache(maxsize=4)
def _kept_directory(settings: Settings, state: tuple[int, int] | None) -> Directory:  # noqa: ARG001 - part of the cache key
    return directory_of(settings)
