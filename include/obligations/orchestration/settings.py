"""The door to the environment: reads ``OBLIGATIONS_*`` once and hands plain values on. No other module reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from obligations.words.errors import UnusableInput, say_os_error

PACKAGE = Path(__file__).resolve().parents[1]
DEFAULT_GO_LIVE = date(2026, 11, 1)


@dataclass(frozen=True)
class Settings:
    """Where this installation keeps things.

    Attributes:
        home: state folder; all other defaults lie below it. ``OBLIGATIONS_HOME``, default ``~/airflow/obligations``
            or beside ``AIRFLOW_HOME``.
        inbox: where departments drop source files. ``OBLIGATIONS_INBOX``.
        store: raw inputs and drafts, kept by content. ``OBLIGATIONS_STORE``.
        quarantine: refused inputs with the reason. ``OBLIGATIONS_QUARANTINE``.
        catalogue: folder of YAML files. ``OBLIGATIONS_CATALOGUE``.
        templates: folder of draft and page templates. ``OBLIGATIONS_TEMPLATES``.
        ledger_url: SQLAlchemy URL. ``OBLIGATIONS_LEDGER_URL``, or in a file, because it holds a password:
            ``OBLIGATIONS_LEDGER_URL_FILE``.
        package_root: the 发布包 folder, a path or an object-storage URL. ``OBLIGATIONS_PACKAGE_ROOT``.
        go_live: periods that start on or after this day are scheduled. ``OBLIGATIONS_GO_LIVE``.
        base_url: address at which people open Airflow, for links. ``OBLIGATIONS_BASE_URL``.
        jurisdictions: slugs of those this installation serves; None for all. Nothing is expected of the others, and their
            DAGs are paused. ``OBLIGATIONS_JURISDICTIONS``, with commas.
        contacts: YAML file of who holds which role, outside the repository; None where nobody is told anything.
            ``OBLIGATIONS_CONTACTS``.
        policies: YAML file of who is told when; None for the package's own. ``OBLIGATIONS_POLICIES``.
        reviews: YAML file of which levels of review a draft passes; None for the package's own. ``OBLIGATIONS_REVIEWS``.
        channels: YAML file of how publications reach the public; None for the package's own. ``OBLIGATIONS_CHANNELS``.
        holidays: YAML file of this installation's own holiday notices, laid over the packaged ones; None for no own ones.
            ``OBLIGATIONS_HOLIDAYS``.
        smtp_connection: Airflow connection of the mail server. ``OBLIGATIONS_SMTP_CONNECTION``.
        incident_queue: Celery queue of what incidents wait for; None for the ordinary one. ``OBLIGATIONS_INCIDENT_QUEUE``.
        incident_pool: Airflow pool of the same, which must exist; None for the ordinary one. ``OBLIGATIONS_INCIDENT_POOL``.
    """

    home: Path
    inbox: Path
    store: Path
    quarantine: Path
    catalogue: Path
    templates: Path
    ledger_url: str
    package_root: str
    go_live: date
    base_url: str
    jurisdictions: frozenset[str] | None = None
    contacts: Path | None = None
    policies: Path | None = None
    reviews: Path | None = None
    channels: Path | None = None
    holidays: Path | None = None
    smtp_connection: str = "smtp_default"
    incident_queue: str | None = None
    incident_pool: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the environment; raises UnusableInput on a value that cannot be read."""
        airflow_home = Path(environment.get("AIRFLOW_HOME") or "~/airflow").expanduser()
        home = Path(environment.get("OBLIGATIONS_HOME") or airflow_home / "obligations").expanduser().absolute()

        def folder(name: str, default: Path) -> Path:
            return Path(environment.get(f"OBLIGATIONS_{name}") or default).expanduser().absolute()

        def file(name: str) -> Path | None:
            given = environment.get(f"OBLIGATIONS_{name}")
            return Path(given).expanduser().absolute() if given else None

        return cls(
            home=home,
            inbox=folder("INBOX", home / "inbox"),
            store=folder("STORE", home / "store"),
            quarantine=folder("QUARANTINE", home / "quarantine"),
            catalogue=folder("CATALOGUE", PACKAGE / "catalogue"),
            templates=folder("TEMPLATES", PACKAGE.parents[1] / "templates"),
            ledger_url=_ledger_url(environment) or f"sqlite:///{home / 'ledger.sqlite3'}",
            package_root=environment.get("OBLIGATIONS_PACKAGE_ROOT") or (home / "packages").as_uri(),
            go_live=_day("OBLIGATIONS_GO_LIVE", environment.get("OBLIGATIONS_GO_LIVE"), DEFAULT_GO_LIVE),
            base_url=(environment.get("OBLIGATIONS_BASE_URL") or "http://127.0.0.1:8080").rstrip("/"),
            jurisdictions=_names(environment.get("OBLIGATIONS_JURISDICTIONS")),
            contacts=file("CONTACTS"),
            policies=file("POLICIES"),
            reviews=file("REVIEWS"),
            channels=file("CHANNELS"),
            holidays=file("HOLIDAYS"),
            smtp_connection=environment.get("OBLIGATIONS_SMTP_CONNECTION") or "smtp_default",
            incident_queue=environment.get("OBLIGATIONS_INCIDENT_QUEUE") or None,
            incident_pool=environment.get("OBLIGATIONS_INCIDENT_POOL") or None,
        )

    def serves(self, jurisdiction: str) -> bool:
        """Whether this installation works for a jurisdiction, given by its slug."""
        return self.jurisdictions is None or jurisdiction in self.jurisdictions


def _ledger_url(environment: Mapping[str, str]) -> str | None:
    """Return the address given, itself or in a file; None for neither."""
    if given := environment.get("OBLIGATIONS_LEDGER_URL"):
        return given
    if not (file := environment.get("OBLIGATIONS_LEDGER_URL_FILE")):
        return None
    try:
        return Path(file).read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        why = say_os_error(error) if isinstance(error, OSError) else "不是 UTF-8 文字"
        said = f"环境变量 OBLIGATIONS_LEDGER_URL_FILE 指的文件 {file} 读不了（{why}），应为只含一行台账地址的文本文件"
        raise UnusableInput(said) from None


def _names(text: str | None) -> frozenset[str] | None:
    return frozenset(name for part in (text or "").split(",") if (name := part.strip())) or None


def _day(name: str, text: str | None, default: date) -> date:
    try:
        return date.fromisoformat(text) if text else default
    except ValueError:
        raise UnusableInput(f"环境变量 {name} 的值是“{text}”，应为 YYYY-MM-DD 形式的日期") from None
