"""From a connection id to an engine: the environment wins, then Airflow; an address that fails never shows its password."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from obligations.orchestration.sources.connections import engine_for
from obligations.words.errors import UnusableInput


def test_a_url_in_the_environment_wins_over_an_airflow_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_BUREAU_ENV", "postgres://reader@db/finance")
    engine = engine_for("bureau_env", {"OBLIGATIONS_SOURCE_BUREAU_ENV": f"sqlite:///{tmp_path / 'a.sqlite3'}"})
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1


def test_an_airflow_connection_is_read_through_its_providers_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_BUREAU_HOOK", "postgres://reader:a%40b@db.example:5433/finance")
    url = engine_for("bureau_hook", {}).url
    assert (url.get_backend_name(), url.host, url.port, url.database) == ("postgresql", "db.example", 5433, "finance")
    assert (url.username, url.password) == ("reader", "a@b")


def test_a_database_without_a_provider_is_named_in_the_connections_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"sqlite:///{tmp_path / 'a.sqlite3'}"
    monkeypatch.setenv(
        "AIRFLOW_CONN_BUREAU_EXTRA", f'{{"conn_type": "generic", "extra": {{"sqlalchemy_url": "{address}"}}}}'
    )
    assert str(engine_for("bureau_extra", {}).url) == address


def test_an_unknown_connection_is_named_with_both_ways_to_make_it() -> None:
    with pytest.raises(UnusableInput, match=r"没有名为 bureau_none 的数据来源连接；.*OBLIGATIONS_SOURCE_BUREAU_NONE"):
        engine_for("bureau_none", {})


def test_a_connection_type_without_a_driver_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_BUREAU_TYPE", "dameng://reader:geheim@db/finance")
    with pytest.raises(UnusableInput, match="类型 dameng 没有对应的数据库驱动") as refused:
        engine_for("bureau_type", {})
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("address", ["no address", "dameng://reader:geheim@db/finance", "oracle://reader:geheim@db/x"])
def test_an_address_that_cannot_be_used_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(
        UnusableInput, match="环境变量 OBLIGATIONS_SOURCE_BUREAU_BAD 不是可用的 SQLAlchemy 地址"
    ) as refused:
        engine_for("bureau_bad", {"OBLIGATIONS_SOURCE_BUREAU_BAD": address})
    assert "geheim" not in str(refused.value)
