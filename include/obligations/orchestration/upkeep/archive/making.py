"""Makes the archive of a year, for 档案移交 and for what the ledger's own machine may lose.

A folder of text files that any program reads, beside the year's files by their content, and ``SHA256SUMS`` over all of it,
whose own SHA-256 is the seal. Made beside its place and renamed when whole: one that was cut off goes on where it stopped.
Nothing is taken out of the ledger or the store.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection

from obligations.orchestration.settings import Settings
from obligations.orchestration.upkeep.archive.layout import (
    CHECKPOINTS,
    DOCUMENTS,
    FILES,
    MANIFEST,
    NOTE,
    OCCURRENCES,
    REPORTS,
    SUMS,
    Sealed,
    blob,
    copy,
    sha256_of,
    write,
)
from obligations.orchestration.upkeep.purges import Candidate, files_of, name_in_store
from obligations.steps.ledger import Ledger, archiving, tombstones
from obligations.steps.ledger.archiving import Line
from obligations.steps.ledger.blobs import Holding, held_in
from obligations.words.errors import UnusableInput
from obligations.words.telling import Tell, untold
from obligations.words.times import SHANGHAI, midnight, say_due

_PARTS: dict[str, Callable[[Connection, int], Iterator[Line]]] = {
    OCCURRENCES: archiving.occurrences,
    DOCUMENTS: archiving.documents,
    REPORTS: archiving.reported_events,
    CHECKPOINTS: lambda connection, _: archiving.all_checkpoints(connection),
}
_MOST = 10
_TEXT = """政务公开工作台账 {year} 年归档

{year}年1月1日至12月31日到期的全部期次，{made_at}归档。

{occurrences}  每行一期：当前状态、全部事件（payload 的原文和逐条相连的 SHA-256）、稿件、发布记录、文件清除凭证
{documents}  所依据的文件
{reports}  使期次开始计时的事件及其历次报告
{checkpoints}  归档时台账的全部每日核对点
{files}  每行一份文件：属于哪一期、原来在哪里、SHA-256；文件本身在 files 文件夹，按 SHA-256 存放，相同的只存一份
SHA256SUMS  以上全部文件的 SHA-256

核对文件是否完整，不需要本系统：在本文件夹中运行 sha256sum --check SHA256SUMS
核对事件链和与台账是否一致：obligations archive verify 本文件夹
封存值（SHA256SUMS 的 SHA-256）应写入移交清单，与本文件夹分开保存。
"""


def make_archive(
    settings: Settings, ledger: Ledger, year: int, out: Path, now: datetime, tell: Tell = untold
) -> Sealed:
    """Make the archive of a year in ``out``; raises UnusableInput while the year runs or anything of it is open or lost."""
    place = out / f"台账归档-{year}"
    if place.exists():
        raise UnusableInput(f"{place} 已经存在；封存的归档不改写，请先核对，或另选文件夹")
    _require_closed(ledger, year, now)
    part = out / f".{place.name}.part"
    (part / "files").mkdir(parents=True, exist_ok=True)
    counts = _write_parts(ledger, year, part, tell) | _write_files(settings, ledger, year, part, tell)
    write(part / NOTE, [_TEXT.format(year=year, made_at=f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}", **_NAMES)])
    about = {"format": 1, "year": year, "made_at": now.astimezone(SHANGHAI).isoformat(), **counts}
    write(part / MANIFEST, [json.dumps(about, ensure_ascii=False, indent=1) + "\n"])
    tell("正在计算校验值")
    sums = sorted(path for path in part.rglob("*") if path.is_file() and path.name != SUMS)
    write(part / SUMS, (f"{sha256_of(path)}  {path.relative_to(part).as_posix()}\n" for path in sums))
    part.rename(place)
    return Sealed(place, year, sha256_of(place / SUMS), counts)


_NAMES = {
    "occurrences": OCCURRENCES,
    "documents": DOCUMENTS,
    "reports": REPORTS,
    "checkpoints": CHECKPOINTS,
    "files": FILES,
}


def _require_closed(ledger: Ledger, year: int, now: datetime) -> None:
    if now < midnight(date(year + 1, 1, 1)):
        raise UnusableInput(f"{year} 年还没有结束，不能归档")
    open_, number = archiving.unfinished(ledger, year, most=_MOST)
    if number:
        named = "\n".join(f"{one.key} {one.period}（{one.title}，{say_due(one.due_at)}）" for one in open_)
        more = "\n……" if number > len(open_) else ""
        raise UnusableInput(
            f"{year} 年到期的还有 {number} 期没有办结，不能归档；请先办结，或登记经批准的处理决定：\n{named}{more}"
        )


def _write_parts(ledger: Ledger, year: int, part: Path, tell: Tell) -> dict[str, int]:
    """Write what the ledger holds, all of it as of one moment."""
    counts = {"occurrences": 0, "events": 0}

    def counted(lines: Iterable[Line]) -> Iterator[Line]:
        for line in lines:
            counts["occurrences"] += 1
            counts["events"] += len(line["events"])
            tell(f"已写出 {counts['occurrences']:,} 期")
            yield line

    with ledger.reading() as connection:
        for name, lines_of in _PARTS.items():
            lines = lines_of(connection, year)
            texts = map(archiving.as_text, counted(lines) if name == OCCURRENCES else lines)
            write(part / name, (f"{text}\n" for text in texts))
    return counts


def _write_files(settings: Settings, ledger: Ledger, year: int, part: Path, tell: Tell) -> dict[str, int]:
    """Copy every file of the year, each content once, and list whose it is."""
    lost: list[str] = []
    sizes: dict[str, int] = {}

    def lines() -> Iterator[str]:
        for held in held_in(ledger, year):
            found = list(files_of(held, settings.store))
            lost.extend(_lost(ledger, held, found, settings.store))
            for each in found:
                copy(each.path, blob(part, each.file.sha256), each.file.sha256)
                sizes[each.file.sha256] = each.file.size
                tell(f"已复制 {len(sizes):,} 份文件")
                yield archiving.as_text(_line(each)) + "\n"

    write(part / FILES, lines())
    _tidy(part, sizes)
    if lost:
        named = "\n".join(lost[:_MOST]) + ("\n……" if len(lost) > _MOST else "")
        raise UnusableInput(f"有 {len(lost)} 份文件不在稿件库中，也没有登记清除，不能归档；请先从备份恢复：\n{named}")
    return {"files": len(sizes), "bytes": sum(sizes.values())}


def _tidy(part: Path, kept: Collection[str]) -> None:
    """Remove what an attempt that was cut off has left behind and this one does not need."""
    for path in list(part.rglob("*")):
        if path.name.endswith(".part") or (
            path.is_file() and path.parent.parent.name == "files" and path.name not in kept
        ):
            path.unlink()


def _lost(ledger: Ledger, held: Holding, found: Iterable[Candidate], store: Path) -> Iterator[str]:
    """Name the files that the ledger speaks of and that are neither there nor purged on record."""
    named = [Path(draft.folder) / name for draft in held.drafts for name in draft.files]
    named += [Path(each.path) for each in (*held.inputs, *held.proofs)]
    there = {each.path.resolve() for each in found}
    missing = dict.fromkeys(path for path in named if path.resolve() not in there)
    if not missing:
        return
    purged = {stone.name for stone in tombstones(ledger, held.row.key, held.row.period)}
    for path in missing:
        if name_in_store(path, store) not in purged:
            yield f"{held.row.key} {held.row.period}：{path}"


def _line(each: Candidate) -> Line:
    return {
        "key": each.key,
        "period": each.period,
        "kind": each.file.kind,
        "name": each.file.name,
        "sha256": each.file.sha256,
        "size": each.file.size,
    }
