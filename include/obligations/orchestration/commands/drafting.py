"""The commands that gather and draft: draft (a trial beside the ledger) and run (the DAG's steps up to the review)."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from obligations.orchestration import route
from obligations.orchestration.accountability.lines import lines_of
from obligations.orchestration.commands.listing import say_due_date
from obligations.orchestration.commands.look_up import folder_of
from obligations.orchestration.commands.named_files import require_file
from obligations.orchestration.commands.outcome import Door, Outcome, Rows
from obligations.orchestration.review.forms import ask_review
from obligations.orchestration.runs.claims import COMMAND_LINE
from obligations.orchestration.sources.material import examine_of, gather_material, load_material
from obligations.orchestration.work import open_work
from obligations.publications.registry import kind as kind_named
from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load_one
from obligations.rules.occurrences import occurrence_of, occurrence_of_event
from obligations.rules.periods import has_periods, period_from_key
from obligations.steps.draft import draft as write_draft
from obligations.steps.gather import Sources, gather_file
from obligations.steps.ledger import LedgerRow, open_ledger
from obligations.steps.rendering.folder import FIGURES
from obligations.words.accountability import LedgerLine
from obligations.words.draft import DraftVersion
from obligations.words.errors import SourceNotReady, UnusableInput
from obligations.words.obligation import Obligation
from obligations.words.occurrence import Event, Occurrence, Period
from obligations.words.publication import PublicationKind, Snapshot


def draft(door: Door, key: str, period: str, source: Path | None, out: Path) -> Outcome:
    """Gather from the obligation's own source, or from the file ``source``, and draft into ``out``. Records nothing.

    The ledger is read for the event of an event's draft, and never written.
    """
    obligation = load_one(folder_of(door), key)
    kind = kind_named(obligation.publication)
    occurrence, event = _find_occurrence(door, obligation, period)
    snapshot = _gather(door, obligation, kind, occurrence, event, source)
    made = write_draft(
        obligation,
        occurrence,
        kind,
        snapshot,
        load_material(kind, snapshot, event, load_calendar(door.settings.holidays), door.now()),
        version=1,
        out=out.absolute(),
        created_at=door.now(),
        event=event,
        templates=door.settings.templates,
    )
    value = {**_about(occurrence), **draft_as_json(made), "snapshot": _snapshot_as_json(snapshot)}
    return Outcome(value, (*_say_due(obligation, occurrence), *_say_draft(made), "试作，未记入台账"))


def run(door: Door, key: str, period: str) -> Outcome:
    """Take one occurrence through gather and draft to the review, in the ledger under the run id of the command line."""
    obligation = load_one(folder_of(door), key)
    with open_work(door.settings, obligation, period, COMMAND_LINE) as work:
        snapshot = route.gather(work, _sources(door), door.now())
        made = route.draft(work, door.now())
        form = ask_review(work, work.chain.steps[0], door.now())  # a trial shows what the first level would see
        row = work.ledger.occurrence(work.key, work.period)
        occurrence = work.occurrence
    stage, label = (row.stage, row.stage_label) if row else ("", "")
    value = {
        **_about(occurrence),
        "run_id": COMMAND_LINE,
        "stage": stage,
        "stage_label": label,
        "review": form.subject,
        **draft_as_json(made),
        "snapshot": _snapshot_as_json(snapshot),
    }
    shown = (
        *_say_due(obligation, occurrence),
        *_say_draft(made),
        f"现处环节：{label}。命令行到此为止；审核、发布由 Airflow 中的正式运行办理，正式运行会接手本期",
    )
    return Outcome(value, shown)


def _find_occurrence(door: Door, obligation: Obligation, period: str) -> tuple[Occurrence, Event | None]:
    calendar = load_calendar(door.settings.holidays)
    if has_periods(obligation.clock):
        return occurrence_of(obligation, period_from_key(obligation.clock, period), calendar), None
    with open_ledger(door.settings.ledger_url) as ledger:
        event = ledger.get_reported_event(period)
    return occurrence_of_event(obligation, event, calendar), event


def _gather(
    door: Door,
    obligation: Obligation,
    kind: PublicationKind,
    occurrence: Occurrence,
    event: Event | None,
    source: Path | None,
) -> Snapshot:
    sources, period = _sources(door), occurrence.period
    if source is None:
        rows, lines = partial(_rows_of, door, obligation), partial(_lines_of, door, obligation, period)
        return gather_material(obligation, kind, period, event, rows=rows, lines=lines, sources=sources, now=door.now())
    _require_file(kind, obligation)
    with tempfile.TemporaryDirectory(prefix="obligations-") as folder:
        copy = _copy(source, Path(folder))
        examine = examine_of(kind, period)
        return gather_file(copy, kind.contract, sources=sources, now=door.now(), examine=examine)


def _rows_of(door: Door, obligation: Obligation) -> list[LedgerRow]:
    with open_ledger(door.settings.ledger_url) as ledger:
        return ledger.rows(
            obligation.key, now=door.now(), is_working_day=load_calendar(door.settings.holidays).is_working_day
        )


def _lines_of(door: Door, obligation: Obligation, period: Period) -> tuple[LedgerLine, ...]:
    calendar = load_calendar(door.settings.holidays)
    with open_ledger(door.settings.ledger_url) as ledger:
        return lines_of(ledger, obligation, period, calendar, door.now())


def _require_file(kind: PublicationKind, obligation: Obligation) -> None:
    """Raise UnusableInput for a kind that reads no file of a department."""
    if kind.describe is not None:
        raise UnusableInput(f"{obligation.key} 的内容来自事件报告，不读取数据文件，请去掉 --source")
    if kind.survey is not None:
        raise UnusableInput(f"{obligation.key} 的核对单由收件夹和台账生成，不读取数据文件，请去掉 --source")


def _copy(source: Path, folder: Path) -> Path:
    """Copy the person's file, which stays as it is; its copy counts as delivered long ago, so that nothing waits for it."""
    require_file(source)
    before = source.stat()
    copy = Path(shutil.copyfile(source, folder / source.name))
    after = source.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise SourceNotReady(f"文件 {source} 正在写入，请稍后再试")
    os.utime(copy, (0, 0))
    return copy


def _sources(door: Door) -> Sources:
    settings = door.settings
    return Sources(settings.inbox, settings.store, settings.quarantine, _engine_for)


def _engine_for(connection: str) -> Engine:
    from obligations.orchestration.sources.connections import engine_for  # here, because it imports Airflow

    return engine_for(connection)


def _about(occurrence: Occurrence) -> dict[str, Any]:
    return {
        "key": occurrence.key,
        "period": occurrence.period.key,
        "due_at": occurrence.due_at,
        "provisional": occurrence.due.provisional,
    }


def draft_as_json(made: DraftVersion) -> dict[str, Any]:
    """Return what ``draft --json`` and ``run --json`` print of a draft: paths, SHA-256, measures, blanks, warnings."""
    return {
        "title": made.title,
        "version": made.version,
        "sha256": made.sha256,
        "folder": made.folder,
        "paths": [made.folder / name for name in sorted(made.files)],
        "files": _files_as_json(made, made.files),
        "kept": _files_as_json(made, made.kept),
        "open_blanks": [
            {"name": blank.name, "label": blank.label, "required": blank.required}
            for blank in made.blanks
            if blank.answer is None
        ],
        "warnings": made.warnings,
        "measures": measures_of(made.folder),
    }


def _files_as_json(made: DraftVersion, files: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"name": name, "path": made.folder / name, "sha256": sha256} for name, sha256 in sorted(files.items())]


def measures_of(folder: Path) -> list[dict[str, Any]]:
    """Return id, label, value, unit and the forms it is printed in, of every measure in the draft's figures file."""
    figures = json.loads((folder / FIGURES).read_bytes())
    found = []
    for measure in figures["measures"]:
        printed = list(dict.fromkeys(place["printed"] for place in measure["printed"]))
        found.append({**{name: measure[name] for name in ("id", "label", "value", "unit")}, "printed": printed})
    return found


def _snapshot_as_json(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "file": snapshot.file,
        "path": Path(snapshot.path),
        "sha256": snapshot.sha256,
        "address": snapshot.address,
    }


def _say_due(obligation: Obligation, occurrence: Occurrence) -> tuple[str, ...]:
    return (
        f"{obligation.title}（{obligation.key}）{occurrence.period.key}",
        f"公开时限：{say_due_date(occurrence.due)}",
    )


def _say_draft(made: DraftVersion) -> tuple[str | Rows, ...]:
    files = [(name, sha256[:16], str(made.folder / name)) for name, sha256 in sorted(made.files.items())]
    measures = measures_of(made.folder)
    shown: list[str | Rows] = [
        f"《{made.title}》第{made.version}版，SHA-256 {made.sha256}",
        Rows(("文件", "SHA-256（前16位）", "位置"), files),
    ]
    if measures:
        rows = [(str(m["label"]), "、".join(m["printed"]), str(m["id"])) for m in measures]
        shown.append(Rows(("指标", "稿中写法", "编号"), rows))
    shown += [f"提请核对：{warning}" for warning in made.warnings]
    shown += [f"待填写：{blank.label}" for blank in made.blanks if blank.answer is None]
    return tuple(shown)
