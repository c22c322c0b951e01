"""From an analysis and a template to the document model, and answers into its blanks. Renders nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from obligations.steps.rendering.cleaning import clean_answer
from obligations.steps.rendering.markup import Page
from obligations.steps.rendering.template import run_template
from obligations.steps.rendering.vocabulary import Vocabulary
from obligations.words.draft import (
    BlankRun,
    Block,
    Chart,
    DocumentModel,
    Heading,
    Note,
    Paragraph,
    Run,
    Runs,
    Signature,
    Table,
    TextRun,
)
from obligations.words.errors import TemplateFault, UnusableInput
from obligations.words.publication import Analysis, Blank
from obligations.words.times import say_day

_STOPS = "。；，、：！？"


def compose(
    name: str, source: str, analysis: Analysis, blanks: tuple[Blank, ...], words: Mapping[str, object], publisher: str
) -> Page:
    """Run a template over an analysis and return title, subtitle and blocks.

    Args:
        name: of the template, for messages.
        source: its text.
        analysis: of the data or the event.
        blanks: what the publication kind lets it leave open.
        words: further words of the occurrence (region, publisher, data_source).
        publisher: who signs.

    Raises TemplateFault naming the template and what is wrong.
    """
    vocabulary = Vocabulary(analysis.measures, blanks, analysis.tables, analysis.charts)
    text = run_template(name, source, vocabulary, {**analysis.words, **words})
    page = Page(vocabulary, analysis.tables, analysis.charts, publisher)
    try:
        page.read(text)
    except TemplateFault as error:
        raise TemplateFault(f"模板 {name}：{error}") from error
    return page


def answered(document: DocumentModel, answers: Mapping[str, str | None]) -> DocumentModel:
    """Return the document with the answers in its blanks; an empty answer leaves its blank as it was.

    Raises UnusableInput for an answer that has no blank in this document, is too long or holds an open blank itself.
    """
    blanks = {blank.name: blank for blank in document.blanks()}
    stray = [name for name, answer in answers.items() if name not in blanks and (answer or "").strip()]
    if stray:
        raise UnusableInput(f"本稿没有这些待填写栏：{'、'.join(stray)}；应为：{'、'.join(blanks) or '（无）'}")
    cleaned = {name: clean_answer(blanks[name], answers.get(name)) for name in blanks}

    def fill(runs: Runs) -> Runs:
        return tuple(
            replace(run, answer=_fitted(cleaned[run.name], runs[position + 1 :]) or run.answer)
            if isinstance(run, BlankRun)
            else run
            for position, run in enumerate(runs)
        )

    return replace(document, blocks=tuple(_mapped(block, fill) for block in document.blocks))


def finished(document: DocumentModel, dated: date) -> DocumentModel:
    """Return the document as it goes out, dated, without unanswered optional blanks and what held only them.

    With such a blank goes the stop behind it; a paragraph left empty goes, and a heading left without content.
    """
    blocks = [_mapped(block, _without_unanswered) for block in document.blocks]
    kept = [block for block in blocks if not isinstance(block, Paragraph | Note) or _has_words(block.runs)]
    needed = [
        block
        for position, block in enumerate(kept)
        if not isinstance(block, Heading) or _has_content(block, kept[position + 1 :])
    ]
    signed = [replace(block, date=say_day(dated)) if isinstance(block, Signature) else block for block in needed]
    return replace(document, final=True, dated=dated.isoformat(), blocks=tuple(signed))


def _mapped(block: Block, change: Callable[[Runs], Runs]) -> Block:
    if isinstance(block, Table):
        return replace(block, rows=tuple(tuple(change(cell) for cell in row) for row in block.rows))
    if isinstance(block, Chart):
        return block  # it has figures, never a blank
    return block if isinstance(block, Signature) else replace(block, runs=change(block.runs))


def _fitted(answer: str | None, following: Runs) -> str | None:
    """Drop the answer's own full stop where the template goes on with one."""
    after = following[0] if following else None
    stopped = isinstance(after, TextRun) and after.text.startswith(tuple(_STOPS))
    return answer.rstrip(_STOPS + ".;,") if answer and stopped else answer


def _without_unanswered(runs: Runs) -> Runs:
    kept: list[Run] = []
    dropped = False
    for run in runs:
        if isinstance(run, BlankRun) and run.answer is None:
            dropped = True
            continue
        if dropped and isinstance(run, TextRun):
            run = replace(run, text=run.text[1:] if run.text.startswith(tuple(_STOPS)) else run.text)
        dropped = False
        kept.append(run)
    return tuple(run for run in kept if not isinstance(run, TextRun) or run.text)


def _has_words(runs: Runs) -> bool:
    return any(not isinstance(run, TextRun) or run.text.strip(_STOPS + " ") for run in runs)


def _has_content(heading: Heading, following: list[Block]) -> bool:
    """Say whether anything but headings, notes or the signature stands before the next heading of its rank."""
    for block in following:
        if isinstance(block, Heading) and block.level <= heading.level:
            return False
        if isinstance(block, Signature):
            return False
        if not isinstance(block, Heading):
            return True
    return False
