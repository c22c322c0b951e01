"""What a sentence orders: the verb that a time expression governs, its thing, and the duty that follows from both."""

from __future__ import annotations

import re

from obligations.rules.plans.marks import Mark, Rank
from obligations.rules.plans.sentences import Span
from obligations.words.obligation import Duty

_ACT = re.compile(
    r"公开|公布|发布|公示|公告|通报|披露|更新|调整|解读|回应|澄清|发声|总结|推广|提出|报送|上报|报告|督促检查|检查|督查|抽查|清理|审查|评审"
    r"|评估|召开|举行|刊登|制定|编制|修订|转为|转载|提供|答复|反馈|让公众|让群众|传递给|推送|说明|标注|报道|整改|监测|送交|跟进|附上|报批|审签"
    r"|起草|部署|推进|上网|发行|联动|报备|开设|研判|告知|参加|出席|检测|监督|管理|扩展|拓展|设立|完善|听取|征求|征集|做好|公平竞争审查|开展|维护|组织|展示|备案|举办|抽检|录入|备查"
)
_STRICT = re.compile(
    r"公开|公布|发布|公示|公告|通报|披露|更新|调整|解读|回应|澄清|发声|总结|推广|提出|报送|上报|报告|督促检查|检查|督查|抽查|清理|审查|评审|评估"
    r"|召开|举行|刊登|制定|编制|修订|转为|转载|提供|答复|反馈|让公众|让群众|传递给|推送|标注|报道|整改|监测|送交|抽检|主动公开|举办|说明|公平竞争审查|对外发声"
)
_MADE = re.compile(r"公开|公布|发布|编制|制定|形成|明确|推进")
_GENERIC = re.compile(
    r"回应[^,;。]{0,4}(?:社会)?(?:各界|公众|群众|民众|企业|各方)?(?:和[^,;。]{0,4})?(?:关切|关注|关心|诉求|热点|需求|$)|回应(?:社会|各方|公众|企业|群众)|回应和解决"
)
_POINTED = re.compile(r"针对|密切关注|征集|涉及")
_SILENT = re.compile(r"发声(?:[,、。;]|$)")
_TO_REPORT = re.compile(r"报送|上报|报备|报[省市县区行国地](?!道|告)|抄送|报同级|书面报")
_INTERPRET = re.compile(r"解读|吹风|宣讲|政策问答|同步联动|传递给")
_RESPOND = re.compile(r"回应|答复|澄清|发声|权威信息|权威消息|回复|处置进展")
_PUBLISH = re.compile(
    r"公开|公布|发布|公示|公告|披露|刊登|更新|转载|上网|发行|更新发布|推送|通报|让公众|新闻发布会|对外"
)
_BUILD = re.compile(
    r"(?:平台|系统|网站群|数据库|网站|客户端|专栏|矩阵|窗口|专区|应用|渠道|电子版)[^,;。]{0,14}(?:建设|建成|建立|改造|互联互通|支持|加入|升级|优化|丰富|提供)|全联通|(?:建设|建成|建立|改造|升级|优化|开发|丰富|创办)[^,;。]{0,24}(?:平台|系统|数据库|应用|矩阵|专区|电子版)|互联网协议|IPv6|全部加入"
)
_INTERNAL = re.compile(
    r"汇报|领导小组|培训|轮训|考核|督查|检查|抽查|审查|评估|审核|总结|工作机制|纳入(?!政府信息公开)|听取|方案(?!.{0,40}公开)|监测|监督|清理(?!.{0,20}公[布开])"
)


def act_of(text: str, mark: Mark, segments: list[Span]) -> Span | None:
    """Return the verb a mark governs: in its segment, for weaker words a verb of making public; else in the next ones."""
    pattern = _STRICT if mark.rank is Rank.TIMELY else _ACT
    if mark.words in {"年度", "年报"}:
        begun = next((piece.start for piece in segments if piece.end > mark.start), 0)
        ordered = _MADE.search(text, begun, mark.start)
        if ordered:
            return Span(ordered.start(), ordered.end())
    inside = [piece for piece in segments if piece.end > mark.start]
    if not inside:
        return None
    for number, piece in enumerate(inside):
        if number and (mark.rank is Rank.TIMELY or (mark.rank is Rank.DEADLINE and mark.end < inside[0].end)):
            return None
        found = pattern.search(text, max(piece.start, mark.end), piece.end)
        if found:
            return Span(found.start(), found.end())
    return None


def why_vague(text: str, mark: Mark, act: Span, segment: Span) -> str | None:
    """Say why a standing expression orders nothing concrete; None if it does."""
    if mark.rank is not Rank.TIMELY:
        return None
    before = re.split(r"[,;]", text[: segment.start].rstrip(","))[-1]
    pointed = _POINTED.search(before + text[segment.start : act.start]) is not None
    said = text[act.start : segment.end]
    if _GENERIC.match(said) and not pointed:
        return "泛指回应关切，没有写明具体事项"
    if _SILENT.match(said) and not pointed:
        return "“发声”没有写明针对什么"
    return None


def duty_of(quote: str, *, quota: bool = False) -> Duty:
    """Return the duty that the words of a quote amount to."""
    if _TO_REPORT.search(quote) and not re.search(r"(?:报送|上报)[^,;。]{0,10}(?:制度|机制)", quote):
        return Duty.REPORT_UP
    if quota and _INTERNAL.search(quote) and not re.search(r"更新|解读", quote):
        return Duty.INTERNAL
    published = _PUBLISH.search(quote)
    if _INTERPRET.search(quote) and not re.search(r"公开和解读|发布解读|公布解读|及时公开|报批", quote):
        return Duty.INTERPRET
    if _RESPOND.search(quote):
        return Duty.RESPOND
    if published and not re.search(
        r"(?:方案|材料)一?并?报|政务公开(?:工作|机构|领导|宣传|培训|业务)[^,;。]{0,12}(?:汇报|评价|人员|活动)?$", quote
    ):
        return Duty.PUBLISH
    if _BUILD.search(quote):
        return Duty.BUILD
    return Duty.INTERNAL
