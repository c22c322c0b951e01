"""Drafts of every kind: what they say, what they refuse, and that the same input is the same bytes."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import zipfile
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from pathlib import Path

import docx
import pytest

from obligations.publications.registry import NAMES
from obligations.publications.wording import FALLING, RISING
from obligations.steps.draft import draft, fill, read
from obligations.steps.rendering.text import plain_text, table_csv
from obligations.words.draft import BlankRun, DocumentModel, NumberRun, Table, TableColumn, TextRun
from obligations.words.errors import BadInput, NotPublishable, TemplateFault, UnusableInput

GOLDEN = Path(__file__).parents[1] / "golden"
UPDATE = os.environ.get("OBLIGATIONS_TEST_UPDATE_GOLDEN") == "1"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FROM_DATA = (
    "drinking-water-quarterly", "economic-indicators", "environment-monthly", "epidemic-monthly", "fiscal-monthly",
    "grain-purchase-five-daily", "land-price-quarterly", "land-supply-quarterly", "social-assistance-quarterly",
    "soe-indicators", "wholesale-prices-weekly",
)  # fmt: skip

# Where digits may stand without a measure, beside answers and texts of the source: dates and periods, the ordinals of
# headings, notes and tables, and the version of the draft.
EXCEPTED = re.compile(
    r"\d{4}年|第\d+周|\d+(?:—\d+)?月|\d+日|\d+时|\d+分|表\d+|^(?:注：)?\d+\.|第\d+稿|\d{4}-\d\d-\d\d", re.MULTILINE
)


@pytest.fixture
def made(case, tmp_path):
    def make(name, folder="draft", event=None, data=None, **how):
        found = case(name, data=data, **({"event": event} if event else {}))
        how.setdefault("version", 1)
        how.setdefault("created_at", found.occurrence.opens_at)
        return draft(*found.arguments, out=tmp_path / folder, **how)

    return make


@pytest.fixture
def finished(made, case, tmp_path):
    def make(name, **how):
        version = made(name, **how)
        return fill(version.folder, case(name).answers(version.blanks), tmp_path / "final", dated=date(2026, 9, 12))

    return make


def model(version):
    return DocumentModel.from_json((version.folder / "model.json").read_bytes())


def figures(version):
    return json.loads((version.folder / "figures.json").read_bytes())


def docx_lines(version, *, without_numbers=False, without_answers=False):
    """Return header, paragraphs and table rows of the Word file in order, bookmarked numbers and answers left out or not."""
    document = docx.Document(version.folder / "document.docx")
    dropped = ("n_",) * without_numbers + ("f_",) * without_answers
    lines = [paragraph.text for paragraph in document.sections[0].header.paragraphs]
    for element in document.element.body:
        if element.tag == f"{W}p":
            lines.append(paragraph_text(element, dropped))
        elif element.tag == f"{W}tbl":
            for row in element.iter(f"{W}tr"):
                cells = [
                    "".join(paragraph_text(part, dropped) for part in cell.iter(f"{W}p")) for cell in row.iter(f"{W}tc")
                ]
                lines.append("｜".join(cells))
    return lines


def paragraph_text(paragraph, dropped):
    text, open_marks = [], {}
    for element in paragraph.iter():
        if element.tag == f"{W}bookmarkStart":
            open_marks[element.get(f"{W}id")] = element.get(f"{W}name")
        elif element.tag == f"{W}bookmarkEnd":
            open_marks.pop(element.get(f"{W}id"))
        elif element.tag == f"{W}t" and not any(name.startswith(dropped) for name in open_marks.values() if dropped):
            text.append(element.text or "")
    return "".join(text)


class Page(HTMLParser):
    """The text of a page line by line; what stands in ``<data>`` and in a blank is kept apart.

    A chart's drawing is left out: every number in it stands in the table beside it, too.
    """

    HIDDEN = frozenset({"style", "footer", "svg"})
    BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "tr", "li", "div", "caption", "title", "b", "small"})

    def __init__(self, data):
        super().__init__()
        self.lines, self.numbers, self.bare, self.blanks = [""], [], [""], []
        self.outside, self._stack, self._hidden = [], [], 0
        self.feed(data.decode())
        self.close()

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag in {"link", "script", "img", "iframe"} or found.get("src"):
            self.outside.append(tag)
        if tag in {"meta", "link"}:
            return
        self._stack.append((tag, found))
        if tag in self.HIDDEN:
            self._hidden += 1
        if tag in {"th", "td"} and self.lines[-1]:
            self.lines[-1] += "｜"
        if tag in self.BLOCKS:
            self.lines.append("")
            self.bare.append("")

    def handle_endtag(self, tag):
        if self._stack and self._stack[-1][0] == tag:
            self._stack.pop()
        if tag in self.HIDDEN:
            self._hidden -= 1

    def handle_data(self, data):
        if self._hidden:
            return
        text = data.replace("\n", "")
        self.lines[-1] += text
        tag, found = self._stack[-1] if self._stack else ("", {})
        if tag == "data":
            self.numbers.append((found["data-measure"], found["value"], text))
        elif "data-field" in found:
            self.blanks.append(text)
        else:
            self.bare[-1] += text


def page(version):
    return Page((version.folder / "page.html").read_bytes())


def golden(name, text):
    """Compare with the golden file; OBLIGATIONS_TEST_UPDATE_GOLDEN=1 writes it anew instead."""
    file = GOLDEN / name
    if UPDATE:
        file.write_text(text, "utf-8")
    assert file.is_file(), f"no golden file {name}: set OBLIGATIONS_TEST_UPDATE_GOLDEN=1 once, read it, keep it"
    assert text == file.read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_word_draft_reads_as_its_golden_text(name, made):
    golden(f"{name}.draft.docx.txt", "\n".join(docx_lines(made(name))) + "\n")


@pytest.mark.parametrize("name", NAMES)
def test_the_published_page_reads_as_its_golden_text(name, finished):
    lines = [line.strip() for line in page(finished(name)).lines]
    golden(f"{name}.final.html.txt", "\n".join(line for line in lines if line) + "\n")


@pytest.mark.parametrize("name", NAMES)
def test_the_cover_note_reads_as_its_golden_text(name, made):
    version = made(name)
    lines = [line.strip() for line in Page((version.folder / "cover_note.html").read_bytes()).lines]
    golden(f"{name}.cover_note.html.txt", "\n".join(line for line in lines if line) + "\n")


@pytest.mark.parametrize("name", FROM_DATA)
def test_every_printed_number_is_its_measure_at_the_printed_precision(name, made):
    version = made(name)
    for measure in figures(version)["measures"]:
        value, step = Decimal(measure["value"]), Decimal(1).scaleb(-measure["places"])
        for place in measure["printed"]:
            number = Decimal(re.match(r"-?[\d,.]+", place["printed"])[0].replace(",", ""))
            if place["printed"].endswith("倍"):
                assert number == abs(value / 100)
            elif number < 0:
                assert number == value.quantize(step, ROUND_HALF_UP)
            else:
                assert number == abs(value).quantize(step, ROUND_HALF_UP)


@pytest.mark.parametrize("name", FROM_DATA)
def test_figures_list_every_number_of_the_document_in_order(name, made):
    version = made(name)
    listed = {
        place["number"]: (measure["id"], place["printed"])
        for measure in figures(version)["measures"]
        for place in measure["printed"]
    }
    runs = [run for runs in model(version).each_runs() for run in runs if isinstance(run, NumberRun)]
    assert [listed[count] for count in sorted(listed)] == [(run.measure, run.printed) for run in runs]
    assert [(found, text) for found, _, text in page(version).numbers] == [(run.measure, run.printed) for run in runs]


@pytest.mark.parametrize("name", FROM_DATA)
def test_every_figure_names_its_source_cells_and_address(name, made):
    for measure in figures(made(name))["measures"]:
        assert measure["formula"]
        for cell in measure["inputs"]:
            assert cell["row"] >= 2
            assert len(cell["sha256"]) == 64
            assert cell["value"] not in {"", "None"}
        assert all(address.startswith("http") for address in measure["addresses"])
        assert measure["addresses"]


def without_known_texts(version, lines):
    """Strip from lines what the model says came from the source or is a proper name, longest first."""
    texts = [
        run.text
        for runs in model(version).each_runs()
        for run in runs
        if isinstance(run, TextRun) and run.origin in {"given", "name"}
    ]
    joined = "\n".join(lines)
    for text in sorted(set(texts), key=len, reverse=True):
        joined = joined.replace(text, "")
    return EXCEPTED.sub("", joined)


def unexplained(version, text):
    """Return what is left of a text of a version without what its open blanks offer, each number of it a listed measure."""
    listed = {(entry["blank"], entry["id"]): entry for entry in figures(version)["offered"]}
    for blank in model(version).blanks():
        assert [(blank.name, run.measure) in listed for run in blank.offered] == [True] * len(blank.offered)
        words, rest = "".join(blank.suggestion.split()), ""
        for run in blank.offered:
            assert run.printed in listed[blank.name, run.measure]["printed"]
            before, found, words = words.partition(run.printed)
            assert found, f"{run.printed} is not offered where it is said to be"
            rest += before
        if blank.suggestion:
            text = text.replace("".join(blank.suggestion.split()), rest + words)
    return text


@pytest.mark.parametrize("name", NAMES)
def test_no_number_in_word_lacks_a_measure(name, made):
    version = made(name)
    lines = docx_lines(version, without_numbers=True)
    text = unexplained(version, "\n".join(lines))
    assert not re.findall(r".*\d.*", without_known_texts(version, text.split("\n")))


@pytest.mark.parametrize("name", NAMES)
def test_no_number_on_the_page_of_a_draft_lacks_a_measure(name, made):
    version = made(name)
    found = page(version)
    text = unexplained(version, "\n".join([*found.bare, *found.blanks]))
    assert not re.findall(r".*\d.*", without_known_texts(version, text.split("\n")))


@pytest.mark.parametrize("name", NAMES)
def test_no_number_of_the_document_lacks_a_measure(name, made):
    """For the PDF, which says what the document says and nothing else (``test_pdf``), as do its charts (``test_charts``)."""
    version = made(name)
    for runs in model(version).each_runs():
        for run in runs:
            assert not isinstance(run, TextRun) or run.origin != "words" or not re.search(r"\d", run.text), run
            if isinstance(run, BlankRun):
                rest = unexplained(version, "".join(run.suggestion.split()))
                assert not re.search(r"\d", EXCEPTED.sub("", rest)), run
    listed = {measure["id"] for measure in figures(version)["measures"]}
    assert {run.measure for runs in model(version).each_runs() for run in runs if isinstance(run, NumberRun)} == listed


OFFERING = ("economic-indicators", "grain-purchase-five-daily", "land-price-quarterly", "soe-indicators")


@pytest.mark.parametrize("name", OFFERING)
def test_what_is_offered_inside_a_blank_is_listed_with_formula_and_source_and_in_the_cover_note(name, made):
    version = made(name)
    offered = figures(version)["offered"]
    (blank,) = [blank for blank in model(version).blanks() if blank.offered]
    assert {entry["blank"] for entry in offered} == {blank.name}
    assert {entry["id"] for entry in offered}.isdisjoint(measure["id"] for measure in figures(version)["measures"])
    note = "".join(Page((version.folder / "cover_note.html").read_bytes()).lines)
    for entry in offered:
        assert entry["formula"]
        assert entry["inputs"]
        assert entry["addresses"]
        step = Decimal(1).scaleb(-entry["places"])
        for printed in entry["printed"]:
            number = Decimal(re.match(r"-?[\d,.]+", printed)[0].replace(",", ""))
            assert number == Decimal(entry["value"]).quantize(step, ROUND_HALF_UP)
        assert f"{blank.label}｜{entry['label']}｜{entry['printed'][0]}" in note


def test_of_what_was_offered_only_what_the_author_kept_is_published(made, tmp_path):
    version = made("soe-indicators")
    answers = dict.fromkeys(version.open_blanks, "由于甲乙两项变化。")
    kept, *others = figures(version)["offered"]
    answers[kept["blank"]] = f"预计占全年的{kept['printed'][0]}左右，此外1{others[0]['printed'][0]}不是它。"
    assert [each["id"] for each in figures(fill(version.folder, answers, tmp_path / "f"))["offered"]] == [kept["id"]]
    answers[kept["blank"]] = "总体平稳。"
    assert figures(fill(version.folder, answers, tmp_path / "g"))["offered"] == []
    assert figures(fill(version.folder, answers, tmp_path / "h", final=False))["offered"] == figures(version)["offered"]


@pytest.mark.parametrize("name", NAMES)
def test_no_number_on_the_page_lacks_a_measure(name, finished):
    version = finished(name)
    assert not re.findall(r".*\d.*", without_known_texts(version, page(version).bare))


def signs(document):
    """Yield the word before each number of a sentence with the number."""
    for block in document.blocks:
        if isinstance(block, Table) or not hasattr(block, "runs"):
            continue
        before = ""
        for run in block.runs:
            if isinstance(run, NumberRun):
                yield before, run
                before = ""
            elif isinstance(run, TextRun):
                before += run.text


@pytest.mark.parametrize(
    ("name", "month"),
    [
        *(("fiscal-monthly", month) for month in range(1, 7)),
        ("land-supply-quarterly", 0),
        ("wholesale-prices-weekly", 0),
        ("drinking-water-quarterly", 0),
        ("environment-monthly", 0),
        ("grain-purchase-five-daily", 0),
    ],
)
def test_signs_never_contradict_words(name, month, case, tmp_path):
    found = case(name)
    period = found.occurrence.period
    if month:
        period = replace(period, key=f"2017-{month:02}", start=date(2017, month, 1))
    occurrence = replace(found.occurrence, period=period)
    arguments = (found.obligation, occurrence, *found.arguments[2:])
    version = draft(*arguments, version=1, out=tmp_path / "d", created_at=occurrence.opens_at)
    told = 0
    for before, run in signs(model(version)):
        word = re.sub(r"(序时进度|增幅)$", "", before)
        value = Decimal(run.value)
        if word.endswith(RISING):
            assert value > 0, (before, run)
            told += 1
        elif word.endswith(FALLING):
            assert value < 0, (before, run)
            assert "-" not in run.printed
            told += 1
        elif value < 0:
            assert re.search(r"在$|～$", word), f"a negative number without a word for it: {before}{run.printed}"
    assert told
    assert not re.search(r"(增长|下降|增加|减少|增收|减收|增支|减支)-", version.text)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_input_gives_the_same_bytes(name, made):
    first, second = made(name, "first"), made(name, "second")
    assert first.sha256 == second.sha256
    for file in {**first.files, **first.kept}:
        assert (first.folder / file).read_bytes() == (second.folder / file).read_bytes(), file


def test_another_number_gives_another_version(made, case):
    changed = (Path(__file__).parents[2] / "include/obligations/demo/fiscal.csv").read_bytes()
    changed = changed.replace(b"258912", b"258913")
    assert made("fiscal-monthly").sha256 != made("fiscal-monthly", "other", data=changed).sha256


@pytest.mark.parametrize("name", NAMES)
def test_the_manifest_names_every_file_with_its_hash(name, made):
    version = made(name)
    assert {path.name for path in version.folder.iterdir()} == {*version.files, *version.kept, "manifest.json"}
    assert read(version.folder) == version


@pytest.mark.parametrize("name", NAMES)
def test_a_draft_is_marked_and_a_final_version_is_clean_but_for_the_watermark(name, made, finished):
    drafted = made(name)
    assert "送审稿" in "".join(docx_lines(drafted))
    assert "送审稿" in "".join(page(drafted).lines)
    final = finished(name)
    for file in ("document.docx", "page.html"):
        text = "".join(docx_lines(final)) if file.endswith("docx") else (final.folder / file).read_text("utf-8")
        assert "送审稿" not in text
        assert "待填写" not in text
        assert "演示数据" in text
    assert figures(final)["watermark"] == "演示数据"
    assert not set(final.kept) & {"cover_note.docx", "cover_note.html"}


@pytest.mark.parametrize("name", NAMES)
def test_a_jurisdiction_without_a_watermark_publishes_without_one(name, case, tmp_path):
    found = case(name)
    real = found.obligation.model_copy(
        update={"jurisdiction": found.obligation.jurisdiction.model_copy(update={"watermark": None})}
    )
    drafted = draft(real, *found.arguments[1:], version=1, out=tmp_path / "d", created_at=found.occurrence.opens_at)
    final = fill(drafted.folder, found.answers(drafted.blanks), tmp_path / "f")
    with zipfile.ZipFile(final.folder / "document.docx") as package:
        everything = b"".join(package.read(name) for name in package.namelist())
    for mark in ("送审稿", "演示数据", "watermark"):
        assert mark.encode() not in everything + (final.folder / "page.html").read_bytes().replace(b".watermark", b"")


@pytest.mark.parametrize("name", NAMES)
def test_a_required_blank_left_open_is_not_publishable(name, made, tmp_path):
    version = made(name)
    if not version.open_blanks:
        assert fill(version.folder, {}, tmp_path / "final").final
        return
    with pytest.raises(NotPublishable, match="还有必填内容没有填写"):
        fill(version.folder, {}, tmp_path / "final")
    assert not (tmp_path / "final").exists()


def test_answers_stand_in_the_text_where_the_blank_was(finished):
    final = finished("fiscal-monthly")
    assert "演示填写：后期财政收入走势预判。" in docx_lines(final)
    assert final.blanks[0].answer.startswith("演示填写")
    assert final.open_blanks == ()


def test_an_unanswered_optional_blank_goes_with_its_heading_and_the_next_takes_its_number(made, tmp_path):
    version = made("fiscal-monthly")
    answers = dict.fromkeys(version.open_blanks, "由于甲乙两项变化。")
    lines = docx_lines(fill(version.folder, answers, tmp_path / "final"))
    assert "三、后期收入走势预判" in lines
    assert not any("社会关注" in line for line in lines)
    assert "由于甲乙两项变化。" in lines  # one full stop, the answer's or the template's


def test_an_optional_blank_inside_a_sentence_leaves_the_sentence_whole(made, tmp_path):
    version = made("incident-bulletin")
    final = fill(version.folder, {"casualties": "人员伤亡情况正在核查"}, tmp_path / "final")
    assert "目前，事件原因正在调查中。后续情况将及时发布。" in docx_lines(final)


def test_filling_gives_what_drafting_with_the_answers_gives(made, case, tmp_path):
    name = "fiscal-monthly"
    version = made(name)
    answers = case(name).answers(version.blanks)
    filled = fill(version.folder, answers, tmp_path / "filled", dated=date(2026, 9, 20))
    drafted = made(name, "at-once", answers=answers, final=True, dated=date(2026, 9, 20))
    assert filled.text == drafted.text
    for file in ("document.docx", "page.html", "figures.json"):
        assert filled.files[file] == drafted.files[file]
    assert model(filled).based_on == version.sha256


def test_the_day_of_signing_is_printed_below_the_department(finished):
    lines = docx_lines(finished("fiscal-monthly"))
    assert lines[lines.index("演示单位财政局") + 1] == "2026年9月12日"


def test_answers_can_be_kept_without_finishing(made, tmp_path):
    version = made("fiscal-monthly")
    kept = fill(version.folder, {"outlook": "总体平稳"}, tmp_path / "kept", final=False)
    assert "outlook" not in kept.open_blanks
    assert kept.open_blanks
    assert "送审稿" in "".join(docx_lines(kept))
    assert "cover_note.docx" in kept.kept


def test_a_draft_cannot_be_overwritten_by_its_filling(made):
    version = made("fiscal-monthly")
    with pytest.raises(UnusableInput, match="另一个文件夹"):
        fill(version.folder, {}, version.folder)


@pytest.mark.parametrize("file", ["model.json", "document.docx", "figures.json"])
def test_a_draft_changed_after_it_was_made_is_not_filled(file, made, tmp_path):
    version = made("fiscal-monthly")
    (version.folder / file).write_bytes((version.folder / file).read_bytes() + b" ")
    with pytest.raises(NotPublishable, match=f"稿件文件 {file} 被改动或缺失"):
        fill(version.folder, {}, tmp_path / "final")


def test_an_answer_for_no_blank_of_this_draft_is_refused(made, tmp_path):
    version = made("incident-bulletin")  # measures were reported, so that blank is not open
    with pytest.raises(UnusableInput, match="本稿没有这些待填写栏：measures"):
        fill(version.folder, {"casualties": "无", "measures": "另有措施"}, tmp_path / "final")


@pytest.mark.parametrize(
    ("answer", "message"), [("长" * 2001, "应不超过2000字"), ("见【待填写：原因】", "应改为实际内容")]
)
def test_answers_that_do_not_fit_are_refused(answer, message, made, tmp_path):
    version = made("fiscal-monthly")
    with pytest.raises(UnusableInput, match=message):
        fill(version.folder, {"outlook": answer}, tmp_path / "final")


def test_an_answer_of_nothing_but_space_leaves_the_blank_open(made, tmp_path):
    version = made("fiscal-monthly")
    kept = fill(version.folder, {"outlook": " \n\u200b"}, tmp_path / "kept", final=False)
    assert "outlook" in kept.open_blanks


HOSTILE = (
    "<script>alert(1)</script>甲",
    "{{ 7 * 7 }}{% for x in y %}",
    "\ue0000\ue001\ue002乙",
    "## 丙\n[[表:accounts]]\n【落款】",
    "丁\x00\x0b\u202e\u200b戊",
    "=HYPERLINK(1)]]>&amp;<b>己</b>",
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_answers_are_plain_text_everywhere(hostile, made, case, tmp_path):
    version = made("fiscal-monthly")
    answers = {**case("fiscal-monthly").answers(version.blanks), "outlook": hostile}
    final = fill(version.folder, answers, tmp_path / "final")
    source = (final.folder / "page.html").read_text("utf-8")
    assert "<script" not in source
    assert "<b>己" not in source
    blank = next(blank for blank in final.blanks if blank.name == "outlook")
    assert any(blank.answer in line for line in docx_lines(final))
    assert blank.answer in "".join(page(final).lines)
    assert len(final.text) < len(version.text) + 300


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_fields_of_an_event_are_plain_text_everywhere(hostile, made, case):
    event = case("incident-bulletin").source
    event = replace(event, title=f"事故{hostile}", fields={**event.fields, "summary": hostile, "lead": hostile})
    version = made("incident-bulletin", event=event)
    source = (version.folder / "page.html").read_text("utf-8")
    assert "<script" not in source
    assert "<b>己" not in source
    assert len(model(version).blocks) == 5
    assert "49" not in version.text
    docx_lines(version)  # opens


def test_hostile_names_in_the_data_are_plain_text_everywhere(made, case):
    rows = [
        ("周期", "起始日期", "截止日期", "类别", "品种", "单位", "上周", "本周", "去年同期"),
        ("2020-W14", "2020-03-27", "2020-04-03", "<b>蔬菜</b>", "=cmd|' /C calc'!A0", "元/公斤", "2", "3", "1"),
        ("2020-W14", "2020-03-27", "2020-04-03", "[[表:prices-1]]", "{{ n('all.rose') }}", "元/公斤", "2", "1", "1"),
    ]
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    version = made("wholesale-prices-weekly", data=stream.getvalue().encode())
    assert "<b>蔬菜" not in (version.folder / "page.html").read_text("utf-8")
    assert "{{ n('all.rose') }}" in version.text
    assert sum(isinstance(block, Table) for block in model(version).blocks) == 2
    table = list(csv.reader(io.StringIO((version.folder / "table-prices-1.csv").read_text("utf-8-sig"))))
    assert table[1][0].startswith("'=")


def test_an_event_that_brings_an_open_blank_of_its_own_cannot_be_finished(made, case, tmp_path):
    event = case("incident-bulletin").source
    event = replace(event, fields={**event.fields, "summary": "【待填写：简况】"})
    version = made("incident-bulletin", event=event)
    with pytest.raises(NotPublishable, match="正文还有“【待填写”字样"):
        fill(version.folder, {"casualties": "正在核查"}, tmp_path / "final")


def test_data_that_contradict_themselves_write_nothing(made, tmp_path):
    data = (Path(__file__).parents[2] / "include/obligations/demo/fiscal.csv").read_text("utf-8")
    with pytest.raises(BadInput):
        made("fiscal-monthly", data=data.replace("2017-06", "2016-06").encode())
    assert not (tmp_path / "draft").exists()


def test_a_kind_without_its_template_says_where_to_put_it(made, tmp_path):
    with pytest.raises(TemplateFault, match=r"没有模板 fiscal-monthly\.j2"):
        made("fiscal-monthly", templates=tmp_path)


def test_an_event_kind_is_not_drafted_from_data_nor_a_data_kind_from_an_event(case, tmp_path):
    data, event = case("fiscal-monthly"), case("incident-bulletin")
    for mixed in (
        (*data.arguments[:4], event.source),
        (event.obligation, event.occurrence, event.kind, data.snapshot, data.source),
    ):
        with pytest.raises(UnusableInput, match="起草"):
            draft(*mixed, version=1, out=tmp_path / "d", created_at=data.occurrence.opens_at)


def test_tables_are_published_as_plain_numbers_that_open_in_a_spreadsheet(made):
    data = (made("fiscal-monthly").folder / "table-accounts.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[0]["累计数"] == "258912"
    assert rows[5]["同口径增减（%）"] == ""


def test_no_head_and_no_cell_that_a_person_typed_into_a_table_is_a_formula():
    typed = ((TextRun("-甲", "given"),),)
    data = table_csv(Table("t", "t", None, "表", "", (TableColumn("=HYPERLINK(1)"),), (typed,)))
    assert data.decode("utf-8-sig") == "'=HYPERLINK(1)\r\n'-甲\r\n"


@pytest.mark.parametrize("name", NAMES)
def test_the_page_asks_nothing_of_other_servers(name, made):
    version = made(name)
    found = page(version)
    source = (version.folder / "page.html").read_text("utf-8")
    assert found.outside == []
    assert not re.search(r"url\((?!#)", source)  # a chart refers to its own parts
    assert "@import" not in source
    assert '<html lang="zh-CN">' in source
    assert all(f'name="{field}"' in source for field in ("ArticleTitle", "ContentSource", "Author"))


@pytest.mark.parametrize("name", NAMES)
def test_the_model_is_read_back_as_it_was_written(name, made):
    version = made(name)
    data = (version.folder / "model.json").read_bytes()
    assert DocumentModel.from_json(data).as_json() == data
    assert plain_text(DocumentModel.from_json(data)) == version.text


@pytest.mark.parametrize("name", NAMES)
def test_every_blank_a_template_opens_is_declared_and_shown_with_its_label(name, made, case):
    version = made(name)
    declared = {blank.name: blank for blank in case(name).kind.blanks}
    assert bool(version.blanks) == bool(declared)
    for blank in version.blanks:
        assert isinstance(blank, BlankRun)
        assert (blank.label, blank.required) == (declared[blank.name].label, declared[blank.name].required)
        assert f"【待填写：{blank.label}{'（参考：' if blank.suggestion else '】'}" in version.text
