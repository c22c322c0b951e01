"""The final version of what was approved: clean of marks, dated on the day it was signed, rendered once. Approves nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from obligations.orchestration.review.progress import require_approved, signed
from obligations.orchestration.runs.trace import find_final, register
from obligations.orchestration.work import Work
from obligations.steps.ledger import Draft
from obligations.words.errors import NotApproved
from obligations.words.times import SHANGHAI


def finalized(work: Work, now: datetime) -> Draft:
    """Return the final version, made and registered now if it is not there yet.

    Raises NotApproved unless every level of the chain has approved exactly the reviewed version, NotPublishable if a
    file of it was changed since. The same approvals give the same bytes.
    """
    from obligations.steps.draft import fill  # loads python-docx, which parsing DAGs must not

    reviewed = require_approved(work)
    if (final := find_final(work, reviewed)) is not None:
        return final
    made = fill(
        Path(reviewed.folder),
        {},
        work.drafts / f"v{reviewed.version}-final",
        dated=signed(work, reviewed).happened_at.astimezone(SHANGHAI).date(),
        templates=work.settings.templates,
    )
    register(work, made, "final", now, based_on=reviewed.sha256)
    final = find_final(work, reviewed)
    if final is None:
        raise NotApproved(f"{work.key} {work.period}：第{reviewed.version}版没有登记为定稿，请重新运行本任务")
    return final
