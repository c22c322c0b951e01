"""A press conference on a major incident, due within 24 hours: the notice to the press and the statement to be read.

The notice is only a stage: the duty is met when the conference was held, which the publishing step records.
"""

from __future__ import annotations

from obligations.publications.events import event_warnings, event_words
from obligations.words.occurrence import Event
from obligations.words.publication import Analysis, Blank, PublicationKind

BLANKS = (
    Blank("conference_time", "发布会时间（年月日、星期、时分）"),
    Blank("conference_place", "发布会地点（含详细地址）"),
    Blank("host", "主持人（单位、职务、姓名）"),
    Blank("speakers", "发布人（单位、职务、姓名）"),
    Blank("registration", "采访报名方式（截止时间、联系人、电话）"),
    Blank("place", "事件发生地点（写到乡镇、路名）"),
    Blank("casualties", "截至发布时已核实的伤亡、失联情况；尚未核实的写“人员伤亡情况正在核查”"),
    Blank("measures", "投入的救援力量和处置进展"),
    Blank("next_steps", "次生灾害监测、善后和后续工作安排"),
)


def describe(event: Event) -> Analysis:
    """Return the words of the event for the template, and warnings to the author."""
    return Analysis({}, {}, event_words(event), event_warnings(event))


KIND = PublicationKind("press-conference", "新闻发布会通知和发布词", None, BLANKS, None, describe)
