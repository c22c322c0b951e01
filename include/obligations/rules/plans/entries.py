"""Candidates as files of the catalogue: one YAML an obligation, marked ``proposed``, and the document that orders them."""

from __future__ import annotations

import datetime as dt
import re

from obligations.rules.plans.comparison import Compared
from obligations.rules.yaml_text import yaml_text
from obligations.words.clocks import DeadlineClock
from obligations.words.obligation import Document, DueRule, Jurisdiction, JurisdictionFile, ObligationFile
from obligations.words.plans import Candidate, PlanFacts

HEADING = (
    "候选事项，由 obligations extract 从文件中识别；对照原文确认或修改，再运行 obligations accept。不要的删除本文件。"
)
_LEVELS = (("province", "省|自治区"), ("county", "区人民|县人民|区管委|县级"), ("city", "市|州|盟|地区|行署"))
_GENERAL_LEVEL = "city"


def document_of(facts: PlanFacts, file: str, today: dt.date) -> Document:
    """Return the document as the catalogue writes it; what the text does not say is presumed from its year."""
    year = facts.year or today.year
    issued = facts.issued_on
    begins = issued or dt.date(year, 1, 1)
    return Document(
        title=facts.title,
        number=facts.number,
        issued_by=facts.issued_by or "（请填写发文机关）",
        issued_on=issued,
        file=file,
        in_force_from=begins,
        in_force_until=max(dt.date(facts.until or max(year, begins.year), 12, 31), begins),
    )


def jurisdiction_of(slug: str, facts: PlanFacts, document: Document) -> JurisdictionFile:
    """Return what a new jurisdiction's ``_document.yaml`` holds; its name and level are read off the issuer."""
    issuer = facts.issued_by or facts.title
    name = re.match(r".{2,12}?(?:省|自治区|市|区|县|州|地区)(?:.{2,6}(?:区|县|市)(?=人民|管委))?", issuer)
    level = next((level for level, words in _LEVELS if re.search(words, issuer)), _GENERAL_LEVEL)
    return JurisdictionFile(
        jurisdiction=Jurisdiction(slug=slug, name=name[0] if name else slug, level=level, office=facts.issued_by),
        document=document,
    )


def entry_of(compared: Compared, facts: PlanFacts, document: str | None) -> ObligationFile:
    """Return the entry of a candidate; it takes publication kind and fulfilment over from the entry it continues."""
    candidate, known = compared.candidate, compared.entry
    publication = candidate.publication
    fulfilment = None
    if known is not None and known.clock.kind == candidate.clock.kind and known.duty is candidate.duty:
        publication = known.publication
        fulfilment = (
            known.fulfilment if known.fulfilment != known.duty.fulfilment and publication != "check-sheet" else None
        )
    elif "新闻发布会" in candidate.quote and "举行" in candidate.quote and publication == "submission":
        fulfilment = "held" if candidate.duty.may_reach_the_public else None
    row_of_one_year = facts.until is not None and candidate.clause.startswith("表") and facts.year is not None
    issued = facts.issued_on
    return ObligationFile(
        title=candidate.title,
        clause=candidate.clause,
        line=candidate.line,
        quote=candidate.quote,
        duty=candidate.duty,
        departments=candidate.departments,
        items=candidate.items,
        publication=publication,
        clock=candidate.clock,
        due=DueRule(limit=candidate.limit, origin="text") if candidate.limit is not None else None,
        fulfilment=fulfilment,
        in_force_until=dt.date(facts.year, 12, 31) if row_of_one_year and facts.year else None,
        lapsed_at_issue=isinstance(candidate.clock, DeadlineClock)
        and issued is not None
        and candidate.clock.date < issued,
        document=document,
        proposed=True,
        note=_note(candidate, compared),
    )


def _note(candidate: Candidate, compared: Compared) -> str:
    continued = f"；{compared.change}，上年为 {compared.entry.key}" if compared.entry is not None else ""
    return f"识别可信度{candidate.confidence}：{'；'.join(candidate.reasons)}{continued}。"


def entry_text(entry: ObligationFile) -> str:
    """Write an entry as YAML."""
    return yaml_text(entry, HEADING if entry.proposed else "")
