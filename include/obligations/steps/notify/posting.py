"""One ``POST`` to a service outside, bounded in time and size: who drips or never ends must not hold up the other messages.

What the answer means is its caller's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx

MOST_BYTES = 64 * 1024
"""An answer is a code and a sentence; what is longer is cut off here."""


def post(url: httpx.URL | str, content: bytes, headers: Mapping[str, str], *, seconds: float) -> tuple[int, bytes]:
    """Return status and body, at most 64 KB of it, of an answer that took at most ``seconds`` altogether.

    Must not be called on a running event loop. Raises TimeoutError, httpx.HTTPError, httpx.InvalidURL, and UnicodeError
    for a header that is not ASCII.
    """
    return asyncio.run(_post(url, content, {**headers, "Accept-Encoding": "identity"}, seconds))


async def _post(url: httpx.URL | str, content: bytes, headers: Mapping[str, str], seconds: float) -> tuple[int, bytes]:
    body = bytearray()
    # A client's own timeout counts anew with every piece that comes.
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(timeout=seconds) as client,
        client.stream("POST", url, content=content, headers=headers) as answer,
    ):
        async for piece in answer.aiter_raw():
            body += piece
            if len(body) > MOST_BYTES:
                break
    return answer.status_code, bytes(body[:MOST_BYTES])
