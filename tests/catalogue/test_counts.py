"""How many duties each document orders, by kind of clock and by duty: a change here is a change of reading."""

from collections import Counter

from obligations.orchestration.settings import PACKAGE
from obligations.rules.catalogue import load

CATALOGUE = load(PACKAGE / "catalogue").obligations
BY_KIND = {
    "heilongjiang": {"recurring": 6, "event": 12, "deadline": 1, "quota": 5, "standing": 38},
    "shandong": {"recurring": 18, "event": 17, "deadline": 6, "quota": 1, "standing": 52},
    "dingtao": {"recurring": 15, "event": 18, "deadline": 6, "quota": 1, "standing": 52},
    "hebi": {"recurring": 3, "event": 13, "deadline": 3, "quota": 5, "standing": 13},
    "daqing": {"recurring": 4, "event": 2, "deadline": 7, "standing": 12},
    "altay": {"recurring": 4, "event": 19, "deadline": 8, "quota": 2, "standing": 8},
    "zhoushan": {"recurring": 5, "event": 6, "deadline": 17, "quota": 5, "standing": 55},
    "demo": {"recurring": 5, "event": 3},
}


def test_each_jurisdiction_has_exactly_these_kinds():
    found: dict[str, Counter[str]] = {}
    for obligation in CATALOGUE.values():
        found.setdefault(obligation.jurisdiction.slug, Counter())[obligation.clock.kind] += 1
    assert {slug: dict(kinds) for slug, kinds in found.items()} == BY_KIND


def test_the_seven_documents_order_this_many_duties():
    assert sum(sum(kinds.values()) for slug, kinds in BY_KIND.items() if slug != "demo") == 439


def test_no_two_entries_of_a_jurisdiction_share_a_title():
    titles = Counter((obligation.jurisdiction.slug, obligation.title) for obligation in CATALOGUE.values())
    assert [title for title, times in titles.items() if times > 1] == []
