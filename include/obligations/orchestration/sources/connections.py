"""Turns a connection id of the catalogue into a SQLAlchemy engine: an environment variable, else an Airflow connection.

Works in a task, on the command line, and in a thread of the triggerer (not on its event loop: everything here blocks).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException, AirflowRuntimeError
from airflow.sdk.log import mask_secret
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from obligations.words.errors import UnusableInput

_CONNECT_TIMEOUT_SECONDS = 10


def engine_for(connection_id: str, environment: Mapping[str, str] = os.environ) -> Engine:
    """Return an engine that keeps no connection open.

    ``OBLIGATIONS_SOURCE_<ID>`` holds a SQLAlchemy URL and wins. Else the Airflow connection of that id: its extra field
    ``sqlalchemy_url`` (for databases without an Airflow provider), or what its provider's hook makes of it. Raises
    UnusableInput where neither gives a usable address.
    """
    variable = f"OBLIGATIONS_SOURCE_{connection_id.upper()}"
    if address := environment.get(variable):
        return _engine(address, f"环境变量 {variable}")
    connection = _airflow_connection(connection_id, variable)
    if address := connection.extra_dejson.get("sqlalchemy_url"):
        return _engine(str(address), f"Airflow 连接 {connection_id} 的 sqlalchemy_url")
    return _engine(_hook_address(connection, connection_id, variable), f"Airflow 连接 {connection_id}")


def _airflow_connection(connection_id: str, variable: str) -> Connection:
    try:
        connection: Connection = Connection.get(connection_id)
    except (AirflowNotFoundException, AirflowRuntimeError) as error:
        raise UnusableInput(
            f"没有名为 {connection_id} 的数据来源连接；请在 Airflow 的“管理 → 连接”中新建，"
            f"或设置环境变量 {variable}（SQLAlchemy 地址）"
        ) from error
    return connection


def _hook_address(connection: Connection, connection_id: str, variable: str) -> URL:
    try:
        url: URL = connection.get_hook().sqlalchemy_url  # type: ignore[no-untyped-call]
    except (AirflowException, AttributeError, NotImplementedError) as error:
        raise UnusableInput(
            f"Airflow 连接 {connection_id} 的类型 {connection.conn_type} 没有对应的数据库驱动；"
            f"请在其 Extra 中写 sqlalchemy_url，或设置环境变量 {variable}（SQLAlchemy 地址）"
        ) from error
    return url


def _engine(address: URL | str, where: str) -> Engine:
    try:
        url = make_url(address)
        if url.password:
            mask_secret(str(url.password))
        return create_engine(url, poolclass=NullPool, connect_args=_connect_args(url))
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        # Never the address itself: it holds a password.
        raise UnusableInput(
            f"{where} 不是可用的 SQLAlchemy 地址，或没有安装它的驱动（{type(error).__name__}）"
        ) from None


def _connect_args(url: URL) -> dict[str, Any]:
    """Bound the wait for a database that does not answer, so that it cannot hold up other sources."""
    if url.get_backend_name() in {"postgresql", "mysql", "mariadb"}:
        return {"connect_timeout": _CONNECT_TIMEOUT_SECONDS}
    return {"timeout": _CONNECT_TIMEOUT_SECONDS} if url.get_backend_name() == "sqlite" else {}
