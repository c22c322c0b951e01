"""What stands in for an official font is known beforehand, and a character that cannot be printed is an error."""

from __future__ import annotations

import pylopdf_fonts_zh_cn as noto
import pytest
import typst
from fontTools import subset
from fontTools.ttLib import TTFont

from obligations.steps.rendering.docx_layout import BIAOSONG, FANGSONG, HEITI, KAITI, SONGTI
from obligations.steps.rendering.fonts import SANS, SERIF, font_set, load, told_missing
from obligations.words.errors import FontFault

OFFICIAL = (BIAOSONG, FANGSONG, HEITI, KAITI, SONGTI)
BUNDLED = noto.serif_path().parent


def every_character(encoding, rows, cells):
    """Yield the characters of a double-byte Chinese encoding."""
    for row in rows:
        for cell in cells:
            try:
                found = bytes([row, cell]).decode(encoding)
            except UnicodeDecodeError:
                continue
            if len(found) == 1 and found.isprintable():
                yield found


@pytest.fixture
def fonts_with(tmp_path):
    """Return the fonts of a machine that has these families, too, each with the characters of ``text`` only."""

    def make(text, *families):
        for count, family in enumerate(families):
            font = TTFont(noto.serif_path())
            subsetter = subset.Subsetter()
            subsetter.populate(text=text)
            subsetter.subset(font)
            for record in font["name"].names:
                if record.nameID in {1, 16}:
                    record.string = family
            font["name"].names = [record for record in font["name"].names if record.nameID in {1, 2, 3, 6}]
            font.save(tmp_path / f"{count}.otf")
        return load(
            typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[BUNDLED, tmp_path])
        )

    return make


def test_the_fonts_that_come_with_the_program_stand_in_for_every_official_one():
    found = font_set(installed=False)
    assert set(found.typefaces) == set(OFFICIAL)
    assert dict(found.stand_ins()) == {BIAOSONG: SERIF, FANGSONG: SERIF, KAITI: SERIF, HEITI: SANS, SONGTI: SERIF}


@pytest.mark.parametrize("official", OFFICIAL)
def test_the_fonts_that_come_with_the_program_have_all_of_gbk_but_one_sign(official):
    text = {*every_character("gbk", range(0x81, 0xFE), range(0x40, 0xFF)), *"㎡㎎²³μ℃‰①⑩㈠—…·±≤≥〔〕【】“”‘’□√〇Ⅰ㏄䶮"}
    assert len(text) > 21_000
    assert font_set(installed=False).typefaces[official].missing(text) == ["≒"]


def test_an_official_font_is_used_where_it_is_installed_under_either_of_its_names(fonts_with):
    found = fonts_with("甲", "FangSong_GB2312", "方正小标宋简体", "FandolFang R")
    assert found.typefaces[FANGSONG].families == ("FangSong_GB2312", SERIF)
    assert found.typefaces[BIAOSONG].families == ("方正小标宋简体", SERIF)
    assert {official for official, _ in found.stand_ins()} == {KAITI, HEITI, SONGTI}


def test_fandol_stands_in_before_noto(fonts_with):
    found = fonts_with("甲", "FandolFang R", "FandolKai", "FandolHei", "FandolSong")
    assert dict(found.stand_ins()) == {
        BIAOSONG: "FandolSong", FANGSONG: "FandolFang R", KAITI: "FandolKai", HEITI: "FandolHei", SONGTI: "FandolSong",
    }  # fmt: skip


def test_what_a_font_lacks_is_printed_by_the_one_behind_it(fonts_with):
    typeface = fonts_with("甲", "FandolFang R").typefaces[FANGSONG]
    assert not typeface.faces[0].has("㎡")
    assert typeface.missing("甲㎡") == []


def test_a_character_that_no_font_has_is_an_error_that_names_it():
    with pytest.raises(FontFault) as fault:
        font_set(installed=False).require_glyphs({FANGSONG: "甲✅", HEITI: "乙☑"})
    assert "“☑”（U+2611）、“✅”（U+2705）" in str(fault.value)
    assert "请改用" in str(fault.value)


def test_a_machine_without_any_font_of_ours_is_told_so(tmp_path):
    with pytest.raises(FontFault, match="没有可用的方正小标宋简体，也没有替代字体"):
        load(typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[tmp_path]))


def test_a_rare_character_of_a_name_is_not_to_be_replaced():
    assert told_missing(["𠮷"]).endswith("；姓名、地名中的生僻字不要改写，请系统管理员安装有这个字的字体")
    assert "生僻字" not in told_missing(["✅"])
