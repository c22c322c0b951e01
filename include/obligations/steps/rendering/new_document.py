"""The document model of a new draft: who signs, for which period, from which source, with the template's page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from obligations.publications.periods import say_period
from obligations.steps.rendering.cleaning import clean
from obligations.steps.rendering.compose import compose
from obligations.words.clocks import DeadlineClock
from obligations.words.draft import DateWords, DocumentModel
from obligations.words.errors import TemplateFault
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event, Occurrence
from obligations.words.publication import Analysis, PublicationKind, Snapshot


def new_document(
    obligation: Obligation,
    occurrence: Occurrence,
    kind: PublicationKind,
    analysis: Analysis,
    addresses: Mapping[int, str],
    snapshot: Snapshot | None,
    event: Event | None,
    templates: Path,
) -> DocumentModel:
    """Return the model of a draft that nobody has touched; version and time of drafting are the caller's to set.

    ``addresses`` by source row are named where the row is used. Raises TemplateFault, also where there is no template.
    """
    file = templates / "drafts" / f"{kind.name}.j2"
    if not file.is_file():
        raise TemplateFault(f"没有模板 {file.name}，应放在 {file.parent} 下")
    publisher = clean(analysis.words.get("lead") or _publisher(obligation, kind))
    region = analysis.words.get("region") or obligation.jurisdiction.name
    used = {cell.row for measure in analysis.measures.values() for cell in measure.inputs}
    sources = dict.fromkeys(address for row, address in addresses.items() if row in used)
    source = "、".join(sources) or (snapshot.address if snapshot else None)
    words = {
        "region": region,
        "publisher": publisher,
        "data_source": source,
        "obligation_title": obligation.title,
        "occasion": event.title if event else _period_words(obligation, occurrence),
        "may_reach_the_public": obligation.may_reach_the_public,
    }
    page = compose(file.name, file.read_text(encoding="utf-8"), analysis, kind.blanks, words, publisher)
    return DocumentModel(
        kind=kind.name,
        kind_title=kind.title,
        key=obligation.key,
        period=occurrence.period.key,
        version=1,
        title=page.title,
        subtitle=page.subtitle,
        region=clean(region),
        publisher=publisher,
        created_at="",
        dated=None,
        watermark=obligation.jurisdiction.watermark,
        final=False,
        based_on=None,
        warnings=analysis.warnings,
        blocks=tuple(page.blocks),
    )


def _period_words(obligation: Obligation, occurrence: Occurrence) -> DateWords | None:
    """Name the period; a one-off deadline has none."""
    return None if isinstance(obligation.clock, DeadlineClock) else say_period(occurrence.period)


def _publisher(obligation: Obligation, kind: PublicationKind) -> str:
    """Return the department that signs: the one that leads this kind, else the first named, else the office."""
    names = obligation.department_names or obligation.departments
    leading = [name for name in names if any(word in name for word in kind.led_by)]
    office = obligation.jurisdiction.office or obligation.jurisdiction.name
    return next(iter([*leading, *names]), office)
