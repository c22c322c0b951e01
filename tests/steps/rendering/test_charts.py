"""Charts: every number drawn is a measure's, nobody is shut out, and the same chart is the same picture everywhere."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import docx
import pypdf
import pytest
from lxml import etree

from obligations.steps.rendering.chart_data import described
from obligations.steps.rendering.charts import COLORS, draw
from obligations.steps.rendering.compose import compose
from obligations.steps.rendering.docx import render_docx
from obligations.steps.rendering.figures import figures
from obligations.steps.rendering.fonts import font_set
from obligations.steps.rendering.html import render_html
from obligations.steps.rendering.pdf import render_pdf
from obligations.steps.rendering.text import plain_text
from obligations.words.draft import Chart, ChartPlan, DocumentModel, Figure, NumberRun, TableColumn, TablePlan
from obligations.words.errors import FontFault, TemplateFault
from obligations.words.publication import Analysis, Measure

REPOSITORY = Path(__file__).parents[3]
PAGES = REPOSITORY / "templates" / "pages"
SVG = "{http://www.w3.org/2000/svg}"
MONTHS = tuple(f"{month}月" for month in range(1, 7))
THIS_YEAR, LAST_YEAR = ("12.3", "13.4", None, "14.2", "16.8", "19.1"), ("11.1", "12", "13.9", "14.9", "15.1", "-0.4")
SHARES = {"税收收入": ("77.5", "60"), "非税收入": ("18.3", "22.5"), "上划中央收入": ("4.2", "17.5")}


def plan(shape, items, series, unit="亿元", caption="收入走势"):
    """Return the measures and the plan of a chart; a value of None is a gap."""
    measures, rows = {}, []
    for place, item in enumerate(items):
        row = [item]
        for count, values in enumerate(series.values()):
            name = f"{shape}.{count}.{place}"
            if values[place] is not None:
                measures[name] = Measure(name, f"{item}数", Decimal(values[place]), unit, 1, "源数据")
            row.append(Figure(name) if values[place] is not None else "—")
        rows.append(tuple(row))
    columns = tuple(TableColumn(header) for header in ("项目", *series))
    return measures, ChartPlan(shape, TablePlan(caption, f"单位：{unit}", columns, tuple(rows)))


def composed(*plans, body=None):
    """Return a document with these charts, placed one after the other."""
    measures = {name: measure for found, _ in plans for name, measure in found.items()}
    charts = {f"chart-{count}": chart for count, (_, chart) in enumerate(plans)}
    body = body or "\n\n".join(f"见{{{{ chart_number('{name}') }}}}。\n\n[[图:{name}]]" for name in charts)
    analysis = Analysis(measures, charts=charts)
    page = compose("case.j2", f"# 题目\n\n{body}\n\n【落款】\n", analysis, (), {}, "演示单位财政局")
    document = DocumentModel(
        kind="case", kind_title="甲", key="demo/case", period="2017-06", version=1, title=page.title, subtitle=None,
        region="演示单位", publisher="演示单位财政局", created_at="2026-01-01T00:00:00+08:00", dated=None, watermark=None,
        final=False, based_on=None, warnings=(), blocks=tuple(page.blocks),
    )  # fmt: skip
    return document, measures


LINE = plan("line", MONTHS, {"本年": THIS_YEAR, "上年": LAST_YEAR})
BAR = plan("bar", ("增值税", "企业所得税"), {"本年": ("258912", "-117656")}, "万元")
SHARE = plan("share", ("2017年", "2016年"), SHARES, "%", "收入构成")


def charts_of(document):
    return [block for block in document.blocks if isinstance(block, Chart)]


def labels(svg):
    """Return the numbers drawn, each with the measure it says it is, and every other text."""
    root = etree.fromstring(svg)
    told = [
        (group.get("data-measure"), "".join(group.itertext()).strip()) for group in root.iter(f"{SVG}g")
        if group.get("data-measure")
    ]  # fmt: skip
    for group in list(root.iter(f"{SVG}g")):
        if group.get("data-measure"):
            group.getparent().remove(group)
    return told, ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("shape", [LINE, BAR, SHARE], ids=["line", "bar", "share"])
def test_every_number_drawn_is_a_measure_as_printed_and_the_rest_are_names(shape):
    document, _ = composed(shape)
    (chart,) = charts_of(document)
    told, rest = labels(draw(chart))
    printed = {run.measure: run.printed for row in chart.data.rows for cell in row for run in cell if isinstance(run, NumberRun)}  # fmt: skip
    assert told
    assert all(printed[measure] == text for measure, text in told)
    assert len({measure for measure, _ in told}) == len(told)
    names = {row[0][0].text for row in chart.data.rows} | {column.header for column in chart.data.columns}
    assert set(rest) <= names
    left_out = set(printed) - {measure for measure, _ in told}
    assert all(Decimal(printed[measure]) < 5 for measure in left_out), "only parts too narrow for a number go without"


def test_a_line_with_many_series_has_the_last_number_of_each():
    series = {name: [str(rank * 3 + step) for step in range(6)] for rank, name in enumerate("甲乙丙丁")}
    document, _ = composed(plan("line", MONTHS, series))
    told, _ = labels(draw(charts_of(document)[0]))
    assert sorted(text for _, text in told) == ["11.0", "14.0", "5.0", "8.0"]


def test_the_description_has_every_number_and_says_where_there_is_none():
    document, _ = composed(LINE)
    (chart,) = charts_of(document)
    assert described(chart) == (
        "折线图，收入走势（单位：亿元）。本年：1月12.3，2月13.4，3月没有数据，4月14.2，5月16.8，6月19.1；"
        "上年：1月11.1，2月12.0，3月13.9，4月14.9，5月15.1，6月-0.4。"
    )
    root = etree.fromstring(draw(chart))
    assert root.get("role") == "img"
    ids = root.get("aria-labelledby").split()
    assert [root.xpath(f"//*[@id='{name}']")[0].text for name in ids] == ["收入走势", described(chart)]


def test_several_charts_of_a_page_share_no_id_and_refer_to_nothing_else():
    document, _ = composed(LINE, BAR, SHARE)
    page = render_html(document, PAGES, ()).decode()
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    referred = set(re.findall(r"url\(([^)]*)\)", page)) | set(re.findall(r'xlink:href="([^"]*)"', page))
    assert referred
    assert all(name.startswith("#") and name.removeprefix("#") in ids for name in referred)
    assert page.count("<style") == 1, "a style of the chart would be one of the page"
    assert "<metadata" not in page


def test_the_same_chart_is_the_same_bytes_in_another_process(tmp_path):
    document, _ = composed(LINE, SHARE)
    (tmp_path / "model.json").write_bytes(document.as_json())
    program = (
        "import hashlib, sys; from pathlib import Path; from obligations.words.draft import DocumentModel, Chart;"
        "from obligations.steps.rendering.charts import draw; from obligations.steps.rendering.docx import render_docx;"
        "found = DocumentModel.from_json(Path(sys.argv[1]).read_bytes());"
        "svg = ''.join(draw(block) for block in found.blocks if isinstance(block, Chart)).encode();"
        "print(hashlib.sha256(svg + render_docx(found)).hexdigest())"
    )

    def run(seed):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY / "include")}
        command = [sys.executable, "-c", program, str(tmp_path / "model.json")]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout

    assert run("1") == run("2")


def test_the_page_has_the_chart_and_its_table_with_every_number():
    document, measures = composed(LINE)
    page = render_html(document, PAGES, ()).decode()
    assert "<figcaption>收入走势（单位：亿元）</figcaption>" in page
    assert page.index("<svg") < page.index("<figcaption>") < page.index("<summary>图中数据</summary>")
    told = re.findall(r'<data value="[^"]+" data-measure="([^"]+)">', page)
    assert sorted(told) == sorted(measures)
    assert page.count("没有数据") == 1  # in the description; the table has a dash


def test_word_has_the_chart_as_a_picture_of_print_quality_and_its_words():
    document, _ = composed(LINE, SHARE)
    data = render_docx(document)
    file = docx.Document(io.BytesIO(data))
    found = [(shape.width.pt, shape._inline.docPr) for shape in file.inline_shapes]
    assert [round(width) for width, _ in found] == [442, 442]
    assert [properties.get("descr") for _, properties in found] == [described(chart) for chart in charts_of(document)]
    assert len({properties.get("id") for _, properties in found}) == 2
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        pictures = [package.read(name) for name in package.namelist() if name.startswith("word/media/")]
    for picture in pictures:
        assert picture[12:16] == b"IHDR"
        assert round(int.from_bytes(picture[16:20], "big") / (442 / 72)) == 220
    texts = [paragraph.text for paragraph in file.paragraphs]
    assert {"图1　收入走势（单位：亿元）", "图2　收入构成（单位：%）", "见图1。", "见图2。"} <= set(texts)


def test_word_counts_the_numbers_of_a_chart_so_that_those_behind_it_are_found():
    measures, chart = LINE
    document, _ = composed(
        (measures, chart), body="甲{{ n('line.0.0') }}。\n\n[[图:chart-0]]\n\n乙{{ n('line.0.1') }}。"
    )
    file = docx.Document(io.BytesIO(render_docx(document)))
    names = [mark.get(docx.oxml.ns.qn("w:name")) for mark in file.element.iter(docx.oxml.ns.qn("w:bookmarkStart"))]
    counted = figures(document, measures, None, {})["measures"]
    last = {measure["id"]: [place["number"] for place in measure["printed"]] for measure in counted}["line.0.1"][-1]
    assert [name for name in names if name.startswith("n_")] == ["n_1", f"n_{last}"]


def test_the_pdf_has_the_chart_as_lines_and_text_with_its_words():
    document, _ = composed(LINE)
    found = pypdf.PdfReader(io.BytesIO(render_pdf(document, PAGES, font_set(installed=False))))
    text = "".join(page.extract_text() for page in found.pages)
    assert all(label in text for label in ("本年", "上年", "12.3", "-0.4", "6月", "收入走势（单位：亿元）"))
    assert not any(page.images for page in found.pages)
    assert described(charts_of(document)[0]) in alternatives(found.trailer["/Root"]["/StructTreeRoot"])


def alternatives(node):
    """Return what the structure tree has for those who cannot see."""
    node = node.get_object()
    if isinstance(node, list):
        return [text for child in node for text in alternatives(child)]
    if not isinstance(node, dict):
        return []
    own = [node["/Alt"]] if "/Alt" in node else []
    return own + (alternatives(node["/K"]) if "/K" in node else [])


def test_figures_list_what_a_chart_draws():
    document, measures = composed(LINE)
    listed = figures(document, measures, None, {})["measures"]
    assert {entry["id"] for entry in listed} == set(measures)
    assert {place["block"] for entry in listed for place in entry["printed"]} == {"c-chart-0"}


def test_the_text_of_a_document_has_the_table_of_a_chart_and_the_model_is_read_back():
    document, _ = composed(LINE)
    assert "收入走势（单位：亿元）\n项目｜本年｜上年\n1月｜12.3｜11.1\n" in plain_text(document)
    assert DocumentModel.from_json(document.as_json()) == document


@pytest.mark.parametrize("hostile", ["$x_1$ \\frac", "<script>alert(1)</script>", "&amp;]]><b>", "_甲", "\"'#eval()"])
def test_hostile_names_are_text_in_a_chart(hostile):
    document, _ = composed(plan("bar", (hostile, "乙"), {hostile: ("1", "2"), "丙": ("3", "4")}, caption=hostile))
    svg = draw(charts_of(document)[0])
    assert "<script" not in svg
    _, rest = labels(svg)
    assert rest.count(hostile) == 2
    assert "<script" not in render_html(document, PAGES, ()).decode()
    render_docx(document)
    render_pdf(document, PAGES, font_set(installed=False))


def test_a_character_that_cannot_be_drawn_is_an_error():
    document, _ = composed(plan("bar", ("甲🎉", "乙"), {"本年": ("1", "2")}))
    with pytest.raises(FontFault, match="“🎉”"):
        draw(charts_of(document)[0])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (plan("share", ("2017年",), {"甲": ("-1",), "乙": ("101",)}), "图“chart-0”有负数，不能画成占比图"),
        (plan("bar", ("甲",), {str(count): ("1",) for count in range(8)}), "有8个系列，应为1至7个"),
        (plan("line", ("甲",), {"本年": (None,)}), "没有可画的数"),
    ],
)
def test_what_cannot_be_drawn_is_said_where_the_template_places_it(wrong, message):
    with pytest.raises(TemplateFault, match=message):
        composed(wrong)


def test_a_chart_that_is_not_there_is_a_fault_that_names_those_that_are():
    with pytest.raises(TemplateFault, match="没有名为“other”的图，应为：chart-0"):
        composed(LINE, body="[[图:other]]")


def simulated(color, kind):
    """Return linear RGB as seen without one sort of cone (Viénot, Brettel and Mollon 1999; tritanopia: Machado 2009)."""
    matrix = {
        "protanopia": ((0.11238, 0.88762, 0), (0.11238, 0.88762, 0), (0.00401, -0.00401, 1)),
        "deuteranopia": ((0.29275, 0.70725, 0), (0.29275, 0.70725, 0), (-0.02234, 0.02234, 1)),
        "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
    }[kind]
    linear = [(int(color[start : start + 2], 16) / 255) ** 2.2 for start in (1, 3, 5)]
    return [sum(weight * part for weight, part in zip(row, linear, strict=True)) for row in matrix]


@pytest.mark.parametrize("kind", ["protanopia", "deuteranopia", "tritanopia"])
def test_the_first_five_colors_are_told_apart_by_the_color_blind(kind):
    seen = [[max(part, 0) ** (1 / 2.2) for part in simulated(color, kind)] for color in COLORS[:5]]
    for first, second in combinations(seen, 2):
        assert sum((left - right) ** 2 for left, right in zip(first, second, strict=True)) ** 0.5 > 0.1
