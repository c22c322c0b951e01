"""Writes docs/licences.zh-CN.md: the license of every package that is installed with this program. Judges none: a test does.

Run ``python -m obligations.orchestration.documents.licences_page`` after a change to requirements.txt; a test holds the two
alike. What a package says of itself is turned into an SPDX expression; what it says unclearly is in ``_TOLD_BY_FILES``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageMetadata as Metadata
from importlib.metadata import PackageNotFoundError, distribution

from obligations.orchestration.settings import PACKAGE

REPOSITORY = PACKAGE.parents[1]
PAGE = REPOSITORY / "docs" / "licences.zh-CN.md"
LOCK = REPOSITORY / "requirements.txt"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)
_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "SIL Open Font License 1.1 (OFL-1.1)": "OFL-1.1",
    "The Unlicense (Unlicense)": "Unlicense",
}
_SAID = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "EPL-2.0 OR GPL-2.0-or-later": "EPL-2.0 OR GPL-2.0-or-later",
    **{name: name for name in ("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "MPL-2.0", "PSF-2.0")},
}
_TOLD_BY_FILES = {
    "greenback": "MIT OR Apache-2.0",
    "outcome": "MIT OR Apache-2.0",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "redshift-connector": "Apache-2.0",
    "requests-oauthlib": "ISC",
    "sniffio": "MIT OR Apache-2.0",
    "text-unidecode": "Artistic-1.0-Perl OR GPL-2.0-or-later",
    "uvloop": "MIT OR Apache-2.0",
}
"""What the metadata leave open, read in the license files of the packages."""


@dataclass(frozen=True, slots=True)
class Licensed:
    """One package of the lock.

    Attributes:
        name: canonical; version: as installed, or as pinned where this machine has no use for it.
        licence: SPDX expression; empty where it could not be told.
        installed: whether this machine has it; those for other systems are only named.
    """

    name: str
    version: str
    licence: str
    installed: bool


def licensed() -> Iterator[Licensed]:
    """Yield every package of the lock, by name; one that is pinned twice (for several Pythons) is one."""
    pins = {_canonical(name): version for name, version in _PIN.findall(LOCK.read_text("utf-8"))}
    for name, version in sorted(pins.items()):
        try:
            found = distribution(name)
        except PackageNotFoundError:
            yield Licensed(name, version, "", installed=False)
        else:
            yield Licensed(name, found.version, _TOLD_BY_FILES.get(name) or _told(found.metadata), installed=True)


def licences_page() -> str:
    """Return the page in Markdown."""
    packages = list(licensed())
    here = [each for each in packages if each.installed]
    lines = [
        "# 程序包许可证清单",
        "",
        "<!-- python -m obligations.orchestration.documents.licences_page -->",
        "",
        f"本系统按 Apache-2.0 许可证发布。运行所需的 {len(here)} 个程序包及其许可证（SPDX 标识）如下。",
        "",
        "均未改动其源代码；LGPL 程序包以独立的库安装，可以自行替换。本页由程序生成，请勿手工修改。",
        "",
        "| 程序包 | 版本 | 许可证 |",
        "| --- | --- | --- |",
        *(f"| {each.name} | {each.version} | {each.licence or '不明'} |" for each in here),
    ]
    if others := [each.name for each in packages if not each.installed]:
        lines += ["", f"仅在其他操作系统或 Python 版本上安装：{'、'.join(others)}。"]
    return "\n".join(lines) + "\n"


def _told(metadata: Metadata) -> str:
    """Return what a package says of itself: its expression, else its classifiers, else its field."""
    if expression := (metadata.get_all("License-Expression") or [""])[0]:
        return str(expression)
    classifiers = [
        text.split(" :: ")[-1] for text in metadata.get_all("Classifier") or () if text.startswith("License")
    ]
    known = sorted({_CLASSIFIERS[text] for text in classifiers if text in _CLASSIFIERS})
    field = str((metadata.get_all("License") or [""])[0]).strip()
    if field in _SAID:
        return _SAID[field]
    return " AND ".join(known)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    """Write the page."""
    PAGE.write_text(licences_page(), "utf-8")


if __name__ == "__main__":
    main()
