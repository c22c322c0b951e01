"""``check-draft`` finds the errors that were really published, and refuses files that must not be opened or kept."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.orchestration.commands.cli import main
from obligations.orchestration.review.checking import check_edited
from obligations.orchestration.settings import PACKAGE
from obligations.words.draft import DocumentModel
from obligations.words.errors import BadInput

DEMO = PACKAGE / "demo"
FIELDS = ["grade", "code", "where", "said", "expected", "found", "measure"]
Check = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return the folder of a draft made from the real figures that the demo has."""
    made: dict[tuple[str, str], Path] = {}

    def make(period: str, key: str = "demo/fiscal-monthly", source: str = "fiscal.csv") -> Path:
        if (key, period) not in made:
            out = tmp_path_factory.mktemp("draft")
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("OBLIGATIONS_HOME", str(out / "home"))
                patch.setattr("sys.stdout", io.StringIO())
                assert (
                    main(
                        ["draft", key, "--period", period, "--source", str(DEMO / source), "--out", str(out), "--json"]
                    )
                    == 0
                )
            made[key, period] = out
        return made[key, period]

    return make


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Check]:
    """Check bytes against a draft's figures file; return the exit code and the JSON."""
    monkeypatch.setenv("OBLIGATIONS_HOME", str(tmp_path / "home"))

    def call(data: bytes, folder: Path, name: str = "改稿.docx") -> tuple[int, Any]:
        file = tmp_path / name
        file.write_bytes(data)
        capsys.readouterr()
        code = main(["check-draft", str(file), "--against", str(folder / "figures.json"), "--json"])
        return code, json.loads(capsys.readouterr().out)

    logging.disable(logging.CRITICAL)
    yield call
    logging.disable(logging.NOTSET)


def saved(file: Document) -> bytes:
    stream = io.BytesIO()
    file.save(stream)
    return stream.getvalue()


def typed(*sentences: str) -> bytes:
    """Return a Word file that somebody typed anew: no bookmark, no style of ours."""
    file = docx.Document()
    for sentence in sentences:
        file.add_paragraph(sentence)
    return saved(file)


def edited(folder: Path, change: Callable[[Document], object]) -> bytes:
    file = docx.Document(str(folder / "document.docx"))
    change(file)
    return saved(file)


def retype(old: str, new: str) -> Callable[[Document], None]:
    def change(file: Document) -> None:
        element = next(each for each in file.element.body.iter(qn("w:t")) if old in (each.text or ""))
        element.text = element.text.replace(old, new, 1)

    return change


def insert(xml: str) -> Callable[[Document], None]:
    def change(file: Document) -> None:
        paragraph = next(each for each in file.paragraphs if "一般公共预算支出完成" in each.text)
        paragraph._p.append(parse_xml(xml.replace("{}", nsdecls("w"), 1)))

    return change


def found(report: Any, code: str) -> list[dict[str, Any]]:
    return [each for each in report["findings"] if each["code"] == code]


def graver(report: Any) -> list[str]:
    return [f"{each['code']} {each['said']}" for each in report["findings"] if each["grade"] != "提示"]


PUBLISHED = [
    pytest.param(  # 57,902 of 201,200 is 28.8 %; 23.2 % was the progress of all local revenue
        "2017-03", "1—3月，地方级税收收入完成57,902万元，完成年初预算201,200万元的23.2%，同比增收7,495万元、增长14.9%。",
        {"arithmetic": "28.8%", "number-of-another": "28.8%"}, id="23.2 % of budget instead of 28.8 %",
    ),
    pytest.param(  # 61,476 in May against 53,042 in April; against May of the year before it was -3,096.5, -4.8 %
        "2017-05", "5月当月，一般公共预算总收入完成61,476万元，同比增收8,434万元、增长15.9%。",
        {"number-unexplained": "-3,096.5万元"}, id="a change on last month printed as 同比",
    ),
    pytest.param(
        "2017-06", "1—6月，地方级税收收入完成117,656万元，同比增收8.238万元、增长7.5%。",
        {"magnitude": "8,238万元"}, id="a decimal point for a comma",
    ),
    pytest.param(
        "2017-06", "1—6月，地方级非税收入完成34,079万元，同比减支27,754万元、下降44.9%。",
        {"revenue-word": "减收"}, id="减支 for revenue",
    ),
    pytest.param(
        "2017-06", "1—6月，地方一般公共预算收入完成年初预算的65.8%。",
        {"number-of-another": "55.8%"}, id="the central share's progress as local revenue's",
    ),
    pytest.param(
        "2017-06", "地方级税收收入同比下降44.9%，地方级非税收入同比增长7.5%。",
        {"number-of-another": "7.5%"}, id="two items' growth swapped",
    ),
    pytest.param(
        "2017-06", "1—6月，地方一般公共预算收入完成151,735万元，同比增长-11.4%。",
        {"negative-with-word": None}, id="增长-X%",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("period", "sentence", "expected"), PUBLISHED)
def test_every_published_error_is_found(
    period: str, sentence: str, expected: dict[str, str], drafts: Callable[..., Path], check: Check
) -> None:
    code, report = check(typed("2017年财政收支情况", sentence), drafts(period))
    assert code == 1
    for name, right in expected.items():
        assert [each["expected"] for each in found(report, name)][:1] == [right], report["findings"]
        assert all(each["grade"] == "错误" for each in found(report, name))


def test_the_real_sentence_of_the_same_month_has_nothing_wrong(drafts: Callable[..., Path], check: Check) -> None:
    right = "1—3月，地方级税收收入完成57,902万元，完成年初预算201,200万元的28.8%，同比增收7,495万元、增长14.9%。"
    _, report = check(typed("2017年1—3月财政收支情况", right), drafts("2017-03"))
    assert graver(report) == [each for each in graver(report) if each.startswith(("page-", "unreadable"))]


def test_a_month_that_differs_from_the_sums_by_rounding_is_allowed(drafts: Callable[..., Path], check: Check) -> None:
    folder = drafts("2017-04")  # 161,187 - 108,146 = 53,041; printed was 53,042
    code, report = check(edited(folder, retype("53,041万元", "53,042万元")), folder)
    (one,) = found(report, "rounding")
    assert (one["grade"], one["expected"], one["found"]) == ("提示", "53,041万元", "53,042万元")
    assert {each["code"] for each in report["findings"]} == {"rounding", "open-blank"}
    assert code == 1  # of the blanks


def test_a_change_on_last_week_called_one_on_last_year_is_found(drafts: Callable[..., Path], check: Check) -> None:
    folder = drafts("2020-W14", "demo/wholesale-prices-weekly", "wholesale_prices.csv")
    measures = json.loads((folder / "figures.json").read_bytes())["measures"]
    values = [each["printed"][0]["printed"].lstrip("-").rstrip("%") for each in measures if each["unit"] == "%"]
    week = next(
        each for each in measures
        if "环比" in each["label"] and each["unit"] == "%" and values.count(each["printed"][0]["printed"].lstrip("-").rstrip("%")) == 1
    )  # fmt: skip
    number = week["printed"][0]["printed"].lstrip("-").rstrip("%")
    word = "下降" if week["value"].startswith("-") else "上涨"
    _, report = check(typed("价格行情", f"本周该品种价格同比{word}{number}%。"), folder)
    (one,) = found(report, "comparison-wrong")
    assert (one["expected"], one["found"], one["measure"]) == ("环比", "同比", week["id"])


def test_a_changed_number_names_its_measure_and_both_values(drafts: Callable[..., Path], check: Check) -> None:
    folder = drafts("2017-06")
    code, report = check(edited(folder, retype("59.5%", "61.5%")), folder)
    (one,) = found(report, "number-changed")
    assert list(one) == FIELDS
    assert (one["expected"], one["found"], one["measure"]) == ("59.5%", "61.5%", "total.progress")
    assert one["where"].startswith("第 5 段（“1—6月")
    assert code == 1


def test_the_report_counts_its_findings_and_names_the_file(drafts: Callable[..., Path], check: Check) -> None:
    folder = drafts("2017-06")
    data = (folder / "document.docx").read_bytes()
    code, report = check(data, folder)
    assert list(report) == ["file", "sha256", "findings", "errors", "warnings", "hints"]
    assert (report["file"], report["sha256"]) == ("改稿.docx", hashlib.sha256(data).hexdigest())
    assert (report["errors"], report["warnings"], report["hints"]) == (3, 0, 1)  # of four blanks one may stay open
    assert code == 1


def test_a_draft_with_its_blanks_filled_passes(drafts: Callable[..., Path], check: Check) -> None:
    folder = drafts("2017-06")

    def fill(file: Document) -> None:
        for element in file.element.body.iter(qn("w:t")):
            element.text = re.sub(r"【待填写：[^】]*】", "主要由于上年同期基数较高", element.text or "")

    code, report = check(edited(folder, fill), folder)
    assert [each for each in report["findings"] if each["code"] != "highlight"] == []
    assert code == 0


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("、下降11.4%", "、增长11.4%", "sign-wrong"),
        ("同比减收", "同比增收", "sign-wrong"),
        ("，超过序时进度", "，低于序时进度", "sign-wrong"),
        ("同比增收", "环比增收", "comparison-wrong"),
    ],
)
def test_words_that_contradict_their_number_are_found(
    old: str, new: str, code: str, drafts: Callable[..., Path], check: Check
) -> None:
    folder = drafts("2017-06")

    def change(file: Document) -> None:
        paragraph = next(each for each in file.paragraphs if each.text.startswith("1—6月，一般公共预算总收入"))
        word = old.rstrip("0123456789.%")
        run = next(each for each in paragraph.runs if each.text.endswith(word))
        run.text = run.text.removesuffix(word) + new.rstrip("0123456789.%")

    _, report = check(edited(folder, change), folder)
    assert found(report, code), report["findings"]


@pytest.mark.parametrize(
    ("old", "new", "code", "grade"),
    [("8,238万元", "8,2380万元", "number-malformed", "错误"), ("6月当月，", "7月当月，", "date-new", "警告")],
)
def test_misplaced_commas_and_other_months_are_found(
    old: str, new: str, code: str, grade: str, drafts: Callable[..., Path], check: Check
) -> None:
    folder = drafts("2017-06")

    def change(file: Document) -> None:
        paragraph = next(each for each in file.paragraphs if old in each.text)
        paragraph.text = paragraph.text.replace(old, new, 1)

    _, report = check(edited(folder, change), folder)
    assert [each["grade"] for each in found(report, code)] == [grade]


@pytest.mark.parametrize(
    ("old", "new", "code", "right"),
    [
        ("的59.5%", "的61.5%", "number-unexplained", "59.5%"),
        ("258,912万元", "2,589,120万元", "magnitude", "258,912万元"),
        ("同比减收19,516万元", "同比减收19,561万元", "number-unexplained", "-19,516万元"),
    ],
)
def test_a_paragraph_typed_anew_is_checked_without_its_bookmarks(
    old: str, new: str, code: str, right: str, drafts: Callable[..., Path], check: Check
) -> None:
    folder = drafts("2017-06")

    def change(file: Document) -> None:
        paragraph = next(each for each in file.paragraphs if old in each.text)
        paragraph.text = paragraph.text.replace(old, new, 1)

    _, report = check(edited(folder, change), folder)
    assert [each["expected"] for each in found(report, code)] == [right], report["findings"]


def test_percent_for_percentage_points_is_found(drafts: Callable[..., Path], check: Check) -> None:
    _, report = check(typed("财政收支", "一般公共预算总收入超过序时进度9.5%。"), drafts("2017-06"))
    assert [each["expected"] for each in found(report, "unit-wrong")] == ["9.5个百分点"]


def test_a_new_number_is_an_error_and_one_in_an_answer_a_warning(drafts: Callable[..., Path], check: Check) -> None:
    folder = drafts("2017-06")
    answer = "主要由于留抵退税1,234万元"

    def change(file: Document) -> None:
        retype("【待填写：收入增减变化的主要原因】", answer)(file)
        retype("，上年同期净退库", "，占基金预算7.77%，上年同期净退库")(file)

    _, report = check(edited(folder, change), folder)
    assert [(each["grade"], each["found"]) for each in found(report, "number-in-answer")] == [("警告", "1,234万元")]
    assert [(each["grade"], each["found"]) for each in found(report, "number-unexplained")] == [("错误", "7.77%")]


@pytest.mark.parametrize(
    ("sentence", "code", "grade", "shown"),
    [
        ("联系人证件号11010519491231002X。", "identity-number", "错误", "110*************2X"),
        ("联系人证件号110105 19491231 002Ｘ。", "identity-number", "错误", None),
        ("联系人证件号110105-19491231-002X。", "identity-number", "错误", None),
        ("汇款账号6222020200112233446。", "bank-card", "错误", "622**************46"),
        ("联系电话13800138000。", "phone-number", "警告", "138******00"),
        ("市政府各部门 365娱乐场投注_beat365官方登录入口_比分365网页版", "spam", "错误", None),
        ("bet 365亚洲版官网办公室", "spam", "错误", None),
        ("详见www.example.com。", "address", "警告", None),
        ("主要由于【待填写】", "open-blank", "错误", None),
    ],
)
def test_what_must_not_go_out_is_found(
    sentence: str, code: str, grade: str, shown: str | None, drafts: Callable[..., Path], check: Check
) -> None:
    folder = drafts("2017-06")
    _, report = check(edited(folder, lambda file: file.add_paragraph(sentence)), folder)
    hits = found(report, code)
    assert hits, report["findings"]
    assert grade in {each["grade"] for each in hits}
    if shown:
        assert hits[-1]["found"] == shown
        assert re.search(r"\d{11}", json.dumps(hits, ensure_ascii=False)) is None


def test_numbers_that_only_look_like_identifiers_are_none(drafts: Callable[..., Path], check: Check) -> None:
    folder = drafts("2017-06")
    texts = ("统一社会信用代码110105194912310021。", "编号6222020200112233447。", "详见www.pingtan.gov.cn。")
    _, report = check(edited(folder, lambda file: [file.add_paragraph(text) for text in texts]), folder)
    assert not [each for each in report["findings"] if each["code"] in {"identity-number", "bank-card", "address"}]


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ('<w:ins {} w:id="9" w:author="演示甲"><w:r><w:t>增</w:t></w:r></w:ins>', "tracked-change"),
        ('<w:del {} w:id="9" w:author="演示甲"><w:r><w:delText>删</w:delText></w:r></w:del>', "tracked-change"),
        ("<w:r {}><w:rPr><w:vanish/></w:rPr><w:t>看不见</w:t></w:r>", "hidden-text"),
        ('<w:r {}><w:commentReference w:id="0"/></w:r>', "comment"),
        ('<w:r {}><w:footnoteReference w:id="1"/></w:r>', "unreadable"),
    ],
)
def test_traces_of_editing_and_what_cannot_be_read_back_are_errors(
    xml: str, code: str, drafts: Callable[..., Path], check: Check
) -> None:
    folder = drafts("2017-06")
    _, report = check(edited(folder, insert(xml)), folder)
    assert [each["grade"] for each in found(report, code)] == ["错误"]


def test_a_required_blank_that_is_deleted_is_found(drafts: Callable[..., Path], check: Check) -> None:
    folder = drafts("2017-06")
    _, report = check(edited(folder, retype("【待填写：收入增减变化的主要原因】", "")), folder)
    assert "收入增减变化的主要原因" in found(report, "blank-removed")[0]["said"]


def _mark_header(file: Document) -> None:
    file.sections[0].header.paragraphs[0].text = "机密★10年"


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.add_paragraph("机密★"),
        lambda file: file.add_paragraph("秘 密 ★ 1 年"),
        lambda file: file.add_paragraph("绝密"),
        lambda file: file.add_paragraph("密级：秘密"),
        _mark_header,
        lambda file: setattr(file.core_properties, "keywords", "机密★"),
    ],
)
def test_a_file_with_a_mark_of_secrecy_is_refused_and_nothing_of_it_repeated(
    change: Callable[[Document], object], drafts: Callable[..., Path], check: Check, tmp_path: Path
) -> None:
    folder = drafts("2017-06")
    code, report = check(edited(folder, change), folder)
    (one,) = report["findings"]
    assert (code, one["grade"], one["code"], one["found"]) == (1, "错误", "classified", None)
    assert "报告本单位保密员" in one["said"]
    assert "未保留副本" in one["said"]
    assert not re.search(r"机密|绝密|★", json.dumps(report, ensure_ascii=False))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["改稿.docx"]


def test_words_about_secrets_are_no_mark(drafts: Callable[..., Path], check: Check) -> None:
    folder = drafts("2017-06")
    text = "涉及国家秘密、商业秘密的不予公开，机密级文件按规定办理。"
    _, report = check(edited(folder, lambda file: file.add_paragraph(text)), folder)
    assert found(report, "classified") == []


def test_the_layout_is_compared_with_the_standard(drafts: Callable[..., Path], check: Check) -> None:
    folder = drafts("2017-06")

    def change(file: Document) -> None:
        file.sections[0].page_width, file.sections[0].left_margin = Mm(216), Mm(20)
        paragraph = next(each for each in file.paragraphs if "一般公共预算支出完成" in each.text)
        paragraph.runs[0].font.size = Pt(14)
        paragraph.runs[2].font.bold = True
        fonts = parse_xml(f'<w:rFonts {nsdecls("w")} w:eastAsia="微软雅黑"/>')
        paragraph.runs[2]._r.get_or_add_rPr().insert(0, fonts)
        heading = next(each for each in file.paragraphs if each.style.name == "Heading 2")
        heading.style = file.styles["Heading 3"]

    _, report = check(edited(folder, change), folder)
    grades = {each["code"]: each["grade"] for each in report["findings"] if each["code"] != "open-blank"}
    assert grades == {"page-size": "警告", "page-margin": "警告", "font": "提示", "font-size": "提示", "bold": "提示",
                      "heading-level": "警告"}  # fmt: skip


def test_without_the_model_the_numbers_are_still_checked(
    drafts: Callable[..., Path], check: Check, tmp_path: Path
) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "figures.json").write_bytes((drafts("2017-06") / "figures.json").read_bytes())
    _, report = check(edited(drafts("2017-06"), retype("59.5%", "61.5%")), alone)
    assert {each["code"] for each in report["findings"]} == {
        "number-changed",
        "arithmetic",
        "open-blank",
    }


def repacked(data: bytes, changes: dict[str, bytes | Callable[[bytes], bytes]]) -> bytes:
    """Return a package with parts changed or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            change = changes.pop(name, None)
            part = source.read(name)
            target.writestr(name, change(part) if callable(change) else part if change is None else change)
        for name, part in changes.items():
            target.writestr(name, part)  # type: ignore[arg-type]
    return stream.getvalue()


def _linked(kind: str) -> Callable[[bytes], bytes]:
    link = f'<Relationship Id="x9" Type="http://x/{kind}" Target="http://192.0.2.1/t" TargetMode="External"/></Relationships>'
    return lambda part: part.replace(b"</Relationships>", link.encode())


_RELATIONS, _DOCUMENT = "word/_rels/document.xml.rels", "word/document.xml"
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"word/vbaProject.bin": b"x"}, "含有宏"),
    ({"[Content_Types].xml": lambda part: part.replace(b"document.main+xml", b"document.macroEnabled.main+xml")}, "含有宏"),
    ({_RELATIONS: _linked("attachedTemplate")}, "引用了文件以外的内容（attachedTemplate）"),
    ({_RELATIONS: _linked("image")}, "引用了文件以外的内容（image）"),
    ({_DOCUMENT: lambda part: b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + part.partition(b"?>")[2]}, "实体声明"),
    ({"docProps/core.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, "实体声明"),
    ({"word/media/zeros.bin": b"\0" * (51 * 1024 * 1024)}, "超过 50 MB"),
    ({"word/more.xml": b"<a>" + b"x" * (21 * 1024 * 1024) + b"</a>"}, "超过 20 MB"),
    ({_DOCUMENT: b"<a>" * 300 + b"</a>" * 300}, "已损坏"),
    ({_DOCUMENT: b"<w:document"}, "已损坏"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "named"), REFUSED, ids=[named for _, named in REFUSED])
def test_a_file_that_must_not_be_opened_is_refused(
    changes: dict[str, Any], named: str, drafts: Callable[..., Path], check: Check
) -> None:
    folder = drafts("2017-06")
    code, refused = check(repacked((folder / "document.docx").read_bytes(), dict(changes)), folder)
    assert code == 2
    assert named in refused["error"]
    assert "改稿.docx" in refused["error"]
    assert "passwd" not in json.dumps(refused)


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "空文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "不是 .docx"),
        (b"PK\x03\x04broken", "已损坏"),
        (b"PK" + b"\0" * (20 * 1024 * 1024), "超过 20 MB"),
    ],
)
def test_a_file_that_is_no_word_file_is_refused(
    data: bytes, named: str, drafts: Callable[..., Path], check: Check
) -> None:
    code, refused = check(data, drafts("2017-06"))
    assert code == 2
    assert named in refused["error"]


def test_a_workbook_in_disguise_and_a_strange_figures_file_are_refused(
    drafts: Callable[..., Path], check: Check, tmp_path: Path
) -> None:
    import openpyxl

    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    assert check(stream.getvalue(), drafts("2017-06"))[0] == 2
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "figures.json").write_text('{"measures": 1}')
    code, refused = check((drafts("2017-06") / "document.docx").read_bytes(), strange)
    assert code == 2
    assert "不是本系统起草时生成的 figures.json" in refused["error"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_file_spoiled_anywhere_is_refused_or_reported_and_never_breaks_the_check(
    drafts: Callable[..., Path], data: st.DataObject
) -> None:
    folder = drafts("2017-06")
    original, figures = (folder / "document.docx").read_bytes(), (folder / "figures.json").read_bytes()
    model = DocumentModel.from_json((folder / "model.json").read_bytes())
    name = data.draw(st.sampled_from(["word/document.xml", "word/styles.xml", _RELATIONS, "word/header1.xml"]))
    with zipfile.ZipFile(io.BytesIO(original)) as package:
        part = package.read(name)
    values = [hit.span(1) for hit in re.finditer(rb'"([^"]*)"', part)]
    start, end = data.draw(st.sampled_from(values))
    spoiled = data.draw(st.sampled_from([b"", b"x", b"-1", b"99999999999999999999", b"w:p", "王".encode(), b"&e;"]))
    changed = repacked(original, {name: part[:start] + spoiled + part[end:]})
    try:
        report = check_edited(changed, "改稿.docx", figures, model)
    except BadInput as error:
        whole = error.file == "改稿.docx"
    else:
        whole = report.document is not None or report.count("错误") > 0
    assert whole
