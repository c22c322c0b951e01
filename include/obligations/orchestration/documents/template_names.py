"""Writes, and reads, ``template_names.yaml``: what each publication kind offers its template, as its specimen shows.

Run ``python -m obligations.orchestration.documents.template_names`` after a change to a kind's words, numbers or tables; a test
holds the two alike. ``obligations check`` reads templates against it, for which no data are at hand.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

import yaml

from obligations.orchestration.settings import PACKAGE
from obligations.publications.registry import NAMES, kind
from obligations.steps.rendering.names import OCCASION, Names

FILE = PACKAGE / "template_names.yaml"
_HEAD = "# Written by python -m obligations.orchestration.documents.template_names; not to be edited by hand.\n"


def read_names() -> dict[str, Names]:
    """Return what each kind's template may use, blanks and the words of every occasion included."""
    return {
        name: replace(
            _named(said), words={**OCCASION, **said["words"]}, blanks=tuple(b.name for b in kind(name).blanks)
        )
        for name, said in _written().items()
        if name in NAMES
    }


def written_names() -> str:
    """Return the file's text, from the specimens."""
    # Here, because reading the file, which every check of templates does, needs none of it.
    from obligations.orchestration.documents.specimens import specimen
    from obligations.steps.rendering.analysis import analysis_of
    from obligations.steps.rendering.names import names_of

    found = {}
    for name in NAMES:
        made = specimen(name)
        names = names_of(analysis_of(made.kind, made.source, made.snapshot, made.occurrence.period))
        said = {part: list(value) if isinstance(value, tuple) else value for part, value in asdict(names).items()}
        found[name] = {part: value for part, value in said.items() if part == "words" or value}
    return _HEAD + yaml.dump(
        found, Dumper=_Plain, allow_unicode=True, sort_keys=False, default_flow_style=None, width=160
    )


class _Plain(yaml.SafeDumper):
    """Writes what is there twice twice: a reference would say nothing to a reader."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - yaml passes it
        """Never refer to what was written before."""
        return True


def _named(said: Mapping[str, Any]) -> Names:
    parts = {part: tuple(value) for part, value in said.items() if part != "words"}
    return Names(words=said["words"], **parts)


@lru_cache(maxsize=1)
def _written() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return loaded


def main() -> int:
    """Write the file."""
    FILE.write_text(written_names(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
