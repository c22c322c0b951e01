"""Statutory limits as dated data (``law.yaml``): which provision binds on a day, and how it is cited."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from obligations.rules.yaml_files import read_model
from obligations.words.clocks import Words
from obligations.words.errors import CatalogueFault, Fault
from obligations.words.limits import LimitField

_LAW = Path(__file__).parent.parent / "law.yaml"
_Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class StatutoryLimit(Words):
    """One limit of one provision, for the time the provision is in force.

    Attributes:
        key: family; the versions of one rule over time share it, ``proactive-disclosure``.
        name: title of the law, without 《》.
        number: its number, 国务院令第711号; None where it is known by its title alone.
        article: as cited, 第二十六条.
        says: what it orders, in our words.
        limit: the length of time, or None where it gives a date or no number.
        fixed_date: ``MM-DD`` of a yearly date that it gives.
        extension, extension_needs: by how much it lets the limit be extended, and on whose authority.
        pauses, pause_limit: what it lets stop the clock, and for how long at most each.
        in_force_from, in_force_until: both days included; None at either end means not bounded by what is known.
        verified: the original was read; else ``note`` says how it is known.
        source: where it was read.
    """

    key: _Slug
    name: str
    number: str | None = None
    article: str
    says: str
    limit: LimitField | None = None
    fixed_date: Annotated[str, Field(pattern=r"^\d\d-\d\d$")] | None = None
    extension: LimitField | None = None
    extension_needs: str | None = None
    pauses: tuple[str, ...] = ()
    pause_limit: LimitField | None = None
    in_force_from: dt.date | None = None
    in_force_until: dt.date | None = None
    verified: bool
    source: str
    note: str | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if not self.verified and not self.note:
            raise ValueError("verified: false 时须用 note 写明未核到的是什么")
        if (self.extension is None) != (self.extension_needs is None):
            raise ValueError("extension 与 extension_needs 同时写明")
        if (self.pause_limit is None) != (not self.pauses):
            raise ValueError("pauses 与 pause_limit 同时写明")
        adjusting = [limit for limit in (self.extension, self.pause_limit) if limit is not None]
        if adjusting and {limit.unit for limit in (*adjusting, self.limit) if limit} != {"working_day"}:
            raise ValueError("只有工作日时限可以延长或扣除，extension 和 pause_limit 也写工作日")
        return self

    def in_force(self, on: dt.date) -> bool:
        """Say whether the provision binds on ``on``."""
        begun = self.in_force_from is None or self.in_force_from <= on
        return begun and (self.in_force_until is None or on <= self.in_force_until)

    def date_after(self, day: dt.date) -> dt.date:
        """Return the first ``fixed_date`` after ``day``; raises ValueError if the provision gives no date."""
        if self.fixed_date is None:
            raise ValueError(f"{self.key} has no fixed date")
        date = dt.date.fromisoformat(f"{day.year}-{self.fixed_date}")
        return date if date > day else date.replace(year=day.year + 1)

    def cite(self) -> str:
        """Return 《政府信息公开条例》（国务院令第711号）第二十六条."""
        number = f"（{self.number}）" if self.number else ""
        return f"《{self.name}》{number}{self.article}"

    def cite_with_doubt(self) -> str:
        """Cite it, and say so where the original was not read."""
        return self.cite() if self.verified else f"{self.cite()}（该条未核到原文，须人工核对）"


class LawFile(Words):
    """What ``law.yaml`` holds."""

    limits: tuple[StatutoryLimit, ...]


def read_law(path: Path = _LAW) -> tuple[StatutoryLimit, ...]:
    """Read the limits; raises CatalogueFault where the file is unreadable or two versions of one rule overlap."""
    file: LawFile = read_model(path.parent, path.name, LawFile)
    if faults := find_overlaps(file.limits, path.name):
        raise CatalogueFault(tuple(faults))
    return file.limits


def find_overlaps(limits: tuple[StatutoryLimit, ...], file: str) -> list[Fault]:
    """Return a fault for each two provisions of one family that bind on the same day."""
    faults = []
    for number, one in enumerate(limits):
        for other in limits[number + 1 :]:
            later_start = max(one.in_force_from or dt.date.min, other.in_force_from or dt.date.min)
            if one.key == other.key and one.in_force(later_start) and other.in_force(later_start):
                expected = f"同一事项的各版本首尾不重叠，与 {one.cite()} 重叠"
                faults.append(Fault(file, f"{other.key}.in_force_from", other.cite(), expected))
    return faults


@cache
def _families() -> dict[str, tuple[StatutoryLimit, ...]]:
    families: dict[str, tuple[StatutoryLimit, ...]] = {}
    for limit in read_law():
        families[limit.key] = (*families.get(limit.key, ()), limit)
    return families


def law_in_force(key: str, on: dt.date) -> StatutoryLimit | None:
    """Return the provision of family ``key`` that binds on ``on``; None if none does, or none is known."""
    return next((limit for limit in _families().get(key, ()) if limit.in_force(on)), None)
