"""Writes the YAML of a model that people maintain, so that ``yaml_files`` reads back the same. Writing files is a step."""

from __future__ import annotations

from enum import StrEnum

import yaml
from pydantic import BaseModel


class _Dumper(yaml.SafeDumper):
    """Plain YAML; codes are written as their text, and what stands twice is written twice: a person edits either."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True


_Dumper.add_multi_representer(StrEnum, lambda dumper, code: dumper.represent_str(code.value))


def yaml_text(model: BaseModel, heading: str) -> str:
    """Return the model as YAML below ``heading``, a comment; what equals its default is left out."""
    comment = "".join(f"# {line}\n" for line in heading.splitlines())
    said = model.model_dump(exclude_defaults=True)
    return comment + yaml.dump(said, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)
