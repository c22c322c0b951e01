"""What 并入其他事项 comes to: done as part of another obligation's occurrence, and met when that one was. Writes nothing."""

from __future__ import annotations

from obligations.orchestration.rulings.case import Case, Verdict, require_open
from obligations.steps.ledger import EventKind
from obligations.steps.ledger.occurrences import find
from obligations.words.errors import UnusableInput
from obligations.words.rulings import Merge
from obligations.words.times import say_instant

_PUBLIC = {"published", "held"}


def weigh_merger(case: Case, ruling: Merge) -> Verdict:
    """并入其他事项: into one of the same jurisdiction that is met; what is owed to the public, into what was public."""
    require_open(case)
    if (ruling.into_key, ruling.into_period) == (case.row.key, case.row.period):
        raise UnusableInput(f"{case.name} 不能并入自己")
    other = find(case.connection, ruling.into_key, ruling.into_period)
    name = f"{ruling.into_key} {ruling.into_period}"
    if other is None:
        raise UnusableInput(f"台账中没有 {name} 这一期，请核对 into_key 和 into_period")
    if other.jurisdiction != case.row.jurisdiction:
        raise UnusableInput(f"{name} 属于另一辖区（{other.jurisdiction}），只能并入本辖区的事项")
    if other.met_at is None:
        raise UnusableInput(f"{name} 目前{other.stage_label}，尚未完成；完成之后才能并入")
    if case.work.obligation.may_reach_the_public and other.fulfilment not in _PUBLIC:
        raise UnusableInput(f"{case.name} 须向社会公开，{name} 以{other.stage_label}为完成，没有公开，不能并入")
    payload = {
        "into_key": ruling.into_key,
        "into_period": ruling.into_period,
        "met_at": other.met_at,
        "reason": ruling.reason,
        "authority": ruling.authority,
    }
    late = "按期" if other.met_at <= case.row.due_at else "仍为逾期"
    said = f"已并入 {name}，按其{say_instant(other.met_at)}完成认定，{late}"
    return Verdict(EventKind.MERGED, other.met_at, payload, said)
