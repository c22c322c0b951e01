"""A list or text that a department delivers as it is to be published, or its nil report. No measures: words are given.

Reading the file whole, or refusing it, is ``rules.manuscripts``; this kind arranges what was read under the general
headings, tables and signature, and refuses what printing would change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from obligations.publications.wording import say_counting
from obligations.words.draft import TableColumn, TablePlan
from obligations.words.errors import BadInput
from obligations.words.material import GivenHeading, GivenParagraph, GivenPart, GivenTable, Manuscript
from obligations.words.publication import Analysis, PublicationKind, Snapshot

_AGAIN = "后重新放入收件夹。"
_ORDINALS = {
    1: re.compile(r"([一二三四五六七八九十]+)、\s*"),
    2: re.compile(r"[（(]([一二三四五六七八九十]+)[）)]\s*"),
    3: re.compile(r"(\d+)[.．、](?!\d)\s*"),
}
_ORDINAL_FORMS = {1: "{}、", 2: "（{}）", 3: "{}."}
_MOST_ORDINALS = 99
_CAPTION = re.compile(r"表\s*(\d+)?(?:[\s:：.．、]+|$)")
_NUMBER = re.compile(r"[+\-−－]?[\d,.]+[%％‰]?")
_NO_CONTENT = {"", "-", "—", "——", "/"}
_DATED = re.compile(r"[12]\d{3}年\d{1,2}月\d{1,2}日")
_TABLE_NAME = "明细表"


def arrange(manuscript: Manuscript, snapshot: Snapshot) -> Analysis:
    """Return the document's parts for the template, with headings and tables as they will be numbered.

    Raises BadInput for a heading or caption whose own number is not the one it would be printed with, and for a
    heading without content, which the final version would leave out.
    """
    if manuscript.nil_reason is not None:
        return Analysis({}, words={"nil_reason": manuscript.nil_reason, "own_title": None, "parts": []})
    parts = _captioned(manuscript.parts)
    problems = [*_empty_headings(parts), *_misnumbered_tables(parts)]
    printed: list[dict[str, Any]] = []
    tables: dict[str, TablePlan] = {}
    counts = [0, 0, 0]
    for part in parts:
        if isinstance(part, GivenHeading):
            counts[part.level - 1] += 1
            counts[part.level :] = [0] * (3 - part.level)
            text, problem = _without_ordinal(part, counts[part.level - 1])
            problems += [problem] if problem else []
            printed.append(_printed(f"heading_{part.level}", text))
        elif isinstance(part, GivenTable):
            name = f"t{len(tables) + 1}"
            tables[name] = _plan(part, several=_count_tables(parts) > 1)
            printed.append(_printed("table", name))
        else:
            printed.append(_printed("paragraph", part.text))
    if problems:
        raise BadInput(snapshot.file, tuple(f"文件 {snapshot.file} {problem}" for problem in problems))
    words = {"nil_reason": None, "own_title": manuscript.title, "parts": printed}
    return Analysis({}, tables, words, tuple(_warnings(parts)))


def _printed(form: str, text: str) -> dict[str, str | None]:
    forms = ("heading_1", "heading_2", "heading_3", "paragraph", "table")
    return {**dict.fromkeys(forms), form: text}


def _captioned(parts: Sequence[GivenPart]) -> list[GivenPart]:
    """Make a paragraph ``表1 …`` that stands right before a table without a caption its caption."""
    found: list[GivenPart] = []
    for part in parts:
        last = found[-1] if found else None
        if (
            isinstance(part, GivenTable)
            and not part.caption
            and isinstance(last, GivenParagraph)
            and _CAPTION.match(last.text)
        ):
            found[-1] = GivenTable(last.text, part.headers, part.rows)
        else:
            found.append(part)
    return found


def _without_ordinal(heading: GivenHeading, count: int) -> tuple[str, str | None]:
    """Return a heading without its own ordinal, which is counted anew when printed, and what is wrong with it."""
    if count > _MOST_ORDINALS:
        return heading.text, f"的同级标题超过 {_MOST_ORDINALS} 个；请减少标题{_AGAIN}"
    match = _ORDINALS[heading.level].match(heading.text)
    if match is None:
        return heading.text, None
    due = str(count) if heading.level == 3 else say_counting(count)
    rest = heading.text[match.end() :]
    if not rest:
        return rest, f"标题“{heading.text}”只有序号；请补上标题的文字{_AGAIN}"
    if match[1] == due:
        return rest, None
    wanted = _ORDINAL_FORMS[heading.level].format(due)
    return rest, f"标题“{heading.text}”的序号按先后应为“{wanted}”；请改正序号{_AGAIN}"


def _empty_headings(parts: Sequence[GivenPart]) -> Iterator[str]:
    for position, part in enumerate(parts):
        if isinstance(part, GivenHeading):
            following = parts[position + 1 :]
            own = next(
                (place for place, p in enumerate(following) if isinstance(p, GivenHeading) and p.level <= part.level),
                len(following),
            )
            if all(isinstance(p, GivenHeading) for p in following[:own]):
                yield f"标题“{part.text}”下面没有内容；请补上内容或删去标题{_AGAIN}"


def _count_tables(parts: Sequence[GivenPart]) -> int:
    return sum(isinstance(part, GivenTable) for part in parts)


def _misnumbered_tables(parts: Sequence[GivenPart]) -> Iterator[str]:
    """Name captions whose own number differs from the one that several tables are printed with."""
    tables = [part for part in parts if isinstance(part, GivenTable)]
    for number, table in enumerate(tables, start=1):
        match = _CAPTION.match(table.caption)
        if len(tables) > 1 and match and match[1] and int(match[1]) != number:
            yield f"第 {number} 个表格的题注“{table.caption}”按先后应为“表{number}”；请改正题注{_AGAIN}"


def _plan(table: GivenTable, *, several: bool) -> TablePlan:
    caption = _CAPTION.sub("", table.caption, count=1) if several else table.caption
    columns = tuple(
        TableColumn(header, "right" if _is_numeric([row[position] for row in table.rows]) else "left")
        for position, header in enumerate(table.headers)
    )
    return TablePlan(caption or _TABLE_NAME, "", columns, table.rows)


def _is_numeric(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip() not in _NO_CONTENT]
    return bool(filled) and all(_NUMBER.fullmatch(cell.strip()) for cell in filled)


def _warnings(parts: Sequence[GivenPart]) -> Iterator[str]:
    last = parts[-1]
    if isinstance(last, GivenParagraph) and (_DATED.fullmatch(last.text) or last.text.startswith(("（此件", "(此件"))):
        yield f"文末“{last.text}”似为来文自带的落款或附注，稿件另有落款，请核对是否重复。"


KIND = PublicationKind("submission", "部门报送的清单和文稿", None, (), None, arrange=arrange)
