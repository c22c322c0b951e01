"""What a reader sees of a page: in the encoding it is in, without scripts and what is hidden."""

from __future__ import annotations

import io

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obligations.steps.verify.page_text import decode, visible_text, word_text

TEXT = "财政收支情况，同比增长3.5%。"


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (TEXT.encode(), "text/html; charset=utf-8"),
        (TEXT.encode(), "text/html; charset=gbk"),  # the server is wrong
        (TEXT.encode(), "text/html; charset=ISO-8859-1"),
        (TEXT.encode("utf-8-sig"), "text/html"),
        (TEXT.encode("utf-16"), "text/plain"),
        (TEXT.encode("gbk"), "text/html"),  # nobody says what it is
        (TEXT.encode("gbk"), "text/html; charset=utf-8"),
        (TEXT.encode("gb18030"), "text/html; charset=gb2312"),
        (TEXT.encode("gbk"), "text/html; charset=zlib"),
        (TEXT.encode("gbk"), "text/html; charset=no-such-thing"),
    ],
)
def test_a_text_is_read_in_the_encoding_it_is_in(data, content_type):
    assert decode(data, content_type) == TEXT


def test_a_page_says_its_own_encoding():
    markup = f'<html><head><meta charset="big5"></head><body>{"臺北市政府"}</body></html>'
    assert "臺北市政府" in decode(markup.encode("big5"), "text/html")


def test_scripts_styles_and_what_is_hidden_are_not_seen():
    markup = """<html style="display:none"><head><title>T</title><style>p{}</style></head><body>
    <p>甲</p><script>document.write("乙")</script><noscript>丙</noscript><p style="display: none">丁</p>
    <p hidden>戊</p><!-- 己 --><template>庚</template><select><option>辛</option></select><p>壬<svg><text>癸</text></svg></p>
    </body></html>"""
    assert "".join(visible_text(markup).split()) == "甲壬"


def test_blocks_and_cells_are_parted_and_words_within_a_line_are_not():
    markup = "<table><tr><td>1</td><td>2<b>3</b></td></tr></table><p>增长<span>3</span>.5%</p><div>4</div>5"
    assert visible_text(markup).split() == ["1", "23", "增长3.5%", "4", "5"]


@pytest.mark.parametrize("markup", ["", " ", "<!-- -->", "<", "</p>", "<?xml version='1.0' encoding='gbk'?><p>甲</p>"])
def test_a_page_that_is_hardly_one_is_read_all_the_same(markup):
    assert "".join(visible_text(markup).split()) in {"", "<", "甲"}


def test_a_page_nested_beyond_all_measure_is_read_as_far_as_it_goes():
    assert isinstance(visible_text("<div>" * 100_000 + "x"), str)


@given(st.text())
def test_no_page_breaks_the_reader(markup):
    visible_text(markup)


@given(st.binary(), st.text(max_size=20))
def test_no_bytes_break_the_decoder(data, charset):
    decode(data, f"text/html; charset={charset}")


def test_a_word_file_is_read_paragraph_by_paragraph_and_cell_by_cell():
    document = docx.Document()
    document.add_paragraph("财政收支情况")
    table = document.add_table(1, 2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "12", "34"
    stream = io.BytesIO()
    document.save(stream)
    assert (word_text(stream.getvalue()) or "").split() == ["财政收支情况", "12", "34"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"%PDF-1.7", b"\xd0\xcf\x11\xe0"])
def test_what_is_no_word_file_is_not_read(data):
    assert word_text(data) is None
