"""Who reviews a draft, in which order: levels and chains. Which chain an obligation has is ``rules.reviews``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from obligations.words.clocks import Words
from obligations.words.contacts import Role
from obligations.words.obligation import Duty, Key, Slug


class Level(StrEnum):
    """One look at a draft; the value is the code in files and task ids, ``label`` what people read and the ledger keeps."""

    FIRST = "first"
    SECOND = "second"
    SECRECY = "secrecy"
    COMMAND = "command"
    FINAL = "final"

    @property
    def label(self) -> str:
        """The level in the field's own words."""
        return _LABELS[self]

    @property
    def task_id(self) -> str:
        """The Airflow task that asks for it."""
        return f"review_{self.value}"

    @property
    def roles(self) -> tuple[Role, ...]:
        """Who answers it unless a policy says otherwise."""
        return _ROLES[self]


_LABELS = {
    Level.FIRST: "初审",
    Level.SECOND: "复审",
    Level.SECRECY: "保密审查",
    Level.COMMAND: "指挥部审核",
    Level.FINAL: "终审",
}
_ROLES = {
    Level.FIRST: (Role.FIRST_REVIEW,),
    Level.SECOND: (Role.SECOND_REVIEW,),
    Level.SECRECY: (Role.SECRECY_REVIEW,),
    Level.COMMAND: (Role.COMMAND,),
    Level.FINAL: (Role.FINAL_REVIEW,),
}


class Step(Words):
    """One level as a chain asks for it.

    Attributes:
        roles: who may answer; empty for the level's own.
        optional: passed, on record, where nobody holds one of the roles (a 指挥部 that does not exist).
    """

    level: Level
    roles: tuple[Role, ...] = ()
    optional: bool = False

    @property
    def answered_by(self) -> tuple[Role, ...]:
        """The roles that answer it."""
        return self.roles or self.level.roles


class Chain(Words):
    """The review of one sort of publication.

    Attributes:
        obligations: keys, or ``jurisdiction/*``; publications: kinds; duties; governments: levels of government. A chain
            holds where each of the four that is not empty names the obligation; the first that holds is taken.
        stages: in order; the steps of a stage are answered in parallel.
        release: the 政务公开办 checks once more before a channel of its own site goes public.
        oral: an approval given by word of mouth may be entered by another person, its paperwork follows (应急快审).
        apart: groups of levels that one person must not answer for the same version.
        overridden_by: roles that may let a version pass whose check found errors, with a written reason.
    """

    name: str
    obligations: tuple[Key | Annotated[str, Field(pattern=r"^[a-z0-9-]+/\*$")], ...] = ()
    publications: tuple[Slug, ...] = ()
    duties: tuple[Duty, ...] = ()
    governments: tuple[str, ...] = ()
    stages: tuple[tuple[Step, ...], ...]
    release: bool = False
    oral: bool = False
    apart: tuple[tuple[Level, ...], ...] = ()
    overridden_by: tuple[Role, ...] = (Role.FINAL_REVIEW, Role.LEADER)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step, in order."""
        return tuple(step for stage in self.stages for step in stage)


class ReviewsFile(Words):
    """What ``reviews.yaml`` holds."""

    chains: tuple[Chain, ...]
