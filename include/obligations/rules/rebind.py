"""What changes when the calendar does: which dates of an occurrence a new notice moves or confirms, and why.

Pure: the sweep computes the occurrence anew and has the ledger write each ``Rebound`` as an event. Pauses and extensions
are reapplied by ``suspensions.adjust``.
"""

from __future__ import annotations

from dataclasses import dataclass

from obligations.rules.calendar import WorkingCalendar
from obligations.words.occurrence import Occurrence
from obligations.words.times import say_due


@dataclass(frozen=True, slots=True)
class Rebound:
    """One occurrence under the old calendar and the new.

    Attributes:
        before, after: the occurrence as recorded, and as the new calendar gives it.
        why: Chinese sentences: what moved, and which days are counted or left out differently.
    """

    before: Occurrence
    after: Occurrence
    why: tuple[str, ...]

    @property
    def moved(self) -> bool:
        """Whether a date changed; False if the notice only confirmed or narrowed what was provisional."""
        return (self.before.due_at, self.before.draft_by) != (self.after.due_at, self.after.draft_by)


def compare(before: Occurrence, after: Occurrence, calendar: WorkingCalendar) -> Rebound | None:
    """Return what changed from ``before`` to ``after``, which ``calendar`` gives; None where no date did.

    Either both carry their pauses and extensions, or neither does.
    """
    if _dates(before) == _dates(after):
        return None
    return Rebound(before, after, tuple(_why(before, after, calendar)))


def _dates(occurrence: Occurrence) -> tuple[object, ...]:
    due = occurrence.due
    return due.due_at, due.provisional, due.earliest, due.latest, occurrence.draft_by, occurrence.opens_at


def _why(before: Occurrence, after: Occurrence, calendar: WorkingCalendar) -> list[str]:
    old, new = before.due, after.due
    if old.due_at != new.due_at:
        said = [f"到期时间由{say_due(old.due_at)}改为{say_due(new.due_at)}。"]
    elif old.provisional and not new.provisional:
        said = [f"暂定的到期时间{say_due(new.due_at)}已由放假通知确定，未变。"]
    elif before.draft_by != after.draft_by:
        said = [
            f"到期时间{say_due(new.due_at)}未变，送审期限由{say_due(before.draft_by)}改为{say_due(after.draft_by)}。"
        ]
    else:
        said = [f"到期时间{say_due(new.due_at)}未变，暂定范围改为{say_due(new.earliest)}至{say_due(new.latest)}。"]
    if not old.earliest <= new.due_at <= old.latest:
        said.append(f"新的到期时间超出原先的范围（{say_due(old.earliest)}至{say_due(old.latest)}），请核对放假通知。")
    said += [f"现：{sentence}" for sentence in new.derivation if sentence not in old.derivation]
    said += [f"原：{sentence}" for sentence in old.derivation if sentence not in new.derivation]
    return [*said, f"日历版本：{calendar.version}。"]
