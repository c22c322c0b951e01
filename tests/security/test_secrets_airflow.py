"""A whole run with secrets that can be recognized: afterwards none of them is anywhere but where it was put.

Looked through: every file below the installation's folder (unpacked, where it is a package), every row of Airflow's
database and of the ledger, every mail and message sent, every page shown.
"""

from __future__ import annotations

import base64
import io
import json
import secrets
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiosmtpd.smtp import AuthResult
from case_counts import tried
from chaos_embedded import CONTACTS, embattled
from chaos_office import Embattled
from chaos_plan import Plan
from demo_catalogue import FISCAL

pytestmark = pytest.mark.airflow

HOLDERS = {"secrets.json", "passwords.json"}
"""Files that are there to hold secrets, readable by their owner only."""
PLAN = Plan(seed=1, kills=0, pause=0, months=1, fiscal=1, incidents=1, patience=900)
PAGES = ("", "register", "calendar", "events", "punctuality", "system", "feeds", "tables", "items/demo/fiscal-monthly")
ROBOT = 'channels: [email, sms, "im:duty_robot"], mobile: "13800000000"'


@pytest.fixture(scope="module")
def canaries() -> dict[str, str]:
    """Secrets that we give: one for each connection that holds one."""
    names = ("mail", "site", "sms", "robot", "departments", "departments_key")
    return {name: f"canary-{name}-{secrets.token_hex(12)}" for name in names}


@pytest.fixture
def office(tmp_path, mail_server, free_port, web_server, canaries) -> Iterator[Embattled]:
    def authenticate(_server, _session, _envelope, _mechanism, said) -> AuthResult:
        return AuthResult(success=said.password == canaries["mail"].encode())

    postbox = mail_server(free_port, auth_required=True, auth_require_tls=False, authenticator=authenticate)
    mail = {"from_email": "gongkai@example.cn", "disable_ssl": "true", "disable_tls": "true"}
    connections = {
        "SMTP_DEFAULT": {
            "conn_type": "smtp", "host": "127.0.0.1", "port": free_port, "login": "gongkai",
            "password": canaries["mail"], "extra": mail,
        },
        "SMS_DEFAULT": {"conn_type": "http", "host": web_server.url, "password": canaries["sms"]},
        "DUTY_ROBOT": {
            "conn_type": "generic",
            "password": web_server.url.replace("http://", f"json://robot:{canaries['robot']}@") + "/alarm",
        },
    }  # fmt: skip
    environment = {f"AIRFLOW_CONN_{name}": json.dumps(value) for name, value in connections.items()}
    environment["OBLIGATIONS_SOURCE_DEMO_DEPARTMENTS"] = ""  # the connection in Airflow's database holds it
    contacts = CONTACTS.replace("email: bing@example.cn", f"email: bing@example.cn, {ROBOT}")
    with embattled(
        tmp_path, postbox, free_port, PLAN, secret=canaries["site"], contacts=contacts, environment=environment
    ) as office:
        address = f"sqlite:///{office.settings.home / 'demo' / 'departments.sqlite3'}"
        extra = {"sqlalchemy_url": address, "api_key": canaries["departments_key"]}
        body = {
            "connection_id": "demo_departments", "conn_type": "sqlite", "password": canaries["departments"],
            "extra": json.dumps(extra),
        }  # fmt: skip

        def is_held() -> bool:
            """Whether Airflow holds the connection; its writers to SQLite may lock each other out."""
            answer = office.admin.client.post("/api/v2/connections", json=body)
            assert not answer.is_client_error or answer.status_code == HTTPStatus.CONFLICT, answer.text
            return not answer.is_server_error

        office.wait(is_held)
        yield office


def test_no_secret_is_in_logs_databases_drafts_notices_or_pages(office, web_server, canaries):
    # Where something fails, more is written down than where it works.
    office.portal.faults.failures, office.portal.faults.lost = 1, 1
    web_server.status = 500
    office.postbox.data_answer = "451 later"
    office.begin()
    office.wait(lambda: office.stage(FISCAL, "2017-01"))
    office.wait(lambda: web_server.requests)
    web_server.status, office.postbox.data_answer = 200, None
    office.calm()
    assert office.unsettled() == []
    shown = list(pages(office))
    office.airflow.stop()

    ours = office.airflow._secrets  # what it made for itself: keys and everybody's password
    hunted = {**canaries, **ours}
    assert len(hunted) > 10
    assert canaries["sms"] in str(web_server.requests), "the canaries are in use"
    found = []
    looked = 0
    for place, text in [*files(office.airflow.home.parent), *rows(office), *shown, *sent(office, web_server)]:
        looked += 1
        found += [f"{name} in {place}" for name, secret in hunted.items() for form in forms(secret) if form in text]
    tried("secrets hunted, by place", len(hunted) * looked)
    assert found == []
    assert looked > 500, "there was something to look through"


def forms(secret: str) -> set[bytes]:
    """Return how a secret could be written down; Base64 at each of the three places where it could begin."""
    plain = secret.encode()
    shifted = (base64.b64encode(b"." * shift + plain)[4 if shift else 0 : -4] for shift in range(3))
    return {plain, quote(secret, safe="").encode(), plain.hex().encode(), *shifted}


def files(home: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below ``home`` with its content, packages unpacked; databases are read row by row."""
    for path in sorted(home.rglob("*")):
        if not path.is_file() or path.name in HOLDERS or ".sqlite3" in path.name:
            continue
        data = path.read_bytes()
        yield str(path), data
        if data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                for name in package.namelist():
                    yield f"{path}/{name}", package.read(name)


def rows(office: Embattled) -> Iterator[tuple[str, bytes]]:
    """Yield every value of every row of both databases."""
    for database in (office.airflow.home / "airflow.sqlite3", office.settings.home / "ledger.sqlite3"):
        with closing(sqlite3.connect(database)) as connection:
            connection.text_factory = bytes
            tables = [
                row[0].decode() for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            for table in tables:
                for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - a name of its own
                    text = b"\n".join(value for value in row if isinstance(value, bytes))
                    yield f"{database.name}:{table}", text + _inflated(row)


def _inflated(row: tuple[object, ...]) -> bytes:
    """Return what values hold that Airflow may have packed."""
    packed = b""
    for value in row:
        if isinstance(value, bytes) and value[:1] == b"\x78":
            try:
                packed += zlib.decompress(value)
            except zlib.error:
                continue
    return packed


def sent(office: Embattled, web_server: Any) -> Iterator[tuple[str, bytes]]:
    """Yield what was said to people: mails, short messages, robots' messages; not the headers that prove who asks."""
    for mail in office.postbox.received:
        yield f"mail to {mail['To']}", mail.as_bytes()
        for part in mail.walk():
            if not part.is_multipart():
                yield f"mail to {mail['To']}", part.get_payload(decode=True)
    for path, _, body in web_server.requests:
        yield path, body


def pages(office: Embattled) -> Iterator[tuple[str, bytes]]:
    """Yield what everybody is shown, by our pages and by Airflow's interface for programs."""
    for user, rest in office.people.items():
        for page in PAGES:
            yield f"page {page} for {user}", rest.client.get(f"/obligations/{page}").content
        for path in ("connections", "variables", "config", "dags", "dags/~/dagRuns", "eventLogs", "importErrors"):
            yield f"{path} for {user}", rest.client.get(f"/api/v2/{path}").content
        run = f"dags/{FISCAL}/dagRuns/start__2017-01__v1/taskInstances"
        for task in rest.client.get(f"/api/v2/{run}").json().get("task_instances", []):
            for place in ("", "/logs/1", "/xcomEntries"):
                yield (
                    f"{task['task_id']}{place} for {user}",
                    rest.client.get(f"/api/v2/{run}/{task['task_id']}{place}").content,
                )
