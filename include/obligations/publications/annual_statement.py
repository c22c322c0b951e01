"""The yearly statement of punctuality: the same lines and measures as the monthly 通报, over a year and month by month."""

from __future__ import annotations

from obligations.publications.accountability import CONTRACT, analyse
from obligations.words.publication import Blank, PublicationKind

BLANKS = (
    Blank("assessment", "全年工作评价和存在的主要问题"),
    Blank("next_year", "下一年度整改和工作要求"),
)
KIND = PublicationKind("annual-statement", "政务公开事项按期办理情况年度统计（内部）", CONTRACT, BLANKS, analyse)
