"""The command ``extract``: reads a plan, writes what it proposes into a folder. How it is read is ``rules.plans``."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from obligations.orchestration.commands.listing import obligation_as_json
from obligations.orchestration.commands.look_up import folder_of, notes_on
from obligations.orchestration.commands.named_files import read_delivery
from obligations.orchestration.commands.outcome import Door, Outcome, Rows, as_json
from obligations.rules.catalogue import Catalogue, jurisdictions, load_jurisdiction
from obligations.rules.plans.comparison import Compared, Comparison, compare
from obligations.rules.plans.entries import document_of, entry_of, entry_text, jurisdiction_of
from obligations.rules.plans.extract import extract
from obligations.rules.plans.ledger_sheet import ledger_bytes
from obligations.rules.plans.legal_lint import LegalFinding, find
from obligations.rules.plans.review_page import review_text
from obligations.rules.plans.saying import say_limit
from obligations.rules.plans.sources import read_source
from obligations.rules.resolution import resolve
from obligations.rules.yaml_files import read_model
from obligations.rules.yaml_text import yaml_text
from obligations.steps.replace import replace_file
from obligations.words.errors import CatalogueFault, UnusableInput
from obligations.words.obligation import Document, JurisdictionFile, Obligation
from obligations.words.plans import Extraction

LEDGER, REPORT, REVIEW = "ledger.xlsx", "report.json", "review.md"
EARLIER = "earlier-"
DOCUMENT = "文件的基本信息，由程序从正文读出，请核对。"
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One candidate as it would enter the catalogue."""

    compared: Compared
    obligation: Obligation
    text: str

    @property
    def is_new(self) -> bool:
        """Whether the catalogue lacks it; what it holds already is printed, and proposed no more."""
        return self.compared.change != "已在清单"


def extract_plan(door: Door, plan: Path, jurisdiction: str, out: Path, against: str | None) -> Outcome:
    """Read the plan, compare it with the catalogue, write entries, ledger, report and review page into ``out``.

    Raises UnusableInput for a jurisdiction that is no slug and a file that is not there, BadInput for one that cannot be read.
    """
    if not _SLUG.fullmatch(jurisdiction):
        raise UnusableInput(f"辖区“{jurisdiction}”应为小写字母、数字和连字符，例如 shandong")
    data = read_delivery(plan)
    root, today = folder_of(door), door.now().date()
    source = read_source(data, plan.name)
    door.tell(f"正在识别 {plan.name}（{len(source.text):,} 字）")
    extraction = extract(source)
    door.tell(f"正在与任务清单比较 {len(extraction.candidates):,} 项")
    catalogue = _catalogue(root, against or jurisdiction)
    comparison = compare(extraction.candidates, extraction.documents, catalogue.obligations.values())
    findings = find(tuple(each.candidate for each in comparison.proposed), extraction.documents, today)
    own, documents = _documents(root, jurisdiction, extraction, today)
    read = [_proposal(each, own, documents, extraction, jurisdiction) for each in comparison.compared]
    proposals = [each for each in read if each.is_new]
    door.tell(f"正在写出 {len(proposals):,} 项")
    kept = _write(
        out, jurisdiction, own, documents, proposals, exists=jurisdiction in jurisdictions(root), at=door.now()
    )
    report = _report(extraction, comparison, findings)
    replace_file(out / LEDGER, ledger_bytes(extraction, comparison, findings))
    replace_file(out / REPORT, as_json(report).encode())
    replace_file(out / REVIEW, review_text(extraction, comparison, findings).encode())
    notes = (*notes_on(catalogue.faults), *source.notes, *kept, *_say(extraction, comparison, findings, out))
    return Outcome([_as_json(each) for each in read], _shown(proposals), notes)


def _catalogue(root: Path, jurisdiction: str) -> Catalogue:
    """Load the catalogue to compare with; a jurisdiction that is not there yet has an empty one."""
    known = jurisdiction in jurisdictions(root)
    return load_jurisdiction(root, jurisdiction) if known else Catalogue({}, ())


def _documents(
    root: Path, jurisdiction: str, extraction: Extraction, today: date
) -> tuple[JurisdictionFile, list[tuple[str | None, Document]]]:
    """Return the jurisdiction, and for each plan of the file its name in the catalogue and its document.

    The first plan of a new jurisdiction is its own document; another one gets a name, by its year.
    """
    read = [document_of(facts, extraction.source.file, today) for facts in extraction.documents]
    if jurisdiction in jurisdictions(root):
        own = read_model(root, f"{jurisdiction}/_document.yaml", JurisdictionFile)
    else:
        own = jurisdiction_of(jurisdiction, extraction.documents[0], read[0])
    named: list[tuple[str | None, Document]] = []
    for position, document in enumerate(read):
        mine = own.document is not None and (own.document.number or own.document.title) in {
            document.number,
            document.title,
        }
        year = str(extraction.documents[position].year or today.year)
        name = None if mine else year if len(read) == 1 else f"{year}-{position + 1}"
        named.append((name, own.document if mine and own.document is not None else document))
    return own, named


def _proposal(
    compared: Compared,
    own: JurisdictionFile,
    documents: list[tuple[str | None, Document]],
    extraction: Extraction,
    jurisdiction: str,
) -> Proposal:
    position = min(compared.candidate.document, len(documents) - 1)
    name, document = documents[position]
    entry = entry_of(compared, extraction.documents[position], name)
    key = f"{jurisdiction}/{compared.candidate.slug}"
    try:
        obligation = resolve(key, f"{key}.yaml", own, entry, None, document)
    except CatalogueFault:
        # what is taken over from last year's entry may not fit the new words; the candidate's own always does
        entry = entry_of(Compared(compared.candidate, None, compared.change), extraction.documents[position], name)
        obligation = resolve(key, f"{key}.yaml", own, entry, None, document)
    return Proposal(compared, obligation, entry_text(entry))


def _write(
    out: Path,
    jurisdiction: str,
    own: JurisdictionFile,
    documents: list[tuple[str | None, Document]],
    proposals: list[Proposal],
    *,
    exists: bool,
    at: datetime,
) -> tuple[str, ...]:
    """Write the entries; those of an earlier run that read otherwise, for a person may have edited them, are put aside.

    Returns a note on these.
    """
    folder = out / jurisdiction
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        f"_document-{name}.yaml": yaml_text(document, DOCUMENT) for name, document in documents if name is not None
    }
    texts |= {} if exists else {"_document.yaml": yaml_text(own, DOCUMENT)}
    texts |= {f"{each.obligation.slug}.yaml": each.text for each in proposals}
    aside = folder / f"{EARLIER}{at:%Y%m%dT%H%M%S}"
    old = [path for path in sorted(folder.glob("*.yaml")) if path.read_bytes() != texts.get(path.name, "").encode()]
    for path in old:
        aside.mkdir(exist_ok=True)
        path.rename(aside / path.name)
    for name, text in texts.items():
        replace_file(folder / name, text.encode())
    return (f"上次识别后改过的或这次不再提出的 {len(old)} 个文件没有删除，移到了 {aside}",) if old else ()


def _as_json(proposal: Proposal) -> dict[str, Any]:
    """Return a candidate with the fields of ``list --json``, and how it was read."""
    candidate = proposal.compared.candidate
    entry = proposal.compared.entry
    return {
        **obligation_as_json(proposal.obligation),
        "proposed": proposal.is_new,
        "line": candidate.line,
        "leads": list(candidate.leads),
        "words": candidate.words,
        "reasons": list(candidate.reasons),
        "confidence": candidate.confidence,
        "change": proposal.compared.change,
        "continues": entry.key if entry is not None else None,
    }


def _report(extraction: Extraction, comparison: Comparison, findings: list[LegalFinding]) -> dict[str, Any]:
    return {
        "file": extraction.source.file,
        "documents": [asdict(facts) for facts in extraction.documents],
        "candidates": len(comparison.compared),
        "proposed": len(comparison.proposed),
        "changes": [
            {"slug": each.candidate.slug, "change": each.change, "continues": each.entry.key if each.entry else None}
            for each in comparison.compared
        ],
        "dropped": [
            {"key": entry.key, "title": entry.title, "decide": "延续执行或到期"} for entry in comparison.dropped
        ],
        "left_out": [asdict(each) for each in extraction.left_out],
        "set_aside": [asdict(each) for each in extraction.aside],
        "findings": [asdict(each) for each in findings],
    }


def _say(extraction: Extraction, comparison: Comparison, findings: list[LegalFinding], out: Path) -> tuple[str, ...]:
    proposed = comparison.proposed
    said = [f"识别 {len(comparison.compared)} 项，其中 {len(proposed)} 项待确认；结果在 {out}"]
    if known := len(comparison.compared) - len(proposed):
        said.append(f"{known} 项已在清单中，不再提出")
    said.append(
        f"另有 {len(extraction.left_out)} 处时间词未列为事项，{len(extraction.aside)} 处附加文字已剔除，见 {LEDGER}"
    )
    if comparison.dropped:
        said.append(f"清单中 {len(comparison.dropped)} 项本文件未再列入，请逐项定为延续执行或到期")
    if findings:
        said.append(f"提请核对 {len(findings)} 处")
    return tuple(said)


def _shown(proposals: list[Proposal]) -> tuple[str | Rows, ...]:
    rows = [
        (
            each.obligation.slug,
            each.obligation.clause,
            each.obligation.title,
            say_limit(each.obligation.clock, each.compared.candidate.limit),
            "、".join(each.obligation.departments),
            each.compared.candidate.confidence,
            each.compared.change,
        )
        for each in proposals
    ]
    headers = ("编号", "条款", "事项", "时限", "责任单位", "可信度", "比较")
    return (Rows(headers, rows),) if rows else ("没有需要确认的候选事项",)
