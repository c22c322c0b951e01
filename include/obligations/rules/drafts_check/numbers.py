"""Compares every number of an edited draft with the data: changed, new, another item's, off by powers of ten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from obligations.rules.drafts_check.figures_file import Figures, Known
from obligations.rules.drafts_check.findings import ERROR, HINT, WARNING, Finding
from obligations.rules.drafts_check.subjects import Subjects, nearest
from obligations.rules.drafts_check.tokens import Token, rounded, says, scale_of, tokens_of
from obligations.rules.edited_word.pieces import BLANK, NUMBER, EditedWord, Grid, Line, Mark

_ORDINAL_COLUMNS = ("序号", "名次", "排名", "位次", "排序")
_PERCENT = {"%", "百分点"}
_LEAST_DIGITS = 3
"""Fewer significant digits are alike by chance."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A number of the file and the measures it states, one of them at least.

    Attributes:
        is_marked: its bookmark says which measure it is.
    """

    line: Line
    token: Token
    measures: tuple[Known, ...]
    is_marked: bool


@dataclass
class Numbers:
    """The numbers of one file, compared with one figures file.

    Attributes:
        given: texts and numbers by bookmark of a block that its draft had from people or the source, and no measure.
        stated: what was recognized; findings: everything else.
    """

    figures: Figures
    given: dict[str, frozenset[str]] = field(default_factory=dict)
    stated: list[Stated] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._units = {each.unit for each in self.figures.measures}
        self._bases = {scale_of(unit)[1] for unit in self._units}
        self._subjects = Subjects.of(self.figures)
        self._seen: set[str] = set()
        self._place = ""

    def compare(self, word: EditedWord) -> None:
        """Look at every number of the body in reading order."""
        for piece in word.pieces:
            if isinstance(piece, Line):
                self._place = piece.block() or self._place
                self._line(piece, is_cell=False)
            elif isinstance(piece, Grid):
                self._grid(piece)
        if any(mark.name.startswith(NUMBER) for line in word.lines() for mark in line.marks):
            self._gone()

    def _grid(self, grid: Grid) -> None:
        for row in grid.rows:
            for header, cell in zip(grid.headers, row, strict=True):
                counts = header.text.strip().endswith(_ORDINAL_COLUMNS)
                self._line(cell, is_cell=True, row=row[0].text, counts=counts)

    def _line(self, line: Line, *, is_cell: bool, row: str = "", counts: bool = False) -> None:
        tokens = tokens_of(line.text, self._units)
        marks = [mark for mark in line.marks if mark.name.startswith(NUMBER)]
        for mark in marks:
            self._marked(line, mark, [token for token in tokens if token.start < mark.end and token.end > mark.start])
        blanks = [mark for mark in line.marks if mark.name.startswith(BLANK)]
        for token in tokens:
            if any(token.start < mark.end and token.end > mark.start for mark in marks):
                continue
            if is_cell and (counts or token.text.strip() != line.text.strip()):
                continue  # an ordinal, or a name with a number in it
            if token.text in self.given.get(self._place, ()):
                continue
            around = [mark for mark in blanks if mark.start <= token.start and token.end <= mark.end]
            if not is_cell and self._is_offered(line, token, around):
                continue
            self._unmarked(line, token, is_cell=is_cell, in_blank=bool(around), row=row)

    def _marked(self, line: Line, mark: Mark, tokens: list[Token]) -> None:
        count = mark.name.removeprefix(NUMBER)
        known = self.figures.numbers.get(int(count)) if count.isdigit() else None
        found = line.text[mark.start : mark.end]
        if known is None or not found:
            return
        measure, printed = known
        outside = line.text[: mark.start][-1:].isdigit() or line.text[mark.end :][:1].isdigit()
        if found == printed and not outside:
            self._seen.add(measure.id)
            if tokens:
                self.stated.append(Stated(line, tokens[0], (measure,), is_marked=True))
            return
        shown = found if not tokens else max((token.text for token in tokens), key=len)
        signed = printed.startswith("-")
        if len(tokens) == 1 and not outside and says(tokens[0], measure.value, measure.unit, signed=signed):
            self._seen.add(measure.id)
            said = f"“{measure.label}”的写法由“{printed}”改为“{shown}”，数值一致，请确认单位和位数"
            self.findings.append(Finding(HINT, "number-rewritten", line.place, said, printed, shown, measure.id))
        elif len(tokens) == 1 and not outside and _is_rounding(tokens[0], measure):
            self._seen.add(measure.id)
            self.findings.append(_rounding(line, tokens[0], measure, printed))
        else:
            said = f"“{measure.label}”应为“{printed}”，稿中改成了“{shown}”；请恢复，或先更正数据再重新起草"
            self._seen.add(measure.id)
            self.findings.append(Finding(ERROR, "number-changed", line.place, said, printed, shown, measure.id))

    def _unmarked(self, line: Line, token: Token, *, is_cell: bool, in_blank: bool, row: str) -> None:
        measures = [
            each
            for each in self.figures.measures
            if says(token, each.value, each.unit, signed=is_cell) and (is_cell or _is_told(token, each))
        ]
        subject = self._subjects.before(row, len(row)) if is_cell else self._subjects.before(line.text, token.start)
        own = [each for each in measures if each.item == subject] if subject else []
        if measures:
            rivals = [] if own else self._rivals(measures, subject)
            if rivals and not is_cell:
                self.findings.append(_of_another(line, token, measures[0], rivals[0]))
                return
            self.stated.append(Stated(line, token, tuple(own or measures), is_marked=False))
            self._seen.update(each.id for each in own or measures)
        elif self.figures.measures:
            mine = [each for each in self.figures.measures if each.item == subject] if subject else []
            self.findings.append(self._unexplained(line, token, mine, in_blank=in_blank))

    def _is_offered(self, line: Line, token: Token, around: list[Mark]) -> bool:
        """Say whether the author kept a number that was offered; one taken out of its blank is pointed out."""
        own = {mark.name.removeprefix(BLANK) for mark in around}
        kept = {
            blank: each for blank, offered in self.figures.offered.items() for each in offered if _states(token, each)
        }
        if not kept or any(_states(token, each) for each in self.figures.measures):
            return False
        if not own & kept.keys():
            measure = next(iter(kept.values()))
            said = f"“{token.text}”是供填写参考的“{measure.label}”，现在不在原来的待填写栏内，请写明是推算"
            self.findings.append(Finding(HINT, "offer-moved", line.place, said, None, token.text, measure.id))
        return True

    def _rivals(self, measures: list[Known], subject: str | None) -> list[Known]:
        """Return the subject's own measures of the same kind, where the number is another item's."""
        if subject is None or any(not each.item for each in measures):
            return []
        kinds = {(each.role, each.unit) for each in measures}
        return [each for each in self.figures.measures if each.item == subject and (each.role, each.unit) in kinds]

    def _unexplained(self, line: Line, token: Token, mine: list[Known], *, in_blank: bool) -> Finding:
        everything = [*mine, *(each for each in self.figures.measures if each not in mine)]
        swapped = {"%": "百分点", "百分点": "%"}.get(token.unit)
        for each in everything:
            if swapped == each.unit and rounded(abs(each.value), token.places) == abs(token.value) and token.value:
                said = f"“{each.label}”的单位是{each.unit}，稿中写成了“{token.text}”；“%”和“百分点”不能混用"
                return Finding(ERROR, "unit-wrong", line.place, said, each.printed[0], token.text, each.id)
        for each in mine:
            if _is_rounding(token, each):
                return _rounding(line, token, each, each.printed[0])
        for each in everything:
            if _differs_by_tens(token, each):
                said = (
                    f"“{each.label}”为“{each.printed[0]}”，稿中写成“{token.text}”，相差10的整数次方；请核对小数点和单位"
                )
                return Finding(ERROR, "magnitude", line.place, said, each.printed[0], token.text, each.id)
        if in_blank:
            said = f"填写内容中的“{token.text}”在数据中没有依据，请填写人核对并留存出处"
            return Finding(WARNING, "number-in-answer", line.place, said, None, token.text)
        likely = nearest([each for each in mine if _same_sort(token, each)], line.text, token.start)
        compared = bool(token.unit) and scale_of(token.unit)[1] in self._bases
        advice = "请恢复为数据中的数，或先补充数据再重新起草"
        if likely is None:
            said = f"“{token.text}”在数据中没有依据；{advice}"
            grade = ERROR if compared or not token.unit else WARNING
            return Finding(grade, "number-unexplained", line.place, said, None, token.text)
        other = "；如是与上月（上期）相比，应写“环比”" if likely.basis and "同比" in line.text else ""
        said = f"“{token.text}”在数据中没有依据：“{likely.label}”为“{likely.shown}”{other}；{advice}"
        return Finding(ERROR, "number-unexplained", line.place, said, likely.shown, token.text, likely.id)

    def _gone(self) -> None:
        for each in self.figures.measures:
            if each.id not in self._seen and each.is_written:
                said = f"原稿中的“{each.label}”（{each.printed[0]}）已不在稿中，请确认是有意删去"
                self.findings.append(Finding(HINT, "number-gone", "全文", said, each.printed[0], None, each.id))


def given_of(texts: Iterator[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Return the numbers in texts that are no measure's, by bookmark of their block: (bookmark, text)."""
    found: dict[str, set[str]] = {}
    for place, text in texts:
        found.setdefault(place, set()).update(token.text for token in tokens_of(text))
    return {place: frozenset(numbers) for place, numbers in found.items()}


def _of_another(line: Line, token: Token, measure: Known, rival: Known) -> Finding:
    said = f"“{token.text}”是“{measure.label}”，不是这里所说的“{rival.label}”；后者为“{rival.shown}”"
    return Finding(ERROR, "number-of-another", line.place, said, rival.shown, token.text, rival.id)


def _rounding(line: Line, token: Token, measure: Known, printed: str) -> Finding:
    percent = measure.unit in _PERCENT
    verdict = "可能由未取整的数据算得，请核对" if percent else "属于四舍五入，可以保留"
    said = f"“{measure.label}”按数据计算为“{printed}”，稿中为“{token.text}”，只差末位一个单位，{verdict}"
    return Finding(WARNING if percent else HINT, "rounding", line.place, said, printed, token.text, measure.id)


def _is_rounding(token: Token, measure: Known) -> bool:
    """Say whether a number misses a computed one by one of its last digit; a count of people is exact."""
    factor, base = scale_of(measure.unit)
    own, mine = scale_of(token.unit)
    if not measure.is_rounded or (factor == 1 and measure.unit not in _PERCENT) or (token.unit and mine != base):
        return False
    stated = abs(measure.value) * factor / (own if token.unit else factor)
    least = Decimal(1).scaleb(-token.places)
    if token.places < measure.places:
        return False  # 29% for 28.8% would be right, 30% is not nearly
    return 0 < abs(rounded(stated, token.places) - abs(token.value)) <= least


def _states(token: Token, measure: Known) -> bool:
    return says(token, measure.value, measure.unit) and _is_told(token, measure)


def _is_told(token: Token, measure: Known) -> bool:
    """Say whether a number in a sentence may mean a measure: it has its unit, was printed so, or is no chance."""
    plain = {form.lstrip("-") for form in measure.printed}
    return bool(token.unit) or token.text.lstrip("-") in plain or len(_digits(token.value)) >= _LEAST_DIGITS


def _differs_by_tens(token: Token, measure: Known) -> bool:
    if token.unit and measure.unit and scale_of(token.unit)[1] != scale_of(measure.unit)[1]:
        return False
    own = scale_of(token.unit or measure.unit)[0] * abs(token.value)
    data = scale_of(measure.unit)[0] * abs(rounded(measure.value, measure.places))
    digits = _digits(own)
    return len(digits) >= _LEAST_DIGITS and digits == _digits(data) and own != data


def _digits(value: Decimal) -> str:
    return "".join(map(str, value.normalize().as_tuple().digits)).strip("0") if value else ""


def _same_sort(token: Token, measure: Known) -> bool:
    return not token.unit or scale_of(token.unit)[1] == scale_of(measure.unit)[1]
