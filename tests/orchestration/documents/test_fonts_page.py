"""The operators' page on fonts: its commands are run, its table is that of the program, its messages are those one gets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pylopdf_fonts_zh_cn as noto
import pytest
import typst
from fontTools import subset
from fontTools.ttLib import TTFont

from obligations.steps.rendering import fonts
from obligations.steps.rendering.docx_layout import BIAOSONG, FANGSONG, HEITI, KAITI, SONGTI
from obligations.words.errors import FontFault

REPOSITORY = Path(__file__).parents[3]
PAGE = (REPOSITORY / "docs" / "fonts.zh-CN.md").read_text("utf-8")
MODULE = "obligations.orchestration.documents.fonts"


def shown(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def run(home, *texts):
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(REPOSITORY / "include")}
    environment.pop("XDG_DATA_HOME", None)
    command = [sys.executable, "-m", MODULE, *texts]
    return subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True)


def install(folder, family):
    font = TTFont(noto.serif_path())
    subsetter = subset.Subsetter()
    subsetter.populate(text="甲")
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in {1, 16}:
            record.string = family
    font["name"].names = [record for record in font["name"].names if record.nameID in {1, 2, 3, 6}]
    folder.mkdir(parents=True)
    font.save(folder / "official.otf")


def test_the_commands_shown_are_run(tmp_path):
    commands = [line for block in shown("sh") for line in block.splitlines()]
    assert len(commands) == 2
    for line in commands:
        program, flag, module, *texts = line.split()
        assert (program, flag, module) == (".venv/bin/python", "-m", MODULE)
        assert run(tmp_path, *texts).returncode == 0


def test_the_output_shown_is_that_of_a_machine_without_official_fonts():
    (expected,) = shown("text")
    found = fonts.font_set(installed=False)
    from obligations.orchestration.documents.fonts import report

    printed = [re.sub(r"；.*(?=/pylopdf)", "；…", line) for line in report(found)]
    assert printed == expected.splitlines()


@pytest.mark.parametrize("folder", [".local/share/fonts", ".fonts"])
def test_a_font_in_a_folder_that_the_page_names_is_found(folder, tmp_path):
    assert f"`{folder}`" in PAGE
    install(tmp_path / folder / "单位字体", "仿宋_GB2312")
    place = tmp_path / folder / "单位字体" / "official.otf"
    assert f"仿宋_GB2312：已安装（仿宋_GB2312）；{place}" in run(tmp_path).stdout.splitlines()


def test_characters_that_cannot_be_printed_are_told_as_the_page_says(tmp_path):
    answer = run(tmp_path, "完成✅")
    assert answer.returncode == 1
    assert answer.stderr.startswith("字体里没有“✅”（U+2705），不能排版；请改用")
    assert "字体里没有“✅”（U+2705），不能排版；请改用……" in PAGE


def test_a_machine_without_any_font_is_told_as_the_page_says(tmp_path):
    with pytest.raises(FontFault) as fault:
        fonts.load(typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[tmp_path]))
    said = re.sub(r"没有可用的[^；]+，也没有替代字体[^；]+；", "没有可用的……，也没有替代字体……；", str(fault.value))
    assert f"| {said} |" in PAGE


def test_every_name_that_the_program_knows_stands_in_its_row():
    rows = {row.split(" | ")[1]: row for row in PAGE.splitlines() if row.startswith("| ") and " | " in row}
    for official in (BIAOSONG, FANGSONG, KAITI, HEITI, SONGTI):
        names, stand_ins = fonts._CHOICES[official]
        written = [*names, *(name.removesuffix(" R") for name in stand_ins)]
        assert all(name in rows[official] for name in written), official
