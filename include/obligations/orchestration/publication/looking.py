"""How this installation looks at public addresses: with what it compares them, and on which hosts it may look at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from obligations.orchestration.settings import Settings
from obligations.rules.channels import load_channels
from obligations.steps.ledger import Ledger
from obligations.steps.rendering.folder import MANIFEST, MODEL
from obligations.steps.rendering.text import say_runs
from obligations.steps.verify.fetching import look
from obligations.words.channels import ChannelsFile
from obligations.words.draft import Chart, DocumentModel, Signature, Table
from obligations.words.errors import UnusableInput
from obligations.words.sights import Approved, Look, Sight


def looker(settings: Settings) -> Look:
    """Return how to look at an address; raises CatalogueFault for a faulty channels file."""
    return partial(_look, allow=hosts_of(load_channels(settings.channels)))


def hosts_of(file: ChannelsFile) -> frozenset[str]:
    """Return every host on which a publication may lie, by whatever channel: a page stays where an earlier one put it."""
    return frozenset({*file.hosts, *(host for channel in file.channels for host in channel.hosts)})


def approved_version(ledger: Ledger, key: str, period: str, sha256: str) -> Approved:
    """Return what a page of this final version is compared with.

    Raises UnusableInput if the version is not registered, or its folder is gone or was changed since it was approved.
    """
    folder = next((draft.folder for draft in ledger.drafts(key, period) if draft.sha256 == sha256), None)
    if folder is None:
        raise UnusableInput(f"台账中没有 {key} {period} 的这一版稿件（SHA-256 {sha256[:12]}），不能核对网页")
    try:
        manifest, model = ((Path(folder) / name).read_bytes() for name in (MANIFEST, MODEL))
    except OSError:
        raise UnusableInput(f"{key} {period} 审签稿的文件已不在 {folder}，不能核对网页；请从备份恢复") from None
    listed = json.loads(manifest) if hashlib.sha256(manifest).hexdigest() == sha256 else {"kept": {}}
    if listed["kept"].get(MODEL) != hashlib.sha256(model).hexdigest():
        raise UnusableInput(f"{key} {period} 审签稿的文件被改动过，不能用来核对网页；请从备份恢复 {folder}")
    document = DocumentModel.from_json(model)
    return Approved(document.title, tuple(passages_of(document)), frozenset(listed["files"].values()))


def passages_of(document: DocumentModel) -> Iterator[str]:
    """Yield every paragraph, heading, caption and table row; without ordinals, which a site's editor counts itself."""
    if document.subtitle:
        yield document.subtitle
    for block in document.blocks:
        if isinstance(block, Table | Chart):
            table = block.data if isinstance(block, Chart) else block
            yield table.caption
            yield table.unit
            yield "\t".join(column.header for column in table.columns)
            for row in table.rows:
                yield "\t".join(say_runs(cell) for cell in row)
        elif isinstance(block, Signature):
            yield block.department
            yield block.date or ""
        else:
            yield say_runs(block.runs)


def _look(address: str, approved: Approved, now: datetime, *, allow: frozenset[str]) -> Sight:
    return look(address, approved, allow=allow, now=now)
