"""What part of the ledger an account may see, as values. Who may see what is the pages' to find out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visible:
    """The occurrences that an account may see: those of whole jurisdictions, and those of single obligations.

    Attributes:
        jurisdictions: slugs; keys: of obligations elsewhere.
    """

    jurisdictions: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()

    def shows(self, key: str) -> bool:
        """Whether occurrences of this obligation may be seen."""
        return key in self.keys or key.split("/", 1)[0] in self.jurisdictions

    def within(self, other: Visible) -> Visible:
        """Return what both show."""
        keys = {key for key in self.keys if other.shows(key)} | {key for key in other.keys if self.shows(key)}
        return Visible(self.jurisdictions & other.jurisdictions, frozenset(keys))
