"""The command that compares two versions of an occurrence's draft: diff-drafts. It only reads."""

from __future__ import annotations

from pathlib import Path

from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.steps.ledger import Draft, open_ledger
from obligations.steps.rendering.difference import differences
from obligations.steps.rendering.folder import MODEL, model_in
from obligations.words.errors import UnusableInput


def diff_drafts(door: Door, key: str, period: str, first: int | None, second: int | None) -> Outcome:
    """Say what is different between two drafts of one occurrence: the last two unless their numbers are given.

    Raises UnusableInput for a version that is not registered, or of which nothing is left.
    """
    with open_ledger(door.settings.ledger_url) as ledger:
        drafts = {draft.version: draft for draft in ledger.drafts(key, period) if draft.state != "final"}
    before, after = _chosen(drafts, key, period, first, second)
    for draft in (before, after):
        if not (Path(draft.folder) / MODEL).is_file():
            raise UnusableInput(
                f"{key} {period} 第{draft.version}稿的文件已不在 {draft.folder}，不能比较；请从备份恢复"
            )
    changes = differences(model_in(Path(before.folder)), model_in(Path(after.folder)))
    value = {
        "key": key,
        "period": period,
        "from": before.version,
        "to": after.version,
        "changes": [
            {"sort": change.sort, "place": change.place, "before": change.before, "after": change.after}
            for change in changes
        ],
    }
    told = [f"{count}. {change.said()}" for count, change in enumerate(changes, start=1)] or ["文字没有不同"]
    return Outcome(value, (f"{key} {period}：第{before.version}稿与第{after.version}稿的不同", *told))


def _chosen(
    drafts: dict[int, Draft], key: str, period: str, first: int | None, second: int | None
) -> tuple[Draft, Draft]:
    numbers = sorted(drafts)
    known = "、".join(map(str, numbers)) or "（无）"
    to = second if second is not None else numbers[-1] if numbers else 0
    earlier = [number for number in numbers if number < to]
    since = first if first is not None else earlier[-1] if earlier else None
    if since is None:
        raise UnusableInput(f"{key} {period} 没有两稿可以比较，已登记的稿：{known}")
    for number in (since, to):
        if number not in drafts:
            raise UnusableInput(f"{key} {period} 没有第{number}稿，已登记的稿：{known}")
    return drafts[since], drafts[to]
