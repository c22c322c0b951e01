"""The command that looks once at a published page: look. It records nothing."""

from __future__ import annotations

from obligations.orchestration.commands.outcome import Door, Outcome
from obligations.orchestration.publication.looking import approved_version, looker
from obligations.steps.ledger import open_ledger
from obligations.steps.verify.addresses import web_host
from obligations.words.errors import UnusableInput
from obligations.words.times import say_instant


def look_once(door: Door, key: str, period: str) -> Outcome:
    """Look at the last publication of an occurrence; exit 1 unless the page is as approved.

    Raises UnusableInput where nothing was published, or not at an address that anybody can open.
    """
    with open_ledger(door.settings.ledger_url) as ledger:
        published = [event for event in ledger.events(key, period) if event.kind == "published"]
        if not published:
            raise UnusableInput(f"台账中 {key} 的 {period} 还没有登记发布，没有网页可看")
        said = published[-1].payload
        if web_host(said["address"]) is None:
            raise UnusableInput(f"{key} {period} 登记的位置 {said['address']} 不是网址，不能查看")
        approved = approved_version(ledger, key, period, said["sha256"])
    sight = looker(door.settings)(said["address"], approved, door.now())
    shown = (
        f"{key} {period}　{sight.address}",
        f"{say_instant(sight.seen_at)}查看：{sight.label}。{sight.reason}",
        *(f"  {number}. {difference}" for number, difference in enumerate(sight.missing, start=1)),
    )
    value = {"key": key, "period": period, **sight.as_payload()}
    return Outcome(value, shown, exit_code=0 if sight.outcome == "matches" else 1)
