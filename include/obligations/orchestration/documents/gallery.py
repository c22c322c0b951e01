"""Draws docs/gallery: the first pages of a draft of every publication kind, to look at. Same program and fonts, same pictures.

Run ``python -m obligations.orchestration.documents.gallery`` after a change to a template or to the layout; a name or more draws
those kinds alone. What is drafted is ``specimens``, with the fonts that come with the program.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from obligations.orchestration.documents.specimens import specimen
from obligations.orchestration.settings import PACKAGE
from obligations.publications.registry import NAMES
from obligations.steps.draft import TEMPLATES, draft
from obligations.steps.rendering.folder import model_in
from obligations.steps.rendering.fonts import font_set
from obligations.steps.rendering.pdf import render_png

FOLDER = PACKAGE.parents[1] / "docs" / "gallery"
PAGES = 2
MOST_BYTES = 200_000
_DOTS_PER_INCH = 100
_GAP, _BETWEEN = 14, "#9aa0a8"
_SHADES = 16
"""Colors of a picture: text, marks and charts look the same, at a third of the size."""


def picture_of(name: str) -> bytes:
    """Return the first pages of a draft of the kind ``name``, side by side, as PNG."""
    with tempfile.TemporaryDirectory(prefix="obligations-") as folder:
        made = specimen(name)
        version = draft(*made.arguments, version=1, out=Path(folder) / "draft", created_at=made.occurrence.opens_at)
        document = model_in(version.folder)
        pages = render_png(document, TEMPLATES / "pages", font_set(installed=False), dots_per_inch=_DOTS_PER_INCH)
    return _beside([Image.open(io.BytesIO(page)).convert("RGB") for page in pages[:PAGES]])


def _beside(pages: Sequence[Image.Image]) -> bytes:
    width = sum(page.width for page in pages) + _GAP * (len(pages) + 1)
    sheet = Image.new("RGB", (width, pages[0].height + 2 * _GAP), _BETWEEN)
    left = _GAP
    for page in pages:
        sheet.paste(page, (left, _GAP))
        left += page.width + _GAP
    stream = io.BytesIO()
    sheet.quantize(_SHADES, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def main(names: Sequence[str]) -> int:
    """Draw the kinds named, or all, and take away what no kind is called; exit 1 if a picture is too large."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for stray in {path.stem for path in FOLDER.glob("*.png")} - set(NAMES):
        (FOLDER / f"{stray}.png").unlink()
    large = []
    for name in names or NAMES:
        data = picture_of(name)
        (FOLDER / f"{name}.png").write_bytes(data)
        sys.stderr.write(f"{name}: {len(data) // 1000} kB\n")
        large += [name] if len(data) > MOST_BYTES else []
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
