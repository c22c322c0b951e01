"""What is told of the ranked places of a month: their ranks, the ends of each indicator, and who rose and fell."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from obligations.publications.analysis import direction, largest_first
from obligations.publications.environment_indicators import AIR, GOOD_DAYS, RATE
from obligations.publications.environment_lines import NOW, Observation
from obligations.publications.environment_ranking import noun_of
from obligations.publications.measuring import Reading, finite
from obligations.publications.wording import rounded

if TYPE_CHECKING:
    from obligations.publications.environment_indicators import Indicator
    from obligations.publications.environment_lines import Places
    from obligations.publications.environment_ranking import Ranking
    from obligations.publications.measuring import Measures

ENDS = 3
"""How many ranks are named at either end where there are more than twice as many."""
Told = dict[str, Any]
"""What the template tells of one thing: names, words and measure ids by meaning, None for no number."""


def told_ranking(
    measures: Measures, key: str, ranking: Ranking | None, places: Places, told: dict[str, dict[str, Told]]
) -> Told | None:
    """Add the ranks; return the rule, how many are ranked, and the groups of equals: all, or those at either end."""
    if ranking is None:
        return None
    names = list(ranking.placings)
    cells = {place: [cell for by in ranking.by for cell in places[place][by.name].cells(NOW)] for place in names}
    groups: dict[int, Told] = {}
    for place, placing in ranking.placings.items():
        how = Reading("rank", "", ranking.rule(), (), "名", 0)
        value = Decimal(placing.rank)
        found = measures.add(f"rank.{key}.{place}", f"{place}名次", value, how, cells[place])
        first = {"rank": found, "names": [], "value": told[place][ranking.by[0].name]["now"]}
        groups.setdefault(placing.rank, first)["names"].append(place)
    noun, ordered = noun_of(names), list(groups.values())
    few = len(ordered) <= 2 * ENDS
    how = Reading("count", "", f"参加排名的{noun}个数", (), f"个{noun}", 0)
    everyone = [cell for place in names for cell in cells[place]]
    count = measures.add(f"rank.{key}.count", f"参加排名的{noun}个数", Decimal(len(names)), how, everyone)
    return {
        "by": ranking.by[0].header,
        "rule": ranking.rule(),
        "noun": noun,
        "count": count,
        "all": ordered if few else [],
        "best": [] if few else ordered[:ENDS],
        "worst": [] if few else ordered[: -ENDS - 1 : -1],
    }


def compared(
    measures: Measures, ranking: Ranking | None, places: Places, told: dict[str, dict[str, Told]]
) -> list[Told]:
    """Return, an indicator of air, the lowest and the highest of the ranked places, and how many fell, rose, stayed."""
    if ranking is None:
        return []
    noun, found = noun_of(list(ranking.placings)), []
    for each in AIR:
        here = {place: places[place][each.name] for place in ranking.placings if each.name in places[place]}
        if len(here) < 2 or (each is GOOD_DAYS and all(RATE.name in places[place] for place in here)):
            continue  # nothing to compare, or told by the share already
        ids = {place: told[place][each.name] for place in here}
        shown = {place: rounded(one.now, each.places) for place, one in here.items()}
        low, high = (
            [place for place in here if shown[place] == end] for end in (min(shown.values()), max(shown.values()))
        )
        found.append(
            {
                "name": f"{each.said}浓度" if each.limit else each.said,
                "rising": each.words[0],
                "falling": each.words[1],
                "lowest": {"names": low, "value": ids[low[0]]["now"]},
                "highest": {"names": high, "value": ids[high[0]]["now"]},
                "equal": low == high,
                **_moves(measures, each, here, ids, noun),
            }
        )
    return found


def _moves(
    measures: Measures, indicator: Indicator, here: dict[str, Observation], ids: dict[str, Told], noun: str
) -> Told:
    """Return how many fell, rose and stayed as printed, and who fell and rose most; who is not compared counts nowhere."""
    changes = {place: value for place, one in here.items() if (value := finite(one.change()[0])) is not None}
    ordered = largest_first(changes)
    cells = [cell for place in ordered for cell in here[place].change()[2]]
    moved: Told = {"fell_most": None, "rose_most": None}
    for name, sign, word in (("fell", -1, indicator.words[1]), ("rose", 1, indicator.words[0]), ("stayed", 0, "持平")):
        those = [place for place in ordered if direction(changes[place], 1) == sign]
        how = Reading(name, "", f"同比按一位小数计{word}的{noun}个数", (), f"个{noun}", 0)
        label = f"{indicator.name}同比{word}的{noun}个数"
        count = Decimal(len(those)) if those else None
        moved[name] = measures.add(f"moves.{indicator.name}.{name}", label, count, how, cells)
        if sign and those:
            most = rounded(changes[those[0]], 1)
            names = [place for place in those if rounded(changes[place], 1) == most]
            moved[f"{name}_most"] = {"names": names, "yoy": ids[those[0]]["yoy"]}
    return moved
