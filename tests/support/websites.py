"""Real websites on the loopback, plain or with certificates of an authority of their own, that answer as they are told."""

from __future__ import annotations

import datetime as dt
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HTML = "text/html; charset=utf-8"


@dataclass
class Reply:
    """One answer; ``stream`` writes the body itself, for what no honest server sends."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": HTML})
    stream: Callable[[Callable[[bytes], object]], None] | None = None


def page(*paragraphs: str, furniture: str = "<nav>首页 &gt; 信息公开</nav>") -> Reply:
    """Return a page of a site, with its frame around what it says."""
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return Reply(f"<html><body>{furniture}{body}<footer>网站地图</footer></body></html>".encode())


def redirect(location: str, status: int = 302) -> Reply:
    """Return a redirect."""
    return Reply(status=status, headers={"Location": location})


class Website:
    """A running site.

    Attributes:
        pages: reply by path; one that is not there is 404. requests: path and headers of each request.
    """

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Reply] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_GET(self) -> None:
                site.requests.append((self.path, dict(self.headers)))
                reply = site.pages.get(self.path, Reply(b"<h1>404</h1>", 404))
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    if reply.stream:
                        reply.stream(self.wfile.write)
                    else:
                        self.wfile.write(reply.body)
                except OSError:
                    self.close_connection = True  # whoever asked has seen enough

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # a refused handshake is what a test is about

        self._server = Server(("127.0.0.1", 0), Handler)
        if trust is not None:
            self._server.socket = trust.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https" if trust else "http"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.port = self._server.server_port

    def address(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """Return the address of one of its pages under one of its names."""
        return f"{self._scheme}://{host}:{self.port}{path}"

    def stop(self) -> None:
        """Close it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def website(trust: ssl.SSLContext | None = None) -> Iterator[Website]:
    """Run a site."""
    site = Website(trust)
    try:
        yield site
    finally:
        site.stop()


class Authority:
    """A certificate authority that nobody but the tests trusts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "obligations test authority")])
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        own = self._builder(self._name, self._key).add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        self._certificate = own.add_extension(usage, True).sign(self._key, hashes.SHA256())

    def trusting(self) -> ssl.SSLContext:
        """Return what a client needs that trusts this authority."""
        pem = self._certificate.public_bytes(serialization.Encoding.PEM).decode()
        return ssl.create_default_context(cadata=pem)

    def site(self, host: str) -> ssl.SSLContext:
        """Return what a server of this name needs."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        alternative = x509.SubjectAlternativeName([x509.DNSName(host)])
        certificate = self._builder(name, key).add_extension(alternative, False).sign(self._key, hashes.SHA256())
        file = self._folder / f"{host}.pem"
        plain = serialization.NoEncryption()
        file.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        today = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - dt.timedelta(days=1))
            .not_valid_after(today + dt.timedelta(days=2))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False)
        )
