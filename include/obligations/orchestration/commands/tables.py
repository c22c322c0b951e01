"""The commands between the ledger and the office's own table (台账): entering an old one, and exporting the ledger as one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from obligations.orchestration.commands.look_up import folder_of, notes_on, require_jurisdiction
from obligations.orchestration.commands.named_files import read_bytes
from obligations.orchestration.commands.outcome import Door, Outcome, Rows
from obligations.orchestration.upkeep.register_entries import Entry
from obligations.orchestration.upkeep.register_tables import COLUMNS, cells_of, enter_all, plan_register
from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load_one
from obligations.rules.workbooks.register import KEY, PERIOD
from obligations.steps.ledger import open_ledger
from obligations.steps.ledger.office_columns import as_csv, as_xlsx, office_rows
from obligations.steps.replace import replace_file
from obligations.words.errors import UnusableInput

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
    now = door.now()
    with open_ledger(door.settings.ledger_url) as ledger:
        plan = plan_register(door.settings, ledger, read_bytes(file), file.name, jurisdiction, now)
        entered = enter_all(plan, ledger, name, now) if apply else []
    entries = plan.entries
    counts = Counter(entry.verdict for entry in entries)
    value = {
        "applied": apply,
        "entered": len(entered),
        "counts": dict(counts),
        "ignored_columns": plan.register.ignored,
        "rows": [_as_json(entry) for entry in entries],
    }
    end = (
        f"已补录 {len(entered)} 期，登记人 {name}"
        if apply
        else "以上只是预览，台账没有变；确认后加 --apply --person 姓名 补录"
    )
    shown = (
        Rows(COLUMNS, [cells_of(entry) for entry in entries]),
        plan.say_counts(),
        end,
    )
    ignored = (f"这些列没有读取：{'、'.join(plan.register.ignored)}",) if plan.register.ignored else ()
    unclear = any(counts[verdict] for verdict in ("none", "ambiguous", "refused"))
    return Outcome(value, shown, (*ignored, *notes_on(plan.catalogue.faults)), exit_code=1 if unclear else 0)


def export_ledger(door: Door, out: Path, jurisdiction: str | None, key: str | None) -> Outcome:
    """Write the ledger's rows in the office's columns, earliest due first; a file that is there is replaced.

    Raises UnusableInput for a name that ends in neither .xlsx nor .csv, an unknown jurisdiction or key.
    """
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
