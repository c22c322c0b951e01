"""The command ``archive``: a sealed copy of a closed year, its proof, and files put back from it."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.orchestration.upkeep.archive.layout import Sealed, seal_of
from obligations.orchestration.upkeep.archive.making import make_archive
from obligations.orchestration.upkeep.archive.proving import faults_of_archive
from obligations.orchestration.upkeep.archive.restoring import restore_files
from obligations.steps.ledger import open_ledger
from obligations.words.errors import UnusableInput


def make(door: Door, year: int, out: Path) -> Outcome:
    """Make the archive of a year in ``out``."""
    with open_ledger(door.settings.ledger_url) as ledger:
        sealed = make_archive(door.settings, ledger, year, out, door.now(), door.tell)
    said = f"已归档到 {sealed.place}：{_say(sealed)}"
    return Outcome(_as_json(sealed), (said, f"封存值 {sealed.seal}，请写入移交清单，与归档分开保存"))


def verify(door: Door, folder: Path, *, alone: bool) -> Outcome:
    """Prove an archive by itself and, unless ``alone``, by the ledger; exit 1 and name what does not hold."""
    sealed = seal_of(folder)
    with nullcontext() if alone else open_ledger(door.settings.ledger_url) as ledger:
        faults = list(faults_of_archive(folder, ledger, door.tell))
    value = {**_as_json(sealed), "sound": not faults, "faults": faults, "compared_with_ledger": not alone}
    if faults:
        return Outcome(value, (f"归档 {folder} 有 {len(faults)} 处不符：", *faults), exit_code=1)
    compared = "" if alone else "，与台账一致"
    return Outcome(value, (f"归档 {folder} 完好{compared}：{_say(sealed)}", f"封存值 {sealed.seal}，请与移交清单核对"))


def restore(door: Door, folder: Path) -> Outcome:
    """Put back the files that the store has lost; raises UnusableInput for an archive that is not sound."""
    sealed = seal_of(folder)
    with open_ledger(door.settings.ledger_url) as ledger:
        if faults := list(faults_of_archive(folder, ledger, door.tell)):
            raise UnusableInput(
                f"归档 {folder} 有 {len(faults)} 处不符，没有恢复任何文件，请改用另一份归档：{faults[0]}"
            )
        door.tell("正在把文件放回稿件库")
        restored = restore_files(door.settings, ledger, folder)
    value = {**_as_json(sealed), "restored": list(restored)}
    return Outcome(value, (f"已把 {len(restored)} 份文件放回稿件库；已在原处的、按规定清除的不动",))


def _say(sealed: Sealed) -> str:
    counts = sealed.counts
    size = f"{counts['bytes'] / 1024 / 1024:.1f} MB"
    return f"{sealed.year} 年 {counts['occurrences']} 期、{counts['events']} 条事件、{counts['files']} 份文件（{size}）"


def _as_json(sealed: Sealed) -> dict[str, object]:
    return {"archive": sealed.place, "year": sealed.year, "seal": sealed.seal, **sealed.counts}
