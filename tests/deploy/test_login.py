"""The login's configuration: passwords by default, the office's OIDC service where its address is given."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask_appbuilder.const import AUTH_DB, AUTH_OAUTH

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "auth" / "webserver_config.py"


def configured() -> ModuleType:
    spec = importlib.util.spec_from_file_location("login", CONFIGURATION)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def oidc(tmp_path, monkeypatch) -> None:
    (tmp_path / "secret").write_text("a secret\n", "utf-8")
    monkeypatch.setenv("OBLIGATIONS_OIDC_METADATA_URL", "https://login.example.cn/.well-known/openid-configuration")
    monkeypatch.setenv("OBLIGATIONS_OIDC_CLIENT_ID", "obligations")
    monkeypatch.setenv("OBLIGATIONS_OIDC_CLIENT_SECRET_FILE", str(tmp_path / "secret"))


def test_accounts_are_our_own_by_default():
    assert configured().AUTH_TYPE == AUTH_DB
    assert not hasattr(configured(), "OAUTH_PROVIDERS")


def test_a_service_gives_accounts_without_rights_and_leaves_the_roles_to_the_administrator(oidc):
    found = configured()
    assert found.AUTH_TYPE == AUTH_OAUTH
    assert found.AUTH_USER_REGISTRATION_ROLE == "Public"
    assert not found.AUTH_ROLES_SYNC_AT_LOGIN
    (provider,) = found.OAUTH_PROVIDERS
    assert provider["remote_app"]["client_secret"] == "a secret"  # noqa: S105 - not one


def test_groups_of_the_service_decide_where_they_are_mapped(oidc, monkeypatch):
    monkeypatch.setenv("OBLIGATIONS_OIDC_ROLES", '{"czt": ["shandong·山东省财政厅"]}')
    found = configured()
    assert found.AUTH_ROLES_MAPPING == {"czt": ["shandong·山东省财政厅"]}
    assert found.AUTH_ROLES_SYNC_AT_LOGIN


@pytest.mark.parametrize(
    ("claims", "username"),
    [({"sub": "7", "preferred_username": "zhangsan", "groups": ["czt"]}, "zhangsan"), ({"sub": "7"}, "7")],
)
def test_the_account_is_the_user_name_that_the_service_tells(oidc, claims: dict[str, Any], username: str):
    manager = configured().SECURITY_MANAGER_CLASS
    told = manager.get_oauth_user_info(object.__new__(manager), "oidc", {"userinfo": claims})
    assert told["username"] == username
    assert told["role_keys"] == claims.get("groups", [])
    assert told["email"]
