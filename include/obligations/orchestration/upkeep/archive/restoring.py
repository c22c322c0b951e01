"""Puts files of an archive back into the store, where the disk or a person has lost them. The ledger is restored from its backup."""

from __future__ import annotations

from pathlib import Path

from obligations.orchestration.settings import Settings
from obligations.orchestration.upkeep.archive.layout import FILES, blob, copy, read, sha256_of
from obligations.orchestration.upkeep.purges import name_in_store
from obligations.steps.ledger import Ledger, tombstones
from obligations.words.errors import UnusableInput


def restore_files(settings: Settings, ledger: Ledger, place: Path) -> tuple[Path, ...]:
    """Put back into the store what is no longer there, but nothing that was purged by rule; return what was put back.

    Raises UnusableInput if another file has taken the place of one, before anything is put back.
    """
    missing: dict[Path, str] = {}
    purged: dict[tuple[str, str], set[str]] = {}
    for line in read(place / FILES):
        whose = (line["key"], line["period"])
        if whose not in purged:
            purged[whose] = {stone.name for stone in tombstones(ledger, *whose)}
        target = settings.store / line["name"]
        if name_in_store(target, settings.store) != line["name"]:
            raise UnusableInput(
                f"归档中的文件名 {line['name']} 不在稿件库之内，没有恢复任何文件；归档可能被改动，请与移交清单的封存值核对"
            )
        if target.is_file():
            if sha256_of(target) != line["sha256"]:
                raise UnusableInput(f"{target} 与归档的内容不同，没有恢复任何文件；请先查明哪一份是对的")
        elif line["name"] not in purged[whose]:
            missing[target] = line["sha256"]
    for target, sha256 in missing.items():
        copy(blob(place, sha256), target, sha256)
    return tuple(missing)
