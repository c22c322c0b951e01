"""How people log in: by passwords that FabAuthManager keeps, or by the office's own OIDC service (统一身份认证).

FabAuthManager reads this file (``AIRFLOW__FAB__CONFIG_FILE``). With ``OBLIGATIONS_OIDC_METADATA_URL`` the login is the
service's; who logs in for the first time gets an account without any right, until a role is given or the groups that the
service tells are mapped: ``OBLIGATIONS_OIDC_ROLES`` is a JSON object of group → list of roles.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from airflow.providers.fab.auth_manager.security_manager.override import FabAirflowSecurityManagerOverride
from flask_appbuilder.const import AUTH_DB, AUTH_OAUTH

WTF_CSRF_ENABLED = True
AUTH_TYPE = AUTH_DB
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "10 per 40 second"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

if metadata_url := os.environ.get("OBLIGATIONS_OIDC_METADATA_URL"):
    AUTH_TYPE = AUTH_OAUTH
    AUTH_USER_REGISTRATION = True
    AUTH_USER_REGISTRATION_ROLE = "Public"
    AUTH_ROLES_MAPPING = json.loads(os.environ.get("OBLIGATIONS_OIDC_ROLES") or "{}")
    # Without a mapping the roles that an administrator gave stay; with one the service's groups decide, at every login.
    AUTH_ROLES_SYNC_AT_LOGIN = bool(AUTH_ROLES_MAPPING)
    OAUTH_PROVIDERS = [
        {
            "name": "oidc",
            "icon": "fa-id-card",
            "token_key": "access_token",
            "remote_app": {
                "client_id": os.environ["OBLIGATIONS_OIDC_CLIENT_ID"],
                "client_secret": Path(os.environ["OBLIGATIONS_OIDC_CLIENT_SECRET_FILE"]).read_text("utf-8").strip(),
                "server_metadata_url": metadata_url,
                "client_kwargs": {"scope": "openid profile email"},
            },
        }
    ]

    class OfficeSecurityManager(FabAirflowSecurityManagerOverride):
        """Reads who logged in from the claims of the service; the user name is what the contacts call ``account``."""

        def get_oauth_user_info(self, provider: str, resp: dict[str, Any]) -> dict[str, Any]:
            """Return the account of a login; the service's user name, or its subject where it tells none."""
            claims = resp.get("userinfo") or self.oauth_remotes[provider].userinfo(token=resp)
            return {
                "username": claims.get("preferred_username") or claims["sub"],
                "first_name": claims.get("given_name") or claims.get("name") or "",
                "last_name": claims.get("family_name") or "",
                "email": claims.get("email") or f"{claims['sub']}@oidc.invalid",
                "role_keys": claims.get("groups") or [],
            }

    SECURITY_MANAGER_CLASS = OfficeSecurityManager
