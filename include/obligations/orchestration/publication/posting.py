"""Asks for the address where a person has put the publication on the official site, and enters it under their name.

What is entered is a claim: that the page is there, and since when, is proved by ``proving`` or vouched for.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from obligations.orchestration.metrics import Counter, count
from obligations.orchestration.publication.channels import allowed_hosts, channel_for
from obligations.orchestration.publication.delivering import (
    corrected_address,
    package_of,
    publications_of,
    require_public,
)
from obligations.orchestration.review.answers import POSTED, Answer, AnswerRefused, instant_of, require
from obligations.orchestration.review.finishing import finalized
from obligations.orchestration.review.forms import CLASSIFIED, Form, derivation, say_limit
from obligations.orchestration.review.markdown import plain
from obligations.orchestration.review.progress import overrides, require_approved
from obligations.orchestration.runs.claims import require_claim
from obligations.orchestration.runs.trace import find_final
from obligations.orchestration.work import Work
from obligations.rules.occurrences import earliest_fulfilment
from obligations.rules.public_addresses import unfit
from obligations.steps.publish import read_parcel
from obligations.words.times import say_instant

POSTING = "登记发布网址"


def ask_post(work: Work, now: datetime) -> Form:
    """Say what to post, from which folder and where to; raises NotApproved while the review is not through."""
    require_public(work)
    final = finalized(work, now)
    parcel = read_parcel(Path(final.folder), final.sha256)
    hosts = sorted(allowed_hosts(work))
    corrects = corrected_address(work, final.sha256)
    parts = [
        f"**{CLASSIFIED}**",
        f"**{plain(parcel.title)}**　第{final.version}版　{work.obligation.jurisdiction.watermark or ''}",
        f"审签已完成。请用下列发布包在网站上发布（渠道：{plain(channel_for(work).name)}），发布后登记网址；登记人对真实性负责。",
        "\n".join(
            (
                f"- 公开时限：{say_limit(work, now)}",
                f"- 发布包：{plain(str(package_of(work, final.sha256)))}",
                f"- 网站：{plain('、'.join(hosts)) if hosts else '不限，须为公开网站'}",
            )
        ),
        "### 发布包中的文件\n" + "\n".join(f"- {plain(name)}" for name in sorted(parcel.files)),
    ]
    if corrects:
        parts.append(f"### 更正\n本版更正已发布的 {plain(corrects)}，请在原网页上替换，并注明更正。")
    parts.append("系统以登记的时刻为准；网页上的发布时间早于登记时刻的，另行核验或者提供佐证后采信。")
    parts.append(derivation(work))
    return Form(f"{POSTING}：{parcel.title}（第{final.version}版）", "\n\n".join(parts), POSTED)


def answer_post(work: Work, answer: Answer, now: datetime) -> None:
    """Enter the publication under the person's name, as of the answer; the time that they claim is kept apart.

    Raises AnswerRefused for an address that cannot be a public page of the channel's sites, or a time that cannot be.
    """
    require_claim(work)
    require_public(work)
    require(answer, POSTED)
    address = answer.fields["address"]
    if why := unfit(address, allowed_hosts(work)):
        raise AnswerRefused(f"网址 {address[:200]} 不能登记：{why}")
    final, known = finalized(work, now), work.ledger.events(work.key, work.period)
    seq = work.ledger.register_publication(
        work.key,
        work.period,
        version=final.version,
        sha256=final.sha256,
        address=address,
        evidence={
            "files": read_parcel(Path(final.folder), final.sha256).hashes,
            "package": str(package_of(work, final.sha256)),
            "note": answer.fields.get("note", ""),
            **overrides(known, final.version),
        },
        happened_at=answer.at,
        recorded_at=now,
        person=answer.person,
        channel=channel_for(work).name,
        claimed_at=_claimed_at(work, answer),
        corrects=corrected_address(work, final.sha256),
    )
    if seq > len(known):
        count(Counter.PUBLISHED)


def is_posted(work: Work) -> bool:
    """Whether the ledger holds an address of the approved version: a person entered it, or the channel delivered itself.

    Raises NotApproved while the review is not through.
    """
    final = find_final(work, require_approved(work))
    return final is not None and bool(publications_of(work, final.sha256))


def _claimed_at(work: Work, answer: Answer) -> datetime | None:
    if not answer.fields.get("claimed_at"):
        return None
    claimed = instant_of(answer.fields["claimed_at"], "网页上的发布时间")
    if claimed > answer.at:
        raise AnswerRefused(
            f"网页上的发布时间 {say_instant(claimed)} 晚于登记时刻 {say_instant(answer.at)}，只能登记已经发布的网页"
        )
    if claimed < (began := earliest_fulfilment(work.obligation, work.occurrence, work.event)):
        raise AnswerRefused(f"网页上的发布时间 {say_instant(claimed)} 早于事项开始的 {say_instant(began)}，请核对")
    return claimed
