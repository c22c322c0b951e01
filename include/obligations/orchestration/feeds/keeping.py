"""Which feeds there are: whose, of what, under which token. Only a token's SHA-256 is kept; the file is its owner's alone.

A feed never shows more than its maker might see when it was made, nor more than the contacts give them when it is asked for.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from obligations.steps.replace import replace_file
from obligations.words.errors import UnusableInput
from obligations.words.visible import Visible

FILE = "feeds.json"
MOST = 20
"""Feeds that one account may have at a time."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One subscription.

    Attributes:
        id: to revoke it by; digest: SHA-256 of its token; account: whose it is.
        department: to which it is narrowed, None for all that the account may see; jurisdiction: the department's.
        jurisdictions, keys: what the account might see when it was made.
    """

    id: str
    digest: str
    account: str
    made_at: str
    jurisdiction: str | None
    department: str | None
    jurisdictions: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def bounds(self) -> Visible:
        """What it may show at most."""
        return Visible(frozenset(self.jurisdictions), frozenset(self.keys))


def make_feed(
    home: Path,
    account: str,
    visible: Visible,
    at: datetime,
    jurisdiction: str | None = None,
    department: str | None = None,
) -> tuple[Feed, str]:
    """Keep a new feed; return it with its token, which nobody can read again. Raises UnusableInput for one too many."""
    token = secrets.token_urlsafe(32)
    feed = Feed(
        id=secrets.token_hex(8),
        digest=_digest(token),
        account=account,
        made_at=at.isoformat(),
        jurisdiction=jurisdiction,
        department=department,
        jurisdictions=tuple(sorted(visible.jurisdictions)),
        keys=tuple(sorted(visible.keys)),
    )

    def added(feeds: list[Feed]) -> list[Feed]:
        if sum(each.account == account for each in feeds) >= MOST:
            raise UnusableInput(f"每个账号最多{MOST}个订阅，请先撤销不用的")
        return [*feeds, feed]

    _change(home, added)
    return feed, token


def revoke_feed(home: Path, id_: str, account: str) -> bool:
    """Forget a feed of the account; False where it has none of this id."""
    found = any(each.id == id_ for each in feeds_of(home, account))
    _change(home, lambda feeds: [each for each in feeds if (each.id, each.account) != (id_, account)])
    return found


def feeds_of(home: Path, account: str) -> list[Feed]:
    """Return the account's feeds, oldest first."""
    return [each for each in _read(home) if each.account == account]


def feed_with(home: Path, token: str) -> Feed | None:
    """Return the feed of a token; what is compared is a hash, which tells nothing of the token."""
    digest = _digest(token)
    return next((each for each in _read(home) if secrets.compare_digest(each.digest, digest)), None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _read(home: Path) -> list[Feed]:
    try:
        found: list[dict[str, Any]] = json.loads((home / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return []
    return [
        Feed(**{**each, "jurisdictions": tuple(each["jurisdictions"]), "keys": tuple(each["keys"])}) for each in found
    ]


def _change(home: Path, change: Callable[[list[Feed]], list[Feed]]) -> None:
    """Replace the file by what ``change`` makes of it, one writer at a time, readable by its owner alone."""
    with _locked(home):
        feeds = change(_read(home))
        text = json.dumps([asdict(each) for each in feeds], ensure_ascii=False, indent=1)
        replace_file(home / FILE, text.encode())


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    with (home / f"{FILE}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
