"""Duties without a date: 实时更新, 动态调整, 长期公示, 持续公开 (CONTINUOUS); 及时, 定期, 适时 of a concrete thing (TIMELY).

Whether the thing is concrete, and which verb it is, is ``actions``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obligations.rules.plans.marks import Mark, Rank
from obligations.words.clocks import StandingClock

_KEPT = "更新|调整|管理|扩展|拓展|公开|发布|监测(?!数据)|监督|跟踪|跟进|维护|完善|展示|公示|清零"
_CONTINUOUS = re.compile(
    rf"(?:实时|滚动)(?:在线)?(?=(?:[^,;。、]{{0,4}}?)(?:{_KEPT}))|动态(?=(?:{_KEPT}|发布)(?!的))|长期(?=公示|公开)|持续(?=[^,;。]{{0,3}}?(?:推进|做好|公开|发布|开展|更新))"
    rf"|常年(?=公示|公开)|24小时(?=[^,;。]{{0,6}}?(?:监测|值守))|全天候(?=[^,;。]{{0,6}}?监测)|从20\d\d年(?:\d{{1,2}}月)?起|20\d\d年(?:\d{{1,2}}月)?起"
)
_TIMELY = re.compile(
    r"(?<!不)(?<!、)(?<!准确)(?:依法、)?(?:及时|定期|适时|第一时间|随时|即时)(?!性|、有效性|[,。;]|的?政务|随地)|根据(?:工作|处置)?进展(?:情况)?(?=公布|公开|发布)"
    r"|(?<=、)(?:及时|定期)(?=检查|整改|公开|发布|更新|通报|反馈|报送|调整)|(?<=实行)[^,;。、]{0,10}例行(?=新闻发布|发布会)|(?:建立|健全|完善|落实|坚持)[^,;。、]{0,12}例行(?=新闻发布|发布会)|(?<=依法)、及时、(?=公开|准确|透明)|(?<=有)、及时(?=发布|公开)"
)


def standing(text: str) -> Iterator[Mark]:
    """Yield the standing expressions of a sentence."""
    for match in _CONTINUOUS.finditer(text):
        yield Mark(
            match.start(), match.end(), StandingClock(kind="standing", rule="CONTINUOUS"), Rank.CONTINUOUS, match[0]
        )
    for match in _TIMELY.finditer(text):
        yield Mark(
            match.start(),
            match.end(),
            StandingClock(kind="standing", rule="TIMELY"),
            Rank.TIMELY,
            "例行" if match[0].endswith("例行") else match[0].strip("、"),
        )
