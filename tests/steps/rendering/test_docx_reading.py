"""What a person did to the Word file is what the document model then says, and nothing of it is lost."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from xml.sax.saxutils import escape

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.publications.registry import NAMES
from obligations.rules.delivery import Delivery
from obligations.rules.edited_word.reading import read_edited
from obligations.steps.draft import draft, fill
from obligations.steps.rendering.cleaning import clean
from obligations.steps.rendering.docx import render_docx
from obligations.steps.rendering.docx_reading import read_back
from obligations.steps.rendering.text import plain_text, say_runs
from obligations.words.draft import (
    BlankRun,
    Chart,
    DocumentModel,
    Heading,
    Note,
    NumberRun,
    Paragraph,
    Signature,
    Table,
    TableColumn,
    TextRun,
    runs_of,
)
from obligations.words.errors import BadInput

FILE = Delivery("改稿.docx", again="重新上传")
needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here")


def reread(data, base):
    return read_back(read_edited(data, FILE), base, FILE)


@pytest.fixture(scope="module")
def drafted(case, tmp_path_factory):
    """Return the folder of a kind's draft, or of its final version."""

    def make(name, *, final=False):
        found = case(name)
        out = tmp_path_factory.mktemp(name)
        made = draft(*found.arguments, version=1, out=out, created_at=found.occurrence.opens_at)
        return fill(made.folder, found.answers(made.blanks), out / "final").folder if final else made.folder

    return make


@pytest.fixture(scope="module")
def fiscal(drafted):
    folder = drafted("fiscal-monthly")
    return DocumentModel.from_json((folder / "model.json").read_bytes()), (folder / "document.docx").read_bytes()


def edited(data, change):
    """Return the file after ``change(document)``, saved as an editor would."""
    file = docx.Document(io.BytesIO(data))
    change(file)
    stream = io.BytesIO()
    file.save(stream)
    return stream.getvalue()


def paragraph(file, start):
    return next(each for each in file.paragraphs if each.text.startswith(start))


def text_element(file, words):
    return next(each for each in file.element.body.iter(qn("w:t")) if words in (each.text or ""))


def retype(file, words, instead):
    element = text_element(file, words)
    element.text = element.text.replace(words, instead, 1)


@pytest.mark.parametrize("final", [False, True], ids=["draft", "final"])
@pytest.mark.parametrize("name", NAMES)
def test_every_kind_is_read_back_as_it_was_drafted(name, final, drafted):
    folder = drafted(name, final=final)
    model = DocumentModel.from_json((folder / "model.json").read_bytes())
    assert reread((folder / "document.docx").read_bytes(), model) == model


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="【"), min_size=1, max_size=12
)
PLAIN = (
    st.one_of(WORDS, st.sampled_from(["一、", "（二）甲", "1.乙", "注：丙", "表1　丁", "图2　戊", "a<b>&c", "5万元"]))
    .map(clean)
    .filter(bool)
)
NUMBER = st.builds(
    NumberRun, st.sampled_from(["a.x", "b.y"]), st.sampled_from(["8.3%", "1,204", "5万元", "-3"]), st.just("8.3")
)
SUGGESTION = st.sampled_from(["", "同比增长8.3%"])
ANSWER = st.one_of(st.none(), PLAIN)


def runs(blanks):
    blank = st.builds(BlankRun, st.sampled_from(blanks), PLAIN, st.booleans(), SUGGESTION, ANSWER)
    text = st.builds(TextRun, PLAIN, st.sampled_from(["words", "date", "given", "name"]))
    return st.lists(st.one_of(text, NUMBER, text, blank), min_size=1, max_size=5).map(tuple)


@st.composite
def models(draw):
    """Any document of the shapes that templates can make; a blank's name has one meaning in a document."""
    blocks = []
    for count in range(draw(st.integers(0, 7))):
        sort = draw(st.sampled_from(["heading", "paragraph", "note", "table", "chart"]))
        own = runs([f"blank{count}"])
        if sort == "heading":
            blocks.append(Heading(f"s{count}", draw(st.sampled_from([1, 2, 3])), draw(own)))
        elif sort == "paragraph":
            blocks.append(Paragraph(f"s{count}.p1", draw(own), draw(st.sampled_from(["body", "postscript"]))))
        elif sort == "note":
            blocks.append(Note(f"s{count}.n1", draw(own)))
        elif sort == "table":
            blocks.append(draw(tables(f"t-{count}", own)))
        else:
            blocks.append(draw(charts(f"c-{count}")))
    if draw(st.booleans()):
        blocks.append(Signature("signature", draw(PLAIN), draw(st.sampled_from([None, "2026年9月12日"]))))
    blank_words = {}
    return DocumentModel(
        kind="x", kind_title="演示", key="demo/x", period="2026-09", version=1, title=draw(PLAIN),
        subtitle=draw(st.one_of(st.none(), PLAIN.map(lambda words: f"——{words}"))), region="演示单位", publisher="演示单位财政局",
        created_at="2026-09-12T15:30:00+08:00", dated=None, watermark=draw(st.sampled_from([None, "演示数据"])),
        final=draw(st.booleans()), based_on=None, warnings=(), blocks=tuple(_same_blanks(blocks, blank_words)),
    )  # fmt: skip


def _same_blanks(blocks, known):
    """Make every blank of one name the same, as a template's are."""

    def same(cell):
        return tuple(known.setdefault(run.name, run) if isinstance(run, BlankRun) else run for run in cell)

    for block in blocks:
        if isinstance(block, Table):
            yield replace(block, rows=tuple(tuple(map(same, row)) for row in block.rows))
        elif isinstance(block, Chart | Signature):
            yield block
        else:
            yield replace(block, runs=same(block.runs))


@st.composite
def tables(draw, block_id, cells):
    columns = tuple(
        TableColumn(draw(PLAIN), draw(st.sampled_from(["left", "center", "right"])))
        for _ in range(draw(st.integers(1, 4)))
    )
    cell = st.one_of(NUMBER.map(lambda run: (run,)), cells, st.just((TextRun("", "given"),)))
    rows = tuple(tuple(draw(cell) for _ in columns) for _ in range(draw(st.integers(0, 4))))
    number, unit = draw(st.sampled_from([None, 1, 2])), draw(st.sampled_from(["", "单位：万元"]))
    return Table(block_id, block_id, number, draw(st.one_of(st.just(""), PLAIN)), unit, columns, rows)


@st.composite
def charts(draw, block_id):
    value = st.integers(1, 99).map(lambda number: (NumberRun("a.x", str(number), str(number)),))
    rows = tuple(((TextRun(f"{month}月", "given"),), draw(value)) for month in range(1, draw(st.integers(2, 4))))
    columns = (TableColumn("月份", "left"), TableColumn("数量"))
    data = Table(
        f"{block_id}-data", block_id, draw(st.sampled_from([None, 1])), f"走势{block_id}", "万元", columns, rows
    )
    return Chart(block_id, draw(st.sampled_from(["line", "bar"])), data)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(models())
def test_any_document_is_read_back_as_it_was_written(model):
    assert reread(render_docx(model), model) == model


@needs_office
@pytest.mark.parametrize("name", ["fiscal-monthly", "wholesale-prices-weekly", "submission", "press-conference"])
def test_a_file_that_libreoffice_saved_again_is_read_back(name, drafted, tmp_path):
    folder = drafted(name)
    model = DocumentModel.from_json((folder / "model.json").read_bytes())
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
               "docx:MS Word 2007 XML", "--outdir", str(tmp_path), str(folder / "document.docx")]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert reread((tmp_path / "document.docx").read_bytes(), model) == model


ORDINALS = ("title", "heading", "表注", "caption", "图题", "signature")
TYPED = st.text(st.sampled_from("增长下降的，。、 3586.%万元一（）"), max_size=8)


def visible(text):
    """Return what a reader sees of a text, its layout left out."""
    return "".join(text.replace("｜", "").split())


def assert_nothing_is_lost(data, model):
    """Every character of the file stands in the document, and no other."""
    parts = [each.text or "" for each in docx.Document(io.BytesIO(data)).element.body.iter(qn("w:t"))]
    # A unit stands on a line of its own in the file; as plain text it is put in brackets behind the caption, whatever
    # it now says.
    brackets = "（）" * sum(isinstance(block, Table) and bool(block.unit) for block in model.blocks)
    # A chart's numbers are a picture in the file, its caption and unit stand below it.
    charts = [block.data for block in model.blocks if isinstance(block, Chart)]
    drawn = [column.header for chart in charts for column in chart.columns]
    drawn += [say_runs(runs) for chart in charts for runs in runs_of(chart)]
    assert sorted(visible(plain_text(model))) == sorted(visible("".join([*parts, *drawn])) + brackets)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_typed_anywhere_stands_in_the_document(fiscal, data):
    base, original = fiscal
    file = docx.Document(io.BytesIO(original))
    paragraphs = [each for each in file.paragraphs if not each.style.name.lower().startswith(ORDINALS)]
    paragraphs += [each for row in file.tables[0].rows[1:] for cell in row.cells for each in cell.paragraphs]
    elements = [each for one in paragraphs for each in one._p.iter(qn("w:t"))]
    for _ in range(data.draw(st.integers(1, 4))):
        element = data.draw(st.sampled_from(elements))
        text = element.text or ""
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, len(text)))
        element.text = text[:start] + data.draw(TYPED) + text[end:]
    stream = io.BytesIO()
    file.save(stream)
    model = reread(stream.getvalue(), base)
    assert_nothing_is_lost(stream.getvalue(), model)
    numbers = {run.measure: run for run in _numbers(base)}
    assert all(numbers[run.measure].value == run.value for run in _numbers(model) if run.measure in numbers)
    kept = {(run.measure, run.printed) for run in _numbers(base)}
    assert {(run.measure, run.printed) for run in _numbers(model)} <= kept


def _numbers(model):
    return [run for runs_ in model.each_runs() for run in runs_ if isinstance(run, NumberRun)]


@pytest.mark.parametrize("unit", ["3单位：万元、%", "（单位：亿元）", "单位：", ""])
def test_what_is_typed_into_a_unit_is_the_unit_of_its_table(unit, fiscal):
    base, data = fiscal
    changed = edited(data, lambda file: retype(file, "单位：万元、%", unit))
    model = reread(changed, base)
    assert_nothing_is_lost(changed, model)
    (before,) = [block for block in base.blocks if isinstance(block, Table)]
    assert [block for block in model.blocks if isinstance(block, Table)] == [replace(before, unit=unit)]


def test_a_changed_number_is_no_measure_any_more(fiscal):
    base, data = fiscal
    model = reread(edited(data, lambda file: retype(file, "59.5%", "61.5%")), base)
    (runs_,) = [block.runs for block in model.blocks if block.id == "s1-1.p1"]
    assert TextRun("61.5%", "given") in runs_
    assert not [run for run in runs_ if isinstance(run, NumberRun) and run.measure == "total.progress"]
    (before,) = [block.runs for block in base.blocks if block.id == "s1-1.p1"]
    assert len(runs_) == len(before)
    assert [run for run in runs_ if run in before] == [
        run for run in before if run.type != "number" or run.printed != "59.5%"
    ]


def test_a_digit_typed_before_a_number_makes_it_another(fiscal):
    base, data = fiscal
    model = reread(edited(data, lambda file: retype(file, "，完成年初预算", "，完成年初预算1")), base)
    assert "完成年初预算1435,010万元的59.5%" in plain_text(model)
    (runs_,) = [block.runs for block in model.blocks if block.id == "s1-1.p1"]
    assert not [run for run in runs_ if isinstance(run, NumberRun) and run.printed == "435,010万元"]


def test_changed_words_keep_the_numbers_around_them(fiscal):
    base, data = fiscal
    model = reread(edited(data, lambda file: retype(file, "，超过序时进度", "，快于序时进度")), base)
    (runs_,) = [block.runs for block in model.blocks if block.id == "s1-1.p1"]
    (before,) = [block.runs for block in base.blocks if block.id == "s1-1.p1"]
    assert [run for run in runs_ if isinstance(run, NumberRun)] == [run for run in before if isinstance(run, NumberRun)]
    assert TextRun("，快于序时进度") in runs_


def test_an_answer_typed_over_a_blank_is_its_answer(fiscal):
    base, data = fiscal
    label = "【待填写：收入增减变化的主要原因】"
    model = reread(edited(data, lambda file: retype(file, label, "主要由于减税降费1.2亿元")), base)
    answers = {blank.name: blank.answer for blank in model.blanks()}
    assert [answer for answer in answers.values() if answer] == ["主要由于减税降费1.2亿元"]
    assert len(model.open_blanks()) == len(base.open_blanks()) - 1


def test_an_answer_is_found_without_its_bookmark(fiscal):
    base, data = fiscal

    def change(file):
        retype(file, "【待填写：收入增减变化的主要原因】", "主要由于减税降费")
        for mark in list(file.element.body.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd"))):
            mark.getparent().remove(mark)

    model = reread(edited(data, change), base)
    assert "主要由于减税降费。" in plain_text(model)
    assert plain_text(model) == plain_text(base).replace("【待填写：收入增减变化的主要原因】", "主要由于减税降费")
    assert [type(block) for block in model.blocks] == [type(block) for block in base.blocks]


def test_words_inside_a_blank_stay_and_keep_it_from_going_out(fiscal):
    base, data = fiscal
    model = reread(
        edited(data, lambda file: retype(file, "【待填写：收入增减变化的主要原因】", "【待填写：主要由于减税】")), base
    )
    assert "【待填写：主要由于减税】" in plain_text(model)


def test_a_new_paragraph_a_new_heading_and_a_removed_one_are_read(fiscal):
    base, data = fiscal

    def change(file):
        anchor = paragraph(file, "1—6月，一般公共预算支出")
        new = f"<w:p {nsdecls('w')}><w:r><w:t>{escape('新增一段<说明>，共12项。')}</w:t></w:r></w:p>"
        anchor._p.addnext(parse_xml(new))
        gone = paragraph(file, "6月当月，一般公共预算总收入")
        gone._p.getparent().remove(gone._p)
        style = next(each.style_id for each in file.styles if each.name == "Heading 1")
        heading = (
            f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>五、下一步工作</w:t></w:r></w:p>'
        )
        file.paragraphs[-4]._p.addprevious(parse_xml(heading))

    model = reread(edited(data, change), base)
    assert (TextRun("新增一段<说明>，共12项。", "given"),) in [
        block.runs for block in model.blocks if isinstance(block, Paragraph)
    ]
    assert (TextRun("下一步工作"),) in [block.runs for block in model.blocks if isinstance(block, Heading)]
    assert "s1-1.p3" not in {block.id for block in model.blocks}
    assert len(model.blocks) == len(base.blocks) + 1


def test_a_paragraph_parted_in_two_loses_no_word_and_no_number(fiscal):
    base, data = fiscal

    def change(file):
        element = text_element(file, "）。其中：")
        run = element.getparent()
        element.text = "）。"
        rest = parse_xml(f"<w:p {nsdecls('w')}><w:r><w:t>其中：</w:t></w:r></w:p>")
        for sibling in list(run.itersiblings()):
            rest.append(sibling)
        run.getparent().addnext(rest)

    model = reread(edited(data, change), base)
    said, before = plain_text(model).replace("\n", ""), plain_text(base).replace("\n", "")
    assert said == before


def test_a_table_cell_a_row_and_a_caption_can_be_edited(fiscal):
    base, data = fiscal

    def change(file):
        (table,) = file.tables
        table.cell(1, 1).paragraphs[0].runs[0].text = "258,913"
        table._tbl.remove(table.rows[8]._tr)
        retype(file, "财政收支情况表", "财政收支表")

    model = reread(edited(data, change), base)
    (table,) = [block for block in model.blocks if isinstance(block, Table)]
    (before,) = [block for block in base.blocks if isinstance(block, Table)]
    assert table.caption == "2017年1—6月财政收支表"
    assert table.rows[0][1] == (TextRun("258,913", "given"),)
    assert table.rows[0][2:] == before.rows[0][2:]
    assert table.rows[1:] == before.rows[1:7]
    assert (table.id, table.unit, table.columns) == (before.id, before.unit, before.columns)


def test_a_chart_is_kept_by_its_id(tmp_path):
    chart = Chart("c-a", "bar", Table("c-a-data", "a", None, "走势", "万元", (TableColumn("月份", "left"), TableColumn("数量")),
                  (((TextRun("1月", "given"),), (NumberRun("a.x", "5", "5"),)),)))  # fmt: skip
    model = replace(_empty(), blocks=(Paragraph("p", (TextRun("甲"),)), chart, Paragraph("q", (TextRun("乙"),))))
    data = render_docx(model)
    assert reread(data, model) == model
    renamed = reread(edited(data, lambda file: retype(file, "走势", "走势变化")), model)
    assert renamed.blocks[1] == replace(chart, data=replace(chart.data, caption="走势变化"))


def _empty():
    return DocumentModel("x", "演示", "demo/x", "2026-09", 1, "题目", None, "演示单位", "演示单位财政局",
                         "2026-09-12T15:30:00+08:00", None, None, False, None, (), ())  # fmt: skip


def _with(xml, *, within="w:p"):
    def change(file):
        target = paragraph(file, "1—6月，一般公共预算总收入")._p
        made = parse_xml(xml.format(nsdecls("w")))
        target.append(made) if within == "w:p" else target.addnext(made)

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_with('<w:ins {} w:id="9" w:author="演示甲"><w:r><w:t>增</w:t></w:r></w:ins>'), "修订痕迹"),
        (_with('<w:del {} w:id="9" w:author="演示甲"><w:r><w:delText>删</w:delText></w:r></w:del>'), "修订痕迹"),
        (_with("<w:r {}><w:rPr><w:vanish/></w:rPr><w:t>看不见</w:t></w:r>"), "隐藏文字“看不见”"),
        (_with('<w:r {}><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>白字</w:t></w:r>'), "白色文字“白字”"),
        (_with('<w:r {}><w:rPr><w:sz w:val="2"/></w:rPr><w:t>小字</w:t></w:r>'), "极小的文字“小字”"),
        (_with('<w:r {}><w:footnoteReference w:id="1"/></w:r>'), "脚注"),
        (_with('<w:r {}><w:object/></w:r>'), "嵌入对象"),
        (_with("<w:r {}><w:drawing/></w:r>"), "图形"),
        (lambda file: setattr(file.sections[0].header.paragraphs[0], "text", "内部讨论稿"), "页眉有文字“内部讨论稿”"),
        (lambda file: file.tables[0].cell(1, 1).merge(file.tables[0].cell(1, 2)), "合并单元格"),
        (lambda file: file.add_paragraph("甲\ue123乙"), "造字或私用字符"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_back_is_refused_by_its_name(change, named, fiscal):
    base, data = fiscal
    with pytest.raises(BadInput) as refused:
        reread(edited(data, change), base)
    assert named in str(refused.value)
    assert "不能读回" in str(refused.value)


def test_a_strange_picture_is_refused_by_its_place():
    chart = Chart("c-a", "bar", Table("c-a-data", "a", None, "走势", "万元", (TableColumn("月份", "left"), TableColumn("数量")),
                  (((TextRun("1月", "given"),), (NumberRun("a.x", "5", "5"),)),)))  # fmt: skip
    with pytest.raises(BadInput, match=r"第 3 段有图片（柱状图，走势"):
        reread(render_docx(replace(_empty(), blocks=(chart,))), replace(_empty(), blocks=()))
