"""Airflow connections by their id, and what they have in common; each error says how to put a connection right."""

from __future__ import annotations

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowException, AirflowRuntimeError
from airflow.sdk.log import mask_secret

from obligations.words.errors import UnusableInput

_TIMEOUT_SECONDS = 30.0


def airflow_connection(connection_id: str, purpose: str) -> Connection:
    """Return an Airflow connection, its password kept out of logs; raises UnusableInput where it is missing.

    Works in a task, in a thread of the triggerer and on the command line (``AIRFLOW_CONN_…``).
    """
    try:
        connection: Connection = Connection.get(connection_id)
    except (AirflowException, AirflowRuntimeError) as error:
        raise UnusableInput(
            f"没有名为 {connection_id} 的{purpose}连接；请在 Airflow 的“管理 → 连接”中新建，"
            f"或设置环境变量 AIRFLOW_CONN_{connection_id.upper()}"
        ) from error
    if connection.password:
        mask_secret(connection.password)
    return connection


def timeout_of(connection_id: str, connection: Connection) -> float:
    """Return the ``timeout`` of a connection's Extra in seconds, 30 where it says none; raises UnusableInput."""
    said = connection.extra_dejson.get("timeout") or _TIMEOUT_SECONDS
    try:
        seconds = float(said)
    except (TypeError, ValueError):
        seconds = 0.0
    if not 0 < seconds < float("inf"):  # nan is neither
        raise UnusableInput(f"Airflow 连接 {connection_id} 的 timeout 是“{said}”，应为大于0的秒数")
    return seconds
