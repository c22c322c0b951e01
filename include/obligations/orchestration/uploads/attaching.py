"""Attaches a file to an occurrence as proof or record: the signed approval form, a screenshot, a log of the site, a receipt.

What a file is, its content says, never its name. Whether the person may is the door's to ask.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Literal, get_args

from obligations.orchestration.uploads.classified import REASON, record_classified
from obligations.orchestration.uploads.keeping import LIMIT_BYTES, keep, spoken_name
from obligations.orchestration.uploads.receiving import ClassifiedRefused, UploadRefused
from obligations.orchestration.work import Work
from obligations.rules.delivery import Delivery
from obligations.rules.drafts_check.leftovers import secrecy_findings
from obligations.rules.edited_word.reading import read_edited
from obligations.steps.ledger import Draft, EventKind
from obligations.words.errors import UnusableInput

What = Literal["approval_form", "screenshot", "site_log", "receipt", "record", "other"]
SAID: dict[What, str] = {
    "approval_form": "信息发布审批单",
    "screenshot": "页面截图",
    "site_log": "网站日志",
    "receipt": "回执或签收记录",
    "record": "会议或办理记录",
    "other": "其他材料",
}
MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".ofd": "application/ofd",
}
_SAME = {".jpeg": ".jpg"}
_MOST_PARTS = 5000


def attach(work: Work, data: bytes, name: str, what: What, person: str, now: datetime) -> str:
    """Keep a file with the occurrence and return its SHA-256; the same file as the same thing again changes nothing.

    An approval form belongs to the version that is there now. Raises UploadRefused for what is too large or is no PDF,
    JPG, PNG, DOCX or OFD, BadInput for a Word file that must not be opened, ClassifiedRefused for one with a mark of
    secrecy, UnusableInput for an occurrence that the ledger does not know.
    """
    if what not in get_args(What):
        raise UploadRefused(
            f"附件种类“{what}”无法识别，应为：{'、'.join(f'{code}（{said}）' for code, said in SAID.items())}"
        )
    if work.ledger.occurrence(work.key, work.period) is None:
        raise UnusableInput(f"台账中没有 {work.key} 的 {work.period} 这一期，不能登记附件")
    said_name = spoken_name(name)
    suffix = _require_type(data, said_name)
    if suffix == ".docx":
        _require_unclassified(work, data, said_name, person, now)
    version = _version_of(work) if what == "approval_form" else None
    path, sha256 = keep(data, work.settings.store)
    payload = {"what": what, "name": said_name, "sha256": sha256, "path": str(path), "size": len(data)}
    if version is not None:
        payload |= {"version": version.version, "draft_sha256": version.sha256}
    once = f"attached:{what}:{sha256}" + (f":{version.sha256}" if version else "")
    work.ledger.append(
        work.key,
        work.period,
        EventKind.ATTACHED,
        happened_at=now,
        recorded_at=now,
        person=person,
        payload=payload,
        once=once,
    )
    return sha256


def type_of(data: bytes) -> str | None:
    """Return the suffix that the content of a file gives it, None for what may not be attached."""
    if data.startswith(b"%PDF-"):
        return ".pdf"
    if data.startswith(b"\xff\xd8\xff"):
        return ".jpg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    if data.startswith(b"PK\x03\x04"):
        return _type_of_package(data)
    return None


def _type_of_package(data: bytes) -> str | None:
    """Look at the directory of an archive; nothing is expanded."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    if len(names) > _MOST_PARTS:
        return None
    return ".docx" if "word/document.xml" in names else ".ofd" if "OFD.xml" in names else None


def _require_type(data: bytes, name: str) -> str:
    if not data:
        raise UploadRefused(f"文件 {name} 是空文件，没有内容")
    if len(data) > LIMIT_BYTES:
        raise UploadRefused(f"文件 {name} 有 {len(data) / 1024 / 1024:.1f} MB，超过 20 MB 的上限，请压缩或分开上传")
    suffix = f".{name.rpartition('.')[2].lower()}"
    suffix = _SAME.get(suffix, suffix)
    found = type_of(data)
    if found is None or found != suffix:
        is_what = f"，内容是 {found}" if found else ""
        raise UploadRefused(f"文件 {name} 不是可以登记的附件{is_what}；应为 PDF、JPG、PNG、DOCX 或 OFD，后缀与内容一致")
    return found


def _require_unclassified(work: Work, data: bytes, name: str, person: str, now: datetime) -> None:
    """Look for a mark of secrecy in what can be read; a scan's picture cannot."""
    word = read_edited(data, Delivery(name, again="重新上传"))
    if findings := secrecy_findings(word):
        record_classified(work, person, now)
        raise ClassifiedRefused(f"{REASON}。{findings[0].said}", findings)


def _version_of(work: Work) -> Draft:
    drafts = [draft for draft in work.ledger.drafts(work.key, work.period) if draft.state != "final"]
    if not drafts:
        raise UploadRefused(f"{work.key} {work.period} 还没有稿件，审批单不知属于哪一版；请等草稿形成后再上传")
    return drafts[-1]
