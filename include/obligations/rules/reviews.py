"""Which chain of review an obligation has: reads ``reviews.yaml`` and refuses one under which nobody signs.

Who fills a role is ``contacts``; whether a version has passed its chain is the ledger's to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from obligations.rules.rule_files import names, read_rules
from obligations.words.contacts import Role
from obligations.words.obligation import Obligation
from obligations.words.reviews import Chain, Level, ReviewsFile

PACKAGED_REVIEWS = Path(__file__).with_name("reviews.yaml")


def chain_of(obligation: Obligation, path: Path | None = None) -> Chain:
    """Return the chain of an obligation; raises CatalogueFault with every fault of the file."""
    return next(chain for chain in load_reviews(path).chains if _holds(chain, obligation))


def reviewers_of(obligation: Obligation, path: Path | None = None) -> tuple[Role, ...]:
    """Return the roles without which its drafts cannot be approved; where a level takes one of several, none of these."""
    steps = (step for step in chain_of(obligation, path).steps if not step.optional)
    return tuple(step.answered_by[0] for step in steps if len(step.answered_by) == 1)


def load_reviews(path: Path | None = None) -> ReviewsFile:
    """Return the chains in ``path`` (default: the packaged ones), read again once the file has changed.

    Raises CatalogueFault with every fault of the file.
    """
    return read_rules(path or PACKAGED_REVIEWS, ReviewsFile, _faults)


def _holds(chain: Chain, obligation: Obligation) -> bool:
    return (
        names(chain.obligations, chain.publications, obligation)
        and (not chain.duties or obligation.duty in chain.duties)
        and (not chain.governments or obligation.jurisdiction.level in chain.governments)
    )


def _faults(file: ReviewsFile) -> Iterator[tuple[str, str, str]]:
    """Yield field, value and expected form of everything wrong."""
    for name, times in Counter(chain.name for chain in file.chains).items():
        if times > 1:
            yield "chains", name, "每套规则的 name 只用一次"
    last = file.chains[-1] if file.chains else None
    if last is None or last.obligations or last.publications or last.duties or last.governments:
        expected = "最后一套不写 obligations、publications、duties、governments，适用于其余全部"
        yield "chains", last.name if last else "（空）", expected
    for number, chain in enumerate(file.chains):
        for name, value, expected in _faults_of(chain):
            yield f"chains.{number}.{name}", value, expected


def _faults_of(chain: Chain) -> Iterator[tuple[str, str, str]]:
    levels = [step.level for step in chain.steps]
    if not levels or not all(chain.stages):
        yield "stages", chain.name, "每一步至少有一级"
        return
    for level, times in Counter(levels).items():
        if times > 1:
            yield "stages", level.label, "同一级只出现一次"
    if not any(step.level is Level.FINAL and not step.optional for step in chain.stages[-1]):
        yield "stages", chain.name, "最后一步有终审（level: final），且不写 optional：没有人签发不得发布"
    if missing := {level for group in chain.apart for level in group} - set(levels):
        yield "apart", "、".join(sorted(missing)), "stages 中有的级"
    if not chain.overridden_by:
        yield "overridden_by", "（空）", "至少一个角色"
