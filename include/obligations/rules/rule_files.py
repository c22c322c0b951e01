"""Files of rules that an installation may put in place of the packaged ones: read once for each state, refused as a whole.

What a file must say is its own module's; here is only how it is found, read, judged and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from obligations.rules.yaml_files import read_model
from obligations.words.errors import CatalogueFault, Fault
from obligations.words.obligation import Obligation

Model = TypeVar("Model", bound=BaseModel)
Judge = Callable[[Model], Iterable[tuple[str, str, str]]]
"""Yields field, value and expected form of everything wrong with a file."""


def read_rules(path: Path, model: type[Model], faults_of: Judge[Model]) -> Model:
    """Return the rules in ``path``, the same object until the file changes; raises CatalogueFault with every fault."""
    try:
        state = path.stat()
        changed_at, size = state.st_mtime_ns, state.st_size
    except FileNotFoundError:
        changed_at = size = 0
    found: Model = _read(path, model, faults_of, changed_at, size)
    return found


@lru_cache(maxsize=16)
def _read(
    path: Path,
    model: type[Model],
    faults_of: Judge[Model],
    changed_at: int,  # noqa: ARG001 - with the size, the file's state, which is part of the cache key
    size: int,  # noqa: ARG001 - as above
) -> Model:
    file = read_model(path.parent, path.name, model)
    if faults := tuple(Fault(path.name, *found) for found in faults_of(file)):
        raise CatalogueFault(faults)
    return file


def names(keys: tuple[str, ...], publications: tuple[str, ...], obligation: Obligation) -> bool:
    """Whether a rule for these keys (``jurisdiction/*`` among them) and publication kinds is for the obligation; empty: any."""
    its = {obligation.key, f"{obligation.jurisdiction.slug}/*"}
    return (not keys or not its.isdisjoint(keys)) and (not publications or obligation.publication in publications)
