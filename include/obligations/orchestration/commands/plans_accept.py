"""The command ``accept``: moves the entries that a person kept from the folder of ``extract`` into the catalogue."""

from __future__ import annotations

from pathlib import Path

from obligations.orchestration.commands.look_up import folder_of
from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.rules.catalogue import jurisdictions
from obligations.rules.plans.entries import entry_text
from obligations.rules.resolution import resolve
from obligations.rules.yaml_files import read_model
from obligations.steps.replace import replace_file
from obligations.words.errors import UnusableInput
from obligations.words.obligation import Document, JurisdictionFile, ObligationFile


def accept(door: Door, folder: Path, only: tuple[str, ...]) -> Outcome:
    """Check every entry, then move them all; nothing moves if one is faulty or would replace what is there.

    Raises UnusableInput for the latter and for a folder without candidates, CatalogueFault with every fault.
    """
    root = folder_of(door)
    found = _found(folder, only)
    made: dict[Path, tuple[Path, bytes]] = {}
    for jurisdiction, slugs in found.items():
        made |= _documents(root, folder, jurisdiction)
        for slug in slugs:
            made |= _entry(root, folder, jurisdiction, slug)
    standing = [target for target in made if target.exists()]
    if standing:
        names = "、".join(f"{target.parent.name}/{target.stem}" for target in standing[:5])
        raise UnusableInput(f"任务清单中已有 {names}，不予覆盖；请改候选事项的文件名，或删去候选事项")
    for target, (source, data) in made.items():
        replace_file(target, data)
        target.chmod(0o644)
        if not source.stem.startswith("_document"):
            source.unlink()
    keys = [f"{jurisdiction}/{slug}" for jurisdiction, slugs in found.items() for slug in slugs]
    new = [
        name for name in found if any(target.name == "_document.yaml" and target.parent.name == name for target in made)
    ]
    notes = tuple(f"{name} 是新辖区：把 dags/demo.py 原样复制为 dags/{name}.py 后生成 DAG" for name in new)
    return Outcome({"accepted": keys}, (f"已移入任务清单 {len(keys)} 项", *keys), notes)


def _found(folder: Path, only: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the slugs to accept by jurisdiction; raises UnusableInput where there is nothing, or not what was named."""
    if not folder.is_dir():
        raise UnusableInput(f"没有文件夹 {folder}；应为 obligations extract 的输出文件夹")
    found: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*/*.yaml")):
        if not path.stem.startswith("_document") and (not only or path.stem in only):
            found.setdefault(path.parent.name, []).append(path.stem)
    missing = set(only) - {slug for slugs in found.values() for slug in slugs}
    if missing:
        raise UnusableInput(f"{folder} 中没有候选事项 {'、'.join(sorted(missing))}")
    if not found:
        raise UnusableInput(f"{folder} 中没有候选事项；应为 obligations extract 的输出文件夹")
    return found


def _documents(root: Path, folder: Path, jurisdiction: str) -> dict[Path, tuple[Path, bytes]]:
    """Return the documents that the catalogue does not hold yet, as they stand, comments included."""
    made = {}
    for path in sorted((folder / jurisdiction).glob("_document*.yaml")):
        name = f"{jurisdiction}/{path.name}"
        model = JurisdictionFile if path.name == "_document.yaml" else Document
        read_model(folder, name, model)
        if not (root / name).exists():
            made[root / name] = (path, path.read_bytes())
    return made


def _entry(root: Path, folder: Path, jurisdiction: str, slug: str) -> dict[Path, tuple[Path, bytes]]:
    key = f"{jurisdiction}/{slug}"
    name = f"{key}.yaml"
    entry = read_model(folder, name, ObligationFile)
    place = root if jurisdiction in jurisdictions(root) else folder
    own = read_model(place, f"{jurisdiction}/_document.yaml", JurisdictionFile)
    resolve(key, name, own, entry, None, _later(root, folder, jurisdiction, entry.document))
    accepted = entry.model_copy(update={"proposed": False})
    return {root / name: (folder / name, entry_text(accepted).encode())}


def _later(root: Path, folder: Path, jurisdiction: str, name: str | None) -> Document | None:
    if name is None:
        return None
    path = f"{jurisdiction}/_document-{name}.yaml"
    place = folder if (folder / path).exists() else root
    try:
        return read_model(place, path, Document)
    except FileNotFoundError:
        raise UnusableInput(f"候选事项依据的文件 {path} 不在 {folder} 中，也不在任务清单中") from None
