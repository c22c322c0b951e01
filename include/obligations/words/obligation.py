"""Documents, jurisdictions and obligations: the models that YAML fills. Loading and adoption are ``rules.catalogue``."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from obligations.words.clocks import Clock, Words
from obligations.words.limits import LimitField
from obligations.words.sources import Source

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Key = Annotated[str, Field(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")]
Fulfilment = Literal["published", "held", "submitted", "completed"]
Origin = Literal["text", "law", "local"]


class Duty(StrEnum):
    """What a clause orders; it decides the channel and how the occurrence is met (DESIGN §4)."""

    PUBLISH = "publish"
    INTERPRET = "interpret"
    RESPOND = "respond"
    REPORT_UP = "report-up"
    INTERNAL = "internal"
    BUILD = "build"

    @property
    def may_reach_the_public(self) -> bool:
        """Whether a public channel is allowed at all."""
        return self in {Duty.PUBLISH, Duty.INTERPRET, Duty.RESPOND}

    @property
    def fulfilment(self) -> Fulfilment:
        """How an occurrence of this duty is met unless the obligation says otherwise."""
        if self.may_reach_the_public:
            return "published"
        return "submitted" if self is Duty.REPORT_UP else "completed"


def book_marks(title: str) -> str:
    """Put a title in book marks; inside them book marks are single (GB/T 15834-2011, 4.15.3.4)."""
    return f"《{title.replace('《', '〈').replace('》', '〉')}》"


class Document(Words):
    """A work plan or law that orders things.

    Attributes:
        title: in Simplified characters, free of injected spam.
        number: 文号 with 〔〕, or None where the source does not give it.
        issued_on: 成文日期.
        published_on: when it was made public, where known (本要点公布后 counts from it).
        file: name of the source text the quotes are verbatim from.
        in_force_from, in_force_until: the year a yearly plan binds; both days included.
    """

    title: str
    number: str | None = None
    issued_by: str
    issued_on: dt.date | None = None
    published_on: dt.date | None = None
    file: str | None = None
    in_force_from: dt.date
    in_force_until: dt.date | None = None
    superseded_by: str | None = None

    @property
    def cited(self) -> str:
        """The title in book marks."""
        return book_marks(self.title)


class Department(Words):
    """A department: the canonical name shown, and what the text called it.

    Attributes:
        names: names used in the text, verbatim (Traditional where the text is).
        renamed_to, renamed_on: its successor after a reform, where known.
    """

    name: str
    names: tuple[str, ...] = ()
    renamed_to: str | None = None
    renamed_on: dt.date | None = None


class Adoption(Words):
    """One jurisdiction takes over another's obligations, as 定陶 did with 山东's.

    Attributes:
        from_: slug of the jurisdiction adopted from; adoption is one hop, so it must not adopt these itself.
        obligations: ``all`` or a list of slugs.
        departments: their department name → ours.
        places: their place words → ours, applied to titles.
    """

    from_: Annotated[Slug, Field(alias="from")]
    obligations: Literal["all"] | tuple[Slug, ...]
    departments: dict[str, str] = Field(default_factory=dict)
    places: dict[str, str] = Field(default_factory=dict)


class Continued(Words):
    """延续执行: why an obligation of an expired plan still binds here, and who approved that."""

    basis: str
    approved_by: str
    until: dt.date | None = None


class Jurisdiction(Words):
    """A government.

    Attributes:
        parent: slug of the government above it, or None.
        watermark: words printed across everything it makes (演示数据), or None.
        office: its office as texts name it; stands in where a clause names no department.
    """

    slug: Slug
    name: str
    level: Literal["province", "city", "county", "township", "demo"]
    parent: Slug | None = None
    timezone: Literal["Asia/Shanghai"] = "Asia/Shanghai"
    watermark: str | None = None
    office: str | None = None


class JurisdictionFile(Words):
    """What ``_document.yaml`` holds.

    Attributes:
        document: what orders its own obligations; None where it only adopts.
        departments: registry; every department named in an obligation must be found in it where it is not empty.
        continued: 延续执行 of all its obligations; one obligation's own goes before it.
    """

    jurisdiction: Jurisdiction
    document: Document | None = None
    departments: tuple[Department, ...] = ()
    adopts: tuple[Adoption, ...] = ()
    continued: Continued | None = None


class DueRule(Words):
    """The binding limit, where the clock does not carry it, and where its number comes from.

    Attributes:
        limit: counted from the period's end (recurring) or the event.
        origin: text, law or local; a local limit may only tighten.
        law: key in ``law.yaml`` when the origin is law.
        note: the basis of a local limit, for its derivation.
    """

    limit: LimitField
    origin: Origin
    law: str | None = None
    note: str | None = None


class ObligationFile(Words):
    """What ``<slug>.yaml`` holds: an obligation of its own, or (with ``adopts``) what differs from another's.

    Attributes:
        title: in Simplified characters.
        clause: as printed, ``一(二)3``, ``表22``.
        quote: the shortest verbatim run of the original that carries the rule and the thing.
        departments: verbatim from the clause.
        items: objects joined under one time word.
        line: line of the clause in the document's source text, from 1; orders the catalogue as the document does.
        publication: publication kind; names a module of ``obligations.publications``.
        in_force_from, in_force_until: where the clause binds other days than its document does (a list for one year
            in a plan for five).
        lapsed_at_issue: the date had passed when the document was issued.
        document: name of a later plan of the jurisdiction, in ``_document-<name>.yaml``; None for its own.
        proposed: read out of a plan and not yet accepted: it is checked, and becomes no obligation.
    """

    adopts: Key | None = None
    title: str | None = None
    clause: str | None = None
    line: Annotated[int, Field(ge=1)] | None = None
    quote: str | None = None
    duty: Duty | None = None
    departments: tuple[str, ...] | None = None
    items: tuple[str, ...] = ()
    publication: Slug | None = None
    clock: Clock | None = None
    due: DueRule | None = None
    fulfilment: Fulfilment | None = None
    source: Source | None = None
    continued: Continued | None = None
    in_force_from: dt.date | None = None
    in_force_until: dt.date | None = None
    lapsed_at_issue: bool = False
    document: Slug | None = None
    proposed: bool = False
    note: str | None = None


class Obligation(Words):
    """One thing one clause orders, after adoption: what every other module works on.

    Attributes:
        key: ``jurisdiction/slug``.
        document: the document whose clause orders it (the adopted one's, when adopted).
        adopted_from: the key it was adopted from, or None.
        department_names: canonical names in Simplified, in the order of ``departments``.
        in_force_from, in_force_until: where they differ from the document's; see ``binds_from``, ``binds_until``.
        due: the binding limit with its origin; None only where the clock itself is the limit
            (fixed dates, quotas, standing) or where neither text nor law gives one.
    """

    key: Key
    jurisdiction: Jurisdiction
    document: Document
    adopted_from: Key | None = None
    title: str
    clause: str
    line: int | None = None
    quote: str
    duty: Duty
    departments: tuple[str, ...]
    department_names: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    publication: Slug
    clock: Clock
    due: DueRule | None
    due_origin: Origin | None
    fulfilment: Fulfilment
    source: Source
    in_force_from: dt.date | None = None
    in_force_until: dt.date | None = None
    continued: Continued | None = None
    lapsed_at_issue: bool = False
    note: str | None = None

    @property
    def may_reach_the_public(self) -> bool:
        """Whether a public channel is allowed: by its duty, and not where it is met by delivery to someone."""
        return self.duty.may_reach_the_public and self.fulfilment in {"published", "held"}

    @property
    def binds_from(self) -> dt.date:
        """First day on which it binds."""
        return self.in_force_from or self.document.in_force_from

    @property
    def binds_until(self) -> dt.date | None:
        """Last day on which it binds, 延续执行 aside; None for no end."""
        return self.in_force_until or self.document.in_force_until

    @property
    def slug(self) -> str:
        """The file name without its suffix."""
        return self.key.split("/", 1)[1]

    @property
    def dag_id(self) -> str:
        """``jurisdiction.slug``; a slug has no dot, so the key can be read back."""
        return self.key.replace("/", ".", 1)

    def status(self, as_of: dt.date) -> Literal["执行期内", "已过执行年度", "延续执行"]:
        """Say whether the obligation binds on ``as_of`` (DESIGN §4, In force)."""
        until = self.binds_until
        if until is None or as_of <= until:
            return "执行期内"
        continued = self.continued
        if continued is not None and (continued.until is None or as_of <= continued.until):
            return "延续执行"
        return "已过执行年度"
