"""The login by an office's OIDC service on a real API server, as far as the service's own page."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from ports import free_port
from running import ANSWERS, TIMELY

from obligations.orchestration.demo.embedded import FAB, REPOSITORY, EmbeddedAirflow

pytestmark = pytest.mark.airflow
HOST = "zwgk.example.cn"
FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": HOST, "X-Forwarded-Port": "443", "Host": HOST}


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """Return the address of a service that tells where people log in, and nothing else."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there = f"http://127.0.0.1:{self.server.server_port}"
            told = {
                "issuer": there,
                "authorization_endpoint": f"{there}/authorize",
                "token_endpoint": f"{there}/token",
                "userinfo_endpoint": f"{there}/userinfo",
                "jwks_uri": f"{there}/jwks",
            }
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def airflow(service, tmp_path_factory) -> Iterator[EmbeddedAirflow]:
    home = tmp_path_factory.mktemp("oidc")
    (home / "secret").write_text("a secret", "utf-8")
    (home / "dags").mkdir()
    environment = {
        "AIRFLOW__FAB__CONFIG_FILE": str(REPOSITORY / "deploy" / "auth" / "webserver_config.py"),
        "AIRFLOW__FAB__ENABLE_PROXY_FIX": "True",
        "OBLIGATIONS_OIDC_METADATA_URL": f"{service}/.well-known/openid-configuration",
        "OBLIGATIONS_OIDC_CLIENT_ID": "obligations",
        "OBLIGATIONS_OIDC_CLIENT_SECRET_FILE": str(home / "secret"),
    }
    components = {"api-server": ("api-server", "--proxy-headers")}
    running = EmbeddedAirflow(
        home / "airflow",
        dags=home / "dags",
        port=free_port(),
        auth_manager=FAB,
        components=components,
        environment=environment,
    )
    with running as airflow:
        airflow.wait_until_answering(TIMELY)
        yield airflow


def test_the_login_leads_to_the_service_and_back_to_the_address_that_people_know(airflow, service):
    answer = httpx.get(f"{airflow.url}/auth/login/oidc", headers=FORWARDED, timeout=ANSWERS)
    assert answer.status_code == 302, answer.text
    there = urlsplit(answer.headers["Location"])
    assert f"{there.scheme}://{there.netloc}{there.path}" == f"{service}/authorize"
    asked = parse_qs(there.query)
    assert asked["client_id"] == ["obligations"]
    assert asked["redirect_uri"] == [f"https://{HOST}/auth/oauth-authorized/oidc"]
    assert "openid" in asked["scope"][0]
    assert asked["state"]


def test_no_password_is_asked_for_and_none_is_taken(airflow):
    page = httpx.get(f"{airflow.url}/auth/login/", headers=FORWARDED, timeout=ANSWERS)
    assert 'type="password"' not in page.text
    given = {"username": "admin", "password": "admin"}
    token = httpx.post(f"{airflow.url}/auth/token", json=given, timeout=ANSWERS)
    assert token.status_code == 401
