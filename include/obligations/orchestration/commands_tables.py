"""The commands between the ledger and the office's own table (台账): entering an old one, and exporting the ledger as one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from obligations.orchestration.commands import folder_of, notes_on, require_jurisdiction
from obligations.orchestration.commands_contacts import read_bytes
from obligations.orchestration.outcome import Door, Outcome, Rows
from obligations.orchestration.register_entries import VERDICTS, Entry, enter, judge
from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load, load_one
from obligations.rules.delivery import Delivery
from obligations.rules.workbooks.register import KEY, PERIOD, read_register
from obligations.rules.workbooks.register_matching import match_rows
from obligations.steps.ledger import Ledger, open_ledger
from obligations.steps.ledger.office_columns import as_csv, as_xlsx, office_rows
from obligations.steps.replace import replace_file
from obligations.words.errors import UnusableInput
from obligations.words.occurrence import Event
from obligations.words.times import say_instant

_LONGEST_NAME = 50
_WRITERS = {".xlsx": as_xlsx, ".csv": as_csv}


def import_ledger(door: Door, file: Path, jurisdiction: str | None, *, person: str | None, apply: bool) -> Outcome:
    """Show which rows of an old register can be entered, and with ``apply`` enter them under the name of ``person``.

    Exit 1 while there are rows that match nothing, match several things, or cannot be entered as they are.
    """
    name = _person(person) if apply or person is not None else ""
    root = folder_of(door)
    if jurisdiction is not None:
        require_jurisdiction(root, jurisdiction)
    catalogue, calendar, now = load(root), load_calendar(door.settings.holidays), door.now()
    register = read_register(read_bytes(file), Delivery(file.name))
    with open_ledger(door.settings.ledger_url) as ledger:
        matches = match_rows(
            register.rows,
            catalogue.obligations,
            calendar,
            jurisdiction=jurisdiction,
            find_event=lambda event_id: _find_event(ledger, event_id),
        )
        entries = judge(matches, ledger, now)
        entered = [
            entry
            for entry in entries
            if apply
            and entry.verdict == "enter"
            and enter(entry, ledger, calendar, file=file.name, person=name, now=now)
        ]
    counts = Counter(entry.verdict for entry in entries)
    value = {
        "applied": apply,
        "entered": len(entered),
        "counts": dict(counts),
        "ignored_columns": register.ignored,
        "rows": [_as_json(entry) for entry in entries],
    }
    said = "，".join(f"{label} {counts[verdict]} 行" for verdict, label in VERDICTS.items() if counts[verdict])
    end = (
        f"已补录 {len(entered)} 期，登记人 {name}"
        if apply
        else "以上只是预览，台账没有变；确认后加 --apply --person 姓名 补录"
    )
    shown = (
        Rows(("行", "任务", "结果", "编号", "期间", "完成时间", "说明"), [_cells(entry) for entry in entries]),
        said,
        end,
    )
    ignored = (f"这些列没有读取：{'、'.join(register.ignored)}",) if register.ignored else ()
    unclear = any(counts[verdict] for verdict in ("none", "ambiguous", "refused"))
    return Outcome(value, shown, (*ignored, *notes_on(catalogue.faults)), exit_code=1 if unclear else 0)


def export_ledger(door: Door, out: Path, jurisdiction: str | None, key: str | None) -> Outcome:
    """Write the ledger's rows in the office's columns, earliest due first; a file that is there is replaced."""
    write = _WRITERS.get(out.suffix.lower())
    if write is None:
        raise UnusableInput(f"文件名是“{out.name}”，应以 .xlsx 或 .csv 结尾")
    if jurisdiction is not None:
        require_jurisdiction(folder_of(door), jurisdiction)
    if key is not None:
        load_one(folder_of(door), key)
    is_working_day = load_calendar(door.settings.holidays).is_working_day
    with open_ledger(door.settings.ledger_url) as ledger:
        rows = ledger.rows(key, now=door.now(), is_working_day=is_working_day)
    chosen = [row for row in rows if jurisdiction in (None, row.occurrence.jurisdiction)]
    replace_file(out, write(office_rows(chosen)))
    return Outcome({"file": out, "rows": len(chosen)}, (f"已导出 {len(chosen)} 期到 {out}",))


def _person(name: str | None) -> str:
    plain = (name or "").strip()
    if not plain or len(plain) > _LONGEST_NAME or not plain.isprintable():
        raise UnusableInput(
            f"补录须写明对真实性负责的人：--person 姓名（现为“{plain[:_LONGEST_NAME]}”，不超过 {_LONGEST_NAME} 字）"
        )
    return plain


def _find_event(ledger: Ledger, event_id: str) -> Event | None:
    try:
        return ledger.get_reported_event(event_id)
    except UnusableInput:
        return None


def _as_json(entry: Entry) -> dict[str, object]:
    occurrence, row = entry.match.occurrence, entry.match.row
    return {
        "row": row.number,
        "title": row["任务"],
        "verdict": entry.verdict,
        "why": entry.why,
        "key": occurrence.key if occurrence else row[KEY] or None,
        "period": occurrence.period.key if occurrence else row[PERIOD] or None,
        "due_at": occurrence.due_at if occurrence else None,
        "fulfilled_at": entry.fulfilled_at,
    }


def _cells(entry: Entry) -> tuple[str, ...]:
    occurrence, row = entry.match.occurrence, entry.match.row
    place = (occurrence.key, occurrence.period.key) if occurrence else (row[KEY], row[PERIOD])
    at = say_instant(entry.fulfilled_at) if entry.fulfilled_at else ""
    return (str(row.number), row["任务"], VERDICTS[entry.verdict], *place, at, entry.why)
