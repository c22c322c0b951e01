"""Which font stands for each official one, and whether it has every character: a substitution is never silent.

GB/T 9704-2012 names fonts that only some machines have. Where one is not installed, Fandol stands in, else Noto CJK SC,
which comes with this program as a package. Compiling is ``pdf``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import pylopdf_fonts_zh_cn as noto
import typst
from fontTools.ttLib import TTFont

from obligations.steps.rendering.docx_layout import BIAOSONG, FANGSONG, HEITI, KAITI, SONGTI
from obligations.words.errors import FontFault

SERIF, SANS = "Noto Serif SC", "Noto Sans SC"
REGULAR, BOLD = 400, 700
# By official name: names it is installed under, then what stands in. The English names are those in the font files.
_CHOICES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    BIAOSONG: (("方正小标宋简体", "FZXiaoBiaoSong-B05S", "方正小标宋_GBK", "FZXiaoBiaoSong-B05"), ("FandolSong", SERIF)),
    FANGSONG: (("仿宋_GB2312", "FangSong_GB2312", "仿宋", "FangSong"), ("FandolFang R", "FandolFang", SERIF)),
    KAITI: (("楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi"), ("FandolKai", SERIF)),
    HEITI: (("黑体", "SimHei"), ("FandolHei", SANS)),
    SONGTI: (("宋体", "SimSun"), ("FandolSong", SERIF)),
}  # fmt: skip
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Face:
    """One face of an installed font: its family as Typst names it, its weight, and each copy (file, place in it)."""

    family: str
    weight: int
    copies: tuple[tuple[Path, int], ...]

    def has(self, character: str) -> bool:
        """Say whether every copy has a glyph for ``character``: Typst chooses among them."""
        return all(ord(character) in glyphs(*copy) for copy in self.copies)


@dataclass(frozen=True, slots=True)
class Typeface:
    """What prints for one official font.

    Attributes:
        official: the font's name in GB/T 9704-2012.
        stands_in: the official font itself is not installed.
        faces: the first prints; the second has what the first lacks (㎡, rare characters).
    """

    official: str
    stands_in: bool
    faces: tuple[Face, ...]

    @property
    def families(self) -> tuple[str, ...]:
        """Families in order, as Typst takes them."""
        return tuple(dict.fromkeys(face.family for face in self.faces))

    def missing(self, text: Iterable[str]) -> list[str]:
        """Return the characters of ``text`` that no face has, in order."""
        return sorted({character for character in text if not any(face.has(character) for face in self.faces)})


@dataclass(frozen=True, slots=True, eq=False)
class FontSet:
    """Every typeface by official name, and the fonts as the compiler takes them."""

    typefaces: Mapping[str, Typeface]
    loaded: typst.Fonts

    def stand_ins(self) -> tuple[tuple[str, str], ...]:
        """Return official names that are not installed, each with the family that prints instead."""
        found = self.typefaces.values()
        return tuple((typeface.official, typeface.faces[0].family) for typeface in found if typeface.stands_in)

    def require_glyphs(self, printed: Mapping[str, Iterable[str]]) -> None:
        """Raise FontFault if a character cannot be printed; ``printed`` is the characters by official font name."""
        missing = {found for name, text in printed.items() for found in self.typefaces[name].missing(text)}
        if missing:
            raise FontFault(told_missing(sorted(missing)))


def told_missing(characters: list[str]) -> str:
    """Say which characters cannot be printed and what to do."""
    shown = "、".join(f"“{character}”（U+{ord(character):04X}）" for character in characters[:_SHOWN])
    more = f"等{len(characters)}个字符" if len(characters) > _SHOWN else ""
    # A rare character of a name is not to be written otherwise.
    rare = any(unicodedata.name(character, "").startswith("CJK UNIFIED IDEOGRAPH") for character in characters)
    names = "；姓名、地名中的生僻字不要改写，请系统管理员安装有这个字的字体" if rare else ""
    return f"字体里没有{shown}{more}，不能排版；请改用常用汉字或符号，例如用“□”“√”代替特殊符号、去掉表情符号{names}"


@lru_cache(maxsize=2)
def font_set(*, installed: bool = True) -> FontSet:
    """Return the fonts of this machine and those that come with the program; the latter only, unless ``installed``.

    Raises FontFault if not even those are there.
    """
    folder = noto.serif_path().parent
    return load(typst.Fonts(include_system_fonts=installed, include_embedded_fonts=False, font_paths=[folder]))


def load(fonts: typst.Fonts) -> FontSet:
    """Return what prints for each official font, by the fonts that are there; raises FontFault if nothing does."""
    upright: dict[tuple[str, int], list[tuple[Path, int]]] = {}
    for font in fonts.fonts():
        if font.style == "normal" and font.path:
            upright.setdefault((font.family, font.weight), []).append((Path(font.path), font.index))
    faces = [Face(family, weight, tuple(sorted(copies))) for (family, weight), copies in upright.items()]
    return FontSet(MappingProxyType({name: _typeface(name, faces) for name in _CHOICES}), fonts)


@lru_cache(maxsize=16)
def glyphs(file: Path, index: int) -> frozenset[int]:
    """Return the code points that a face of a font file has glyphs for."""
    with TTFont(file, fontNumber=index, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())


def _typeface(official: str, faces: list[Face]) -> Typeface:
    names, stand_ins = _CHOICES[official]
    weight = BOLD if official == BIAOSONG else REGULAR
    for family in (*names, *stand_ins):
        if face := _closest(family, weight, faces):
            rest = _closest(stand_ins[-1], REGULAR, faces)
            return Typeface(official, family not in names, tuple(dict.fromkeys(filter(None, (face, rest)))))
    raise FontFault(f"没有可用的{official}，也没有替代字体{'、'.join(stand_ins)}；请运行 make 重新安装本系统的程序包")


def _closest(family: str, weight: int, faces: list[Face]) -> Face | None:
    """Return the face of a family that is nearest to a weight, None if there is no such family."""
    found = [face for face in faces if face.family.casefold() == family.casefold()]
    return min(found, key=lambda face: (abs(face.weight - weight), face.weight), default=None)
