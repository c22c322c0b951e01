"""Reads a form that brings one file, in memory alone: a file that must not be kept never touches a disk of ours."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from fastapi import HTTPException, Request, status
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from obligations.orchestration.pages.forms import require_own_form
from obligations.orchestration.settings import Settings
from obligations.orchestration.uploads.keeping import LIMIT_BYTES

_BESIDES = 64 * 1024
"""What the form may hold besides the file: texts, names, boundaries."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A posted form.

    Attributes:
        fields: texts by name; name, data: of the one file, both empty where there is none.
    """

    fields: dict[str, str]
    name: str
    data: bytes


class _InMemory(MultiPartParser):
    """Spools no file to disk."""

    spool_max_size = LIMIT_BYTES + _BESIDES + 1


async def read_upload(request: Request) -> Posted:
    """Read the form; refuses with 413 what is too long, with 400 what is no form with at most one file."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "请用带文件的表单（multipart/form-data）上传")
    parser = _InMemory(request.headers, _limited(request), max_files=1, max_fields=8, max_part_size=_BESIDES)
    try:
        form = await parser.parse()
    except MultiPartException:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "表单无法识别，或带有一个以上的文件") from None
    fields, name, data = dict[str, str](), "", b""
    for key, value in form.multi_items():
        if isinstance(value, str):
            fields[key] = value
        else:
            name, data = await _whole(value)
    await form.close()
    return Posted(fields, name, data)


def require_own_request(settings: Settings, request: Request, token: str, user_id: str, act: str) -> None:
    """Refuse with 403 what a browser posts from elsewhere than our own page.

    A program that brings its own Bearer token and no cookie is no browser that somebody else's page could steer.
    """
    if request.headers.get("authorization", "").lower().startswith("bearer ") and not request.cookies:
        return
    require_own_form(settings, request, token, user_id, act)


def wants_json(request: Request) -> bool:
    """Whether a program asks."""
    return "application/json" in request.headers.get("accept", "")


async def _limited(request: Request) -> AsyncGenerator[bytes, None]:
    read = 0
    async for chunk in request.stream():
        read += len(chunk)
        if read > LIMIT_BYTES + _BESIDES:
            raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, "文件超过 20 MB 的上限，请删去图片和多余的内容")
        yield chunk


async def _whole(file: UploadFile) -> tuple[str, bytes]:
    return file.filename or "", await file.read()
