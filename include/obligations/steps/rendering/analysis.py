"""Lets a publication kind make its analysis of what was gathered: rows, an event, a manuscript or what is held."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from obligations.publications.magnitudes import size_warnings
from obligations.words.errors import UnusableInput
from obligations.words.material import Holdings, Manuscript
from obligations.words.occurrence import Event, Period
from obligations.words.publication import Analysis, PublicationKind, Snapshot

if TYPE_CHECKING:
    from obligations.words.publication import Material


def analysis_of(kind: PublicationKind, material: Material, snapshot: Snapshot | None, period: Period) -> Analysis:
    """Return the analysis of ``material``; ``snapshot`` is the kept file it was read from, None for an event.

    Raises BadInput if the material contradicts itself, UnusableInput for one that the kind is not drafted from.
    """
    if isinstance(material, Event):
        if kind.describe is not None:
            return kind.describe(material)
    elif isinstance(material, Holdings):
        if kind.survey is not None:
            return kind.survey(material)
    elif isinstance(material, Manuscript):
        if kind.arrange is not None and snapshot is not None:
            return kind.arrange(material, snapshot)
    elif kind.analyse is not None and kind.contract is not None and snapshot is not None:
        analysis = kind.analyse(material, snapshot, period)
        return replace(analysis, warnings=(*analysis.warnings, *size_warnings(material, kind.contract)))
    raise UnusableInput(f"“{kind.title}”由{_made_from(kind)}起草，不能由其他内容起草")


def _made_from(kind: PublicationKind) -> str:
    if kind.analyse is not None:
        return "数据"
    if kind.describe is not None:
        return "事件"
    return "部门报送的文件" if kind.arrange is not None else "收件夹和台账"
