"""What proves that a form was filled in on our own page by the person logged in, not posted by another site."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlsplit

from airflow.configuration import conf

from obligations.words.errors import UnusableInput


def token_of(user_id: str, act: str) -> str:
    """Return the token of one act of one user, in hex. It says nothing about the key.

    The key is derived from Airflow's ``[api] secret_key``; where none is configured each API server makes its own, and a
    page that another one served must be opened again. Raises UnusableInput where it is empty, for then anybody could.
    """
    secret = conf.get("api", "secret_key")
    if not secret:
        raise UnusableInput("Airflow 配置 [api] secret_key 为空，不能提交表单；请设置 AIRFLOW__API__SECRET_KEY")
    key = hashlib.sha256(b"obligations.form_tokens\0" + secret.encode()).digest()
    return hmac.new(key, f"{user_id}\0{act}".encode(), hashlib.sha256).hexdigest()


def is_token_of(token: str, user_id: str, act: str) -> bool:
    """Whether ``token`` is that of this act of this user; takes as long for a wrong one."""
    return hmac.compare_digest(token.encode(), token_of(user_id, act).encode())


def is_own_origin(origin: str | None, host: str | None, base_url: str) -> bool:
    """Whether a browser posted from our own pages: from the host it asked, or from where people open Airflow.

    Browsers always send ``Origin`` with a form; a missing one or ``null`` is refused.
    """
    try:
        where = urlsplit(origin or "")
    except ValueError:  # a bracket of an IPv6 address that is never closed
        return False
    if where.scheme not in {"http", "https"} or not where.netloc:
        return False
    ours = urlsplit(base_url)
    return where.netloc == host or (where.scheme, where.netloc) == (ours.scheme, ours.netloc)
