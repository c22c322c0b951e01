"""Loads the catalogue: ``<jurisdiction>/_document.yaml`` and one ``<slug>.yaml`` an obligation. Reads files, nothing else.

A fault in one file loses that obligation only; a fault in an adopted file or a ``_document.yaml`` names all it loses.
A task start loads one obligation and reads at most four files: its own two and the two it adopts from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from obligations.rules.resolution import Adopted, resolve
from obligations.rules.yaml_files import read_again
from obligations.words.errors import CatalogueFault, Fault, UnusableInput
from obligations.words.obligation import Adoption, Document, JurisdictionFile, Obligation, ObligationFile

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Catalogue:
    """What a folder of YAML files holds.

    Attributes:
        obligations: by key, in the order of keys.
        faults: every fault found; what they name in ``loses`` is not in ``obligations``.
        proposals: entries marked ``proposed``, checked like the others; they bind nobody and build no DAG.
    """

    obligations: dict[str, Obligation]
    faults: tuple[Fault, ...]
    proposals: dict[str, Obligation] = field(default_factory=dict)


@dataclass
class _Reader:
    """Reads each file at most once within one load."""

    root: Path
    jurisdictions: dict[str, JurisdictionFile] = field(default_factory=dict)
    files: dict[str, ObligationFile] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)

    def later_document(self, jurisdiction: str, name: str) -> Document:
        """Read a plan that came after the jurisdiction's first, ``_document-2018.yaml``."""
        path = f"{jurisdiction}/_document-{name}.yaml"
        if path not in self.documents:
            self.documents[path] = read_again(self.root, path, Document)
        return self.documents[path]

    def jurisdiction(self, slug: str) -> JurisdictionFile:
        if slug not in self.jurisdictions:
            name = f"{slug}/_document.yaml"
            read = read_again(self.root, name, JurisdictionFile)
            if read.jurisdiction.slug != slug:
                raise CatalogueFault(
                    (Fault(name, "jurisdiction.slug", read.jurisdiction.slug, f"与文件夹同名：{slug}"),)
                )
            self.jurisdictions[slug] = read
        return self.jurisdictions[slug]

    def obligation(self, key: str) -> ObligationFile:
        if key not in self.files:
            self.files[key] = read_again(self.root, f"{key}.yaml", ObligationFile)
        return self.files[key]

    def has(self, key: str) -> bool:
        return (self.root / f"{key}.yaml").is_file()

    def own_slugs(self, jurisdiction: str) -> list[str]:
        return sorted(
            path.stem for path in (self.root / jurisdiction).glob("*.yaml") if not path.stem.startswith("_document")
        )


def jurisdictions(root: Path) -> list[str]:
    """List the jurisdictions of the catalogue: folders that hold a ``_document.yaml``."""
    return sorted(path.parent.name for path in root.glob("*/_document.yaml"))


def load(root: Path) -> Catalogue:
    """Load every jurisdiction below ``root``."""
    reader = _Reader(root)
    parts = [_load_jurisdiction(reader, slug) for slug in jurisdictions(root)]
    return Catalogue(
        {key: found for part in parts for key, found in part.obligations.items()},
        tuple(fault for part in parts for fault in part.faults),
        {key: found for part in parts for key, found in part.proposals.items()},
    )


def load_jurisdiction(root: Path, slug: str) -> Catalogue:
    """Load one jurisdiction, with what it adopts."""
    return _load_jurisdiction(_Reader(root), slug)


def load_one(root: Path, key: str) -> Obligation:
    """Load the one obligation ``key``; raises UnusableInput if there is none, CatalogueFault if it is faulty."""
    jurisdiction, _, slug = key.partition("/")
    if not (_SLUG.fullmatch(jurisdiction) and _SLUG.fullmatch(slug)):
        raise UnusableInput(f"公开事项编号“{key}”无法识别，应写作 辖区/事项，例如 shandong/fiscal-monthly")
    reader = _Reader(root)
    if (root / jurisdiction).is_dir():
        own = reader.jurisdiction(jurisdiction)
        if reader.has(key) and reader.obligation(key).proposed:
            raise UnusableInput(f"公开事项“{key}”还是待确认的候选事项，尚未生效；确认后请运行 obligations accept")
        if reader.has(key) or _bulk_adoption(reader, own, slug) is not None:
            return _resolve_one(reader, own, slug)
    known = [f"{each}/{slug}" for each in jurisdictions(root) for slug in reader.own_slugs(each)]
    near = "".join(f"；最接近的是 {one}" for one in get_close_matches(key, known, n=1, cutoff=0.8))
    raise UnusableInput(f"目录中没有公开事项“{key}”{near}；obligations list 可列出全部事项")


def _load_jurisdiction(reader: _Reader, jurisdiction: str) -> Catalogue:
    try:
        own = reader.jurisdiction(jurisdiction)
    except CatalogueFault as error:
        lost = tuple(f"{jurisdiction}/{slug}" for slug in reader.own_slugs(jurisdiction))
        return Catalogue({}, _losing(error, lost))
    slugs = set(reader.own_slugs(jurisdiction))
    found: dict[str, Obligation] = {}
    proposals: dict[str, Obligation] = {}
    faults: list[Fault] = []
    for adoption in own.adopts:
        wanted = reader.own_slugs(adoption.from_) if adoption.obligations == "all" else adoption.obligations
        slugs.update(wanted)
    for slug in sorted(slugs):
        key = f"{jurisdiction}/{slug}"
        try:
            proposed = reader.has(key) and reader.obligation(key).proposed
            (proposals if proposed else found)[key] = _resolve_one(reader, own, slug)
        except CatalogueFault as error:
            faults += _losing(error, (key,))
    return Catalogue(found, _merged(faults), proposals)


def _resolve_one(reader: _Reader, own: JurisdictionFile, slug: str) -> Obligation:
    key = f"{own.jurisdiction.slug}/{slug}"
    if not _SLUG.fullmatch(slug):
        raise CatalogueFault((Fault(f"{key}.yaml", "", slug, "文件名用小写字母、数字和连字符"),))
    bulk = _bulk_adoption(reader, own, slug)
    file = reader.obligation(key) if reader.has(key) else ObligationFile()
    source_key = file.adopts or (f"{bulk.from_}/{slug}" if bulk else None)
    adopted = _adopted(reader, f"{key}.yaml", source_key, bulk) if source_key else None
    later = reader.later_document(own.jurisdiction.slug, file.document) if file.document else None
    return resolve(key, f"{key}.yaml", own, file, adopted, later)


def _bulk_adoption(reader: _Reader, own: JurisdictionFile, slug: str) -> Adoption | None:
    for adoption in own.adopts:
        if slug in adoption.obligations if adoption.obligations != "all" else reader.has(f"{adoption.from_}/{slug}"):
            return adoption
    return None


def _adopted(reader: _Reader, name: str, key: str, adoption: Adoption | None) -> Adopted:
    if not reader.has(key):
        raise CatalogueFault((Fault(name, "adopts", key, "目录中已有的事项，写作 辖区/事项"),))
    file = reader.obligation(key)
    if file.adopts is not None:
        raise CatalogueFault((Fault(name, "adopts", key, f"沿用只能一级：{key} 本身沿用 {file.adopts}，请直接沿用它"),))
    return Adopted(key, file, reader.jurisdiction(key.split("/")[0]), adoption)


def _losing(error: CatalogueFault, keys: tuple[str, ...]) -> tuple[Fault, ...]:
    return tuple(Fault(fault.file, fault.field, fault.value, fault.expected, keys) for fault in error.faults)


def _merged(faults: list[Fault]) -> tuple[Fault, ...]:
    """Join faults that differ only in what they lose: one broken adopted file is one fault that names every loss."""
    losses: dict[tuple[str, str, str, str], list[str]] = {}
    for fault in faults:
        losses.setdefault((fault.file, fault.field, fault.value, fault.expected), []).extend(fault.loses)
    return tuple(Fault(*words, tuple(dict.fromkeys(keys))) for words, keys in losses.items())
