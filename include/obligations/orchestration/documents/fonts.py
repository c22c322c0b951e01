"""Says which font of this machine prints for each official one, and whether it has the characters that are asked about.

``docs/fonts.zh-CN.md`` tells operators what to do about it; how a font is chosen is ``steps.rendering.fonts``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from obligations.steps.rendering.fonts import FontSet, font_set, told_missing
from obligations.words.errors import FontFault


def report(fonts: FontSet) -> Iterator[str]:
    """Yield a line an official font, Chinese: installed or what stands in for it, and the file."""
    for typeface in fonts.typefaces.values():
        first = typeface.faces[0]
        state = f"未安装，由 {first.family} 代替" if typeface.stands_in else f"已安装（{first.family}）"
        yield f"{typeface.official}：{state}；{first.copies[0][0]}"


def missing(fonts: FontSet, text: str) -> str | None:
    """Say which characters of ``text`` some official font cannot print; None if there are none."""
    found = {character for typeface in fonts.typefaces.values() for character in typeface.missing(text)}
    return told_missing(sorted(found)) if found else None


def main(texts: Sequence[str]) -> int:
    """Print the report; exit 1 for characters in ``texts`` that cannot be printed, or if there is no font at all."""
    try:
        fonts = font_set()
    except FontFault as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    sys.stdout.write("".join(f"{line}\n" for line in report(fonts)))
    lacking = missing(fonts, "".join(texts))
    if lacking:
        sys.stderr.write(f"{lacking}\n")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
