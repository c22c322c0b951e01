"""Takes the final version to the public by the channel of its duty, once, and says so in the ledger. Approves nothing.

A task that was killed between the delivery and the ledger delivers again: every channel knows the version by its SHA-256
and gives the same page. Asking a person for an address is ``posting``, proving that the page is there ``proving``.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from airflow.sdk import ObjectStoragePath

from obligations.orchestration.metrics import Counter, count
from obligations.orchestration.publication.channels import channel_for, drop_folder, site_api
from obligations.orchestration.review.progress import overrides
from obligations.orchestration.work import Work
from obligations.rules.channels import public_address
from obligations.rules.wording import say_duty, say_fulfilment
from obligations.steps.ledger import Draft, LedgerEvent
from obligations.steps.publish import Delivered, Parcel, post, publish, read_parcel, upload
from obligations.words.channels import Channel
from obligations.words.errors import NotPublishable
from obligations.words.evidence import Publication
from obligations.words.times import parse_instant


def deliver(work: Work, final: Draft, now: datetime) -> Publication | None:
    """Publish the final version by its channel, or lay its package ready where a person posts it: then None.

    Raises NotPublishable if the duty may not reach the public, the folder is not exactly what was approved or the channel
    refuses it, ChannelDown where trying again later may succeed, UnusableInput for a connection that is not whole.
    """
    require_public(work)
    channel = channel_for(work)
    parcel = read_parcel(Path(final.folder), final.sha256, corrected_address(work, final.sha256))
    if (known := _published(work, final.sha256, channel)) is not None:
        return Publication(known.payload["address"], final.sha256, parcel.hashes, known.happened_at)
    delivered = _by_channel(work, channel, parcel, Path(final.folder), now)
    if delivered is None:
        return None
    claimed = delivered.receipt.get("published_at")
    work.ledger.register_publication(
        work.key,
        work.period,
        version=final.version,
        sha256=final.sha256,
        address=delivered.address,
        evidence={
            "files": parcel.hashes,
            "receipt": delivered.receipt,
            **overrides(work.ledger.events(work.key, work.period), final.version),
        },
        happened_at=delivered.acknowledged_at,
        recorded_at=max(now, delivered.acknowledged_at),
        channel=channel.name,
        claimed_at=parse_instant(claimed) if claimed else None,
        corrects=parcel.corrects,
    )
    count(Counter.PUBLISHED)
    return Publication(delivered.address, final.sha256, parcel.hashes, delivered.acknowledged_at)


def require_public(work: Work) -> None:
    """Raise NotPublishable if the duty may not reach the public."""
    if not work.obligation.may_reach_the_public:
        raise NotPublishable(
            f"{work.key} 的职责是{say_duty(work.obligation.duty)}，以{say_fulfilment(work.obligation.fulfilment)}为完成，"
            "不得通过公开渠道发布"
        )


def package_of(work: Work, sha256: str) -> ObjectStoragePath:
    """Return the 发布包 folder of a version, whether it is there or not."""
    channel = channel_for(work)
    root = ObjectStoragePath(channel.root if channel.type == "package" and channel.root else work.settings.package_root)
    return root / work.obligation.jurisdiction.slug / work.obligation.slug / work.period / sha256[:16]


def corrected_address(work: Work, sha256: str) -> str | None:
    """Return the address of the publication that this version replaces (更正); None for the first, or after a withdrawal."""
    address: str | None = None
    for event in work.ledger.events(work.key, work.period):
        if event.kind == "published" and event.payload["sha256"] != sha256:
            address = event.payload["address"]
        elif event.kind == "withdrawn":
            address = None
    return address


def publications_of(work: Work, sha256: str) -> tuple[LedgerEvent, ...]:
    """Return the events by which a version went public, by whatever channel."""
    return tuple(
        event
        for event in work.ledger.events(work.key, work.period)
        if event.kind == "published" and event.payload["sha256"] == sha256
    )


def _published(work: Work, sha256: str, channel: Channel) -> LedgerEvent | None:
    return next(
        (event for event in publications_of(work, sha256) if event.payload.get("channel") == channel.name), None
    )


def _by_channel(work: Work, channel: Channel, parcel: Parcel, folder: Path, now: datetime) -> Delivered | None:
    """Deliver; None where nobody has published yet."""
    connection = channel.connection or ""
    if channel.type == "site_api":
        return post(parcel, site_api(connection), now=now)
    address = _address(work, channel, parcel.sha256)
    if channel.type == "sftp":
        with drop_folder(connection) as server:
            return upload(parcel, server, channel.root or "", address or "", now=now)
    made = publish(folder, parcel.sha256, package_of(work, parcel.sha256), now=now)
    receipt: dict[str, Any] = {"package": made.address}
    return None if channel.type == "manual" else Delivered(address or made.address, now, receipt)


def _address(work: Work, channel: Channel, sha256: str) -> str | None:
    return public_address(channel.address, work.obligation, work.period, sha256) if channel.address else None
