"""Secrets and users of a whole Airflow on this machine: made on its first start, kept for the next ones."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from obligations.steps.replace import replace_file

_MAKE_USERS = """
import json, sys
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
with get_application_builder() as builder:
    for user, (role, password) in json.load(sys.stdin).items():
        if builder.sm.find_user(username=user) is None:
            found = builder.sm.find_role(role)
            assert found is not None, role
            builder.sm.add_user(user, user, user, f"{user}@example.cn", found, password)
    print(json.dumps({user.username: str(user.id) for user in builder.sm.get_all_users()}))
"""


def make_users(asked: Mapping[str, tuple[str, str]], environment: Mapping[str, str]) -> dict[str, str]:
    """Make the users that FabAuthManager does not know yet; return every user's number by name.

    ``asked``: role and password by user name; ``environment``: that of the instance. Raises CalledProcessError.
    """
    answer = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", _MAKE_USERS],
        input=json.dumps(asked),
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, str] = json.loads(answer.stdout.splitlines()[-1])
    return found


def kept_secrets(file: Path, users: Iterable[str]) -> dict[str, str]:
    """Return the keys and the passwords kept in ``file``, readable by its owner only; what is not there yet is made."""
    from cryptography.fernet import Fernet  # here, because only a start needs it

    kept: dict[str, str] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    made = {
        "fernet_key": Fernet.generate_key().decode(),
        "jwt_secret": secrets.token_urlsafe(64),
        "api_secret": secrets.token_urlsafe(32),
        **{f"password_{user}": secrets.token_urlsafe(9) for user in users},
    }
    if made.keys() <= kept.keys():
        return kept
    kept = made | kept
    replace_file(file, json.dumps(kept).encode())
    return kept
