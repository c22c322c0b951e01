"""Secrets of the embedded Airflow: made once, kept, the owner's alone; a user named later gets a password, too."""

from __future__ import annotations

import stat
from pathlib import Path

from obligations.orchestration.demo.accounts import kept_secrets


def test_secrets_are_kept_and_what_a_newer_program_needs_is_added(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    first = kept_secrets(file, ["admin"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept_secrets(file, ["admin"]) == first
    later = kept_secrets(file, ["admin", "drafter"])
    assert later.items() > first.items()
    assert later.keys() - first.keys() == {"password_drafter"}
    assert kept_secrets(file, ["admin", "drafter"]) == later
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
