"""The first authoritative information on a major incident, due within 5 hours: written from the event's own fields.

It says when, where, what, verified casualties, what was done, that the cause is under investigation, and who publishes.
It never states a cause and never names a person.
"""

from __future__ import annotations

from obligations.publications.events import event_warnings, event_words
from obligations.words.occurrence import Event
from obligations.words.publication import Analysis, Blank, PublicationKind

BLANKS = (
    Blank("place", "发生地点（写到乡镇、路名）"),
    Blank("casualties", "已核实的伤亡情况；尚未核实的写“人员伤亡情况正在核查”"),
    Blank("measures", "已采取的处置措施（启动的应急预案、投入的救援力量、到场负责人职务）"),
    Blank("aftercare", "善后和救助安排，没有的留空", required=False),
)


def describe(event: Event) -> Analysis:
    """Return the words of the event for the template, and warnings to the author."""
    return Analysis({}, {}, event_words(event), event_warnings(event))


KIND = PublicationKind("incident-bulletin", "突发事件情况通报", None, BLANKS, None, describe)
