"""The command ``upload``: hands in an edited Word file for one occurrence. What becomes of it is ``uploads.receiving``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from obligations.orchestration.commands.look_up import folder_of
from obligations.orchestration.commands.named_files import read_delivery, require_file
from obligations.orchestration.commands.outcome import Door, Outcome, Rows
from obligations.orchestration.people import require_may_upload
from obligations.orchestration.uploads.receiving import UploadRefused, receive
from obligations.orchestration.work import open_work
from obligations.rules.catalogue import load_one
from obligations.rules.drafts_check.findings import Finding


def upload(door: Door, key: str, period: str, file: Path, person: str, note: str) -> Outcome:
    """Hand in ``file`` under the name given; exit code 1 where it is refused.

    Raises NotAllowed for an account that may not, UnusableInput where there is no file or no such occurrence, BadInput
    for a file that must not be opened.
    """
    require_file(file)
    now = door.now()
    obligation = load_one(folder_of(door), key)
    with open_work(door.settings, obligation, period, "upload") as work:
        jurisdiction = obligation.jurisdiction.slug
        require_may_upload(door.settings, work.chain, person, jurisdiction, work.departments, now)
        try:
            received = receive(work, read_delivery(file), file.name, person, note, now)
        except UploadRefused as refused:
            value = {"key": key, "period": period, "accepted": False, "said": str(refused)}
            value |= {"findings": [asdict(found) for found in refused.findings]}
            return Outcome(value, (str(refused), *_table(refused.findings)), exit_code=1)
    told = "已收到" if received.is_new else "此前已经上传，没有重复登记："
    said = f"{told}第{received.base_version}版的修改稿，下一次巡检时形成新的一版并重新送审"
    value = {
        "key": key,
        "period": period,
        "accepted": True,
        "is_new": received.is_new,
        "said": said,
        "sha256": received.sha256,
        "base_version": received.base_version,
        "replaced_run": received.replaced_run,
        "findings": [asdict(found) for found in received.findings],
    }
    return Outcome(value, (said, *_table(received.findings)))


def _table(findings: tuple[Finding, ...]) -> tuple[Rows, ...]:
    rows = [(found.grade, found.where, found.said) for found in findings]
    return (Rows(("级别", "位置", "说明"), rows),) if rows else ()
