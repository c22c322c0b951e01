"""The offline bundle: everything that a machine without internet needs, in one folder, with checksums.

``python deploy/bundle.py make FOLDER`` lays out the wheels of every pinned requirement for this Python and this kind of
machine, the fonts, the program as of the last commit, and ``install.sh``. ``python deploy/bundle.py check FOLDER`` says
what is damaged, missing or not of the lock; ``install.sh`` does so before it installs. Needs nothing but Python and pip.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from pip._vendor.packaging.markers import default_environment
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.tags import sys_tags
from pip._vendor.packaging.utils import canonicalize_name, parse_wheel_filename

REPOSITORY = Path(__file__).resolve().parents[1]
SUMS = "SHA256SUMS"


def main(arguments: list[str] | None = None) -> int:
    """Make or check a bundle; returns the exit code."""
    parser = argparse.ArgumentParser(description="离线安装包")
    parser.add_argument("act", choices=("make", "check"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--requirements", type=Path, default=REPOSITORY / "requirements.txt")
    given = parser.parse_args(arguments)
    if given.act == "make":
        make(given.folder, given.requirements)
    problems = list(faults(given.folder))
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    wheels = len(list((given.folder / "wheels").glob("*.whl")))
    sys.stdout.write(f"{given.folder}：{wheels} 个程序包，{'有问题，不能使用' if problems else '完整'}\n")
    return 1 if problems else 0


def make(folder: Path, requirements: Path) -> None:
    """Lay out a new bundle; what another one left in the folder goes."""
    shutil.rmtree(folder, ignore_errors=True)
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    shutil.copy(requirements, folder / "requirements.txt")
    # Nothing is built: a wheel made here has no hash in the lock.
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--dest", str(wheels)]
    only = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement", str(requirements)]
    # A line a package, beside the one line of the outcome.
    subprocess.run([*pip, *only], check=True, stdout=sys.stderr)  # noqa: S603 - our own arguments
    sys.stderr.write("正在打包程序和字体，并计算校验值……\n")
    archive = ["git", "archive", "--format=tar.gz", f"--output={(folder / 'obligations.tar.gz').absolute()}", "HEAD"]
    subprocess.run(archive, cwd=REPOSITORY, check=True)  # noqa: S603 - our own arguments
    shutil.copytree(REPOSITORY / "deploy" / "fonts", folder / "fonts")
    shutil.copy(REPOSITORY / "deploy" / "install.sh", folder)
    (folder / "MADE_FOR").write_text(f"{_kind_of_machine()}\n", "utf-8")
    lines = [f"{_digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in _files(folder)]
    (folder / SUMS).write_text("".join(lines), "utf-8")


def faults(folder: Path) -> Iterator[str]:
    """Yield what is wrong with a bundle: a damaged, missing or foreign file, a requirement without its wheel."""
    listed = folder / SUMS
    if not listed.is_file():
        yield f"{folder} 不是离线安装包：没有 {SUMS}"
        return
    lines = [line.partition("  ") for line in listed.read_text("utf-8", "replace").splitlines()]
    if not all(name for _, _, name in lines):
        yield f"{listed} 已损坏，每行应为校验值、两个空格和文件名；请重新复制整个文件夹"
        return
    sums = {name: digest for digest, _, name in lines}
    for name, digest in sums.items():
        path = folder / name
        if not path.is_file():
            yield f"缺少文件 {name}"
        elif _digest(path) != digest:
            yield f"文件已损坏 {name}"
    for path in _files(folder):
        if path.relative_to(folder).as_posix() not in sums:
            yield f"多出的文件 {path.relative_to(folder).as_posix()}，不在校验清单中"
    made_for = folder / "MADE_FOR"
    if made_for.is_file() and made_for.read_text("utf-8").strip() != _kind_of_machine():
        yield f"这个安装包用于 {made_for.read_text('utf-8').strip()}，本机是 {_kind_of_machine()}"
    yield from _lacking(folder)


def _lacking(folder: Path) -> Iterator[str]:
    fitting = set(sys_tags())
    there = {
        (name, str(version))
        for path in (folder / "wheels").glob("*.whl")
        for name, version, _, tags in [parse_wheel_filename(path.name)]
        if tags & fitting
    }
    for name, version in pinned(folder / "requirements.txt"):
        if (name, version) not in there:
            yield f"缺少程序包 {name} {version}"


def pinned(requirements: Path) -> Iterator[tuple[str, str]]:
    """Yield name and version of every pin that applies to this Python and machine."""
    if not requirements.is_file():
        return
    environment = {key: str(value) for key, value in default_environment().items()}
    for line in requirements.read_text("utf-8").splitlines():
        text = re.sub(r"\s+#.*|^#.*", "", line).strip(" \\")
        if text and not text.startswith("--hash="):
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate(environment):
                (exact,) = requirement.specifier
                yield canonicalize_name(requirement.name), exact.version


def _kind_of_machine() -> str:
    return f"Python {platform.python_version().rpartition('.')[0]} {sysconfig.get_platform()}"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
