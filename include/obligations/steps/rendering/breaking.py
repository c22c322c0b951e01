"""Where a title or a table head may be broken: at the end of a word, never inside a number, a date or brackets.

A title of several lines is a trapezoid or a lozenge whose lines are whole in sense (GB/T 9704-2012, 7.3.1). Widths are in
full-width characters. How lines are drawn belongs to the renderers.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import combinations, pairwise

from obligations.steps.rendering.title_words import CLINGING, JOINING, LONGEST, OPENING_WORDS, PLACE_ENDS, WORDS

TITLE_CHARACTERS = 19.5
"""What a line of 2号 (22 pt) holds of 156 mm, with a little air."""
MOST_LINES = 4
_NEVER = 10_000
_GOOD, _JOINED, _FAIR, _POOR, _BAD = 0, 2, 3, 14, 30
"""What a break costs: behind a clause or in front of brackets; beside 和; between words; inside what no list has, at two
characters and at one."""
_UNBROKEN = re.compile(
    r"第?[0-9０-９][0-9０-９.,，%％—～\-]*(?:年度?|个?月份?|日|时|分|周|季度|期|号|次|场|批)?"
    r"(?:第?[0-9一二三四上下前—～\-]+(?:个?月|日|时|周|季度|半年))*"
    r"|[一二三四上下前]+(?:季度|半年)|[A-Za-z][A-Za-z0-9 .&+/\-]*"
)
_OPENING, _CLOSING = "（《“‘〔【［(<[", "）》”’〕】］)>]"
_STOPS = "、，。；：！？…·"
_CANDIDATES = 16
"""Most places that are tried at once: the cheapest."""


def title_lines(title: str, most: float = TITLE_CHARACTERS) -> tuple[str, ...]:
    """Return the lines of a title; one where it fits on one, or where there is nowhere to break it."""
    if width_of(title) <= most:
        return (title,)
    costs = break_costs(title)
    places = sorted(sorted(costs, key=lambda place: (costs[place], place))[:_CANDIDATES])
    best: tuple[float, tuple[int, ...]] | None = None
    for count in range(2, MOST_LINES + 1):
        for chosen in combinations(places, count - 1):
            widths = [width_of(title[start:end]) for start, end in pairwise((0, *chosen, len(title)))]
            if max(widths) > most:
                continue
            cost = sum(costs[place] for place in chosen) + _shape(widths) + 12 * (count - 2)
            if best is None or cost < best[0]:
                best = (cost, chosen)
    if best is None:
        return (title,)  # the renderer breaks it wherever it must
    return tuple(title[start:end] for start, end in pairwise((0, *best[1], len(title))))


def _shape(widths: list[float]) -> float:
    """Return what a shape costs: an hourglass most, a line far shorter than the longest much, equal lines a little."""
    longest, shortest = max(widths), min(widths)
    cost = 10 * ((longest - shortest) / longest) ** 2
    if shortest < 5:
        cost += 25
    middles = zip(widths[:-2], widths[1:-1], widths[2:], strict=True)
    if any(middle < min(before, after) for before, middle, after in middles):
        cost += 30
    return cost + (1 if longest == shortest else 0)


def break_costs(text: str) -> dict[int, int]:
    """Return what a break before each character costs; places where none may be are left out."""
    costs: dict[int, int] = {}
    tokens = _tokens(text)
    place, depth = 0, 0
    for (token, is_word), (following, follows_word) in pairwise([*tokens, ("", False)]):
        if not is_word:
            for offset in range(1, len(token)):
                if not depth:
                    costs[place + offset] = _POOR if offset % 2 == 0 else _BAD
        place += len(token)
        depth += sum(character in _OPENING for character in token) - sum(character in _CLOSING for character in token)
        if not following or depth > 0:
            continue
        costs[place] = _between(token, is_word, following, follows_word)
    return {place: cost for place, cost in costs.items() if cost < _NEVER and not _is_glued(text, place)}


def _between(before: str, is_word: bool, after: str, follows_word: bool) -> int:
    """Return the cost of a break between two tokens."""
    if before in OPENING_WORDS:
        return _NEVER
    if after in CLINGING:
        return _BAD if after == "情况" else _NEVER
    if before[-1] in _STOPS or before[-1] in _CLOSING or before == "的" or after[0] in _OPENING:
        return _GOOD
    if after in JOINING or before in JOINING:
        return _JOINED
    if _UNBROKEN.fullmatch(before) or (not is_word and before[-1] in PLACE_ENDS):
        return _GOOD
    return _FAIR if is_word or follows_word else _POOR


def _is_glued(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    return (
        before in _OPENING
        or (before.isascii() and after.isascii())  # read back, the end of a line there would be a space between words
        or after in _CLOSING
        or after in _STOPS
        or before.isspace()
        or after.isspace()
        or unicodedata.category(after)[0] in {"M", "C"}
        or unicodedata.category(before)[0] == "C"
    )


def _tokens(text: str) -> list[tuple[str, bool]]:
    """Return the text in tokens, and whether each is read as one: words of the list, numbers with their unit, signs."""
    tokens: list[tuple[str, bool]] = []
    unknown = ""
    place = 0
    while place < len(text):
        found = _token_at(text, place)
        if found:
            if unknown:
                tokens += _named(unknown)
                unknown = ""
            tokens.append((found, True))
            place += len(found)
        else:
            unknown += text[place]
            place += 1
    return tokens + (_named(unknown) if unknown else [])


def _token_at(text: str, place: int) -> str:
    if (match := _UNBROKEN.match(text, place)) and match[0]:
        return match[0]
    for opening in OPENING_WORDS:
        if text.startswith(opening, place):
            return opening
    if text[place] in JOINING or text[place] in _STOPS or text[place] in _OPENING + _CLOSING or text[place] == "的":
        return text[place]
    longest = min(LONGEST, len(text) - place)
    return next(
        (text[place : place + size] for size in range(longest, 1, -1) if text[place : place + size] in WORDS), ""
    )


def _named(unknown: str) -> list[tuple[str, bool]]:
    """Return what no list has, parted behind the ends of names: 演示省, 演示市."""
    parts, start = [], 0
    for place, character in enumerate(unknown[:-1], start=1):
        if character in PLACE_ENDS and place - start > 1:
            parts.append((unknown[start:place], False))
            start = place
    return [*parts, (unknown[start:], False)]


@lru_cache(maxsize=4096)
def width_of(text: str) -> float:
    """Return how wide a text is at most, in full-width characters: letters and digits are wider in some fonts."""
    return sum(_width(character) for character in text)


@lru_cache(maxsize=4096)
def _width(character: str) -> float:
    if not character.isascii():
        return 0.0 if unicodedata.category(character)[0] in {"M", "C"} else 1.0
    if character.isupper() or character in "%@&#+=<>":
        return 0.75 if character not in "MW%@" else 0.95
    return 0.56 if character.isalnum() else 0.4


@lru_cache(maxsize=4096)
def words_of(head: str) -> tuple[str, ...]:
    """Return a table head in pieces that are never broken: words, and what no list has two characters at a time."""
    places = sorted(place for place, cost in break_costs(head).items() if cost <= _POOR)
    return tuple(head[start:end] for start, end in pairwise((0, *places, len(head))))


@lru_cache(maxsize=4096)
def head_lines(head: str, count: int) -> tuple[str, ...]:
    """Return a table head in ``count`` lines of about equal length, in fewer where it has not so many words."""
    words = words_of(head)
    count = min(count, len(words))
    return min(
        (
            tuple("".join(words[start:end]) for start, end in pairwise((0, *chosen, len(words))))
            for chosen in combinations(range(1, len(words)), count - 1)
        ),
        key=lambda lines: max(map(width_of, lines)),
    )
