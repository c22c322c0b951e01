"""What is installed is what was locked, byte for byte, under licenses that an office may use; nothing runs as root."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml
from case_counts import tried

from obligations.orchestration.documents.licences_page import PAGE, Licensed, licences_page, licensed

REPOSITORY = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")
PERMISSIVE = {
    "0BSD", "Apache-2.0", "Artistic-1.0-Perl", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "MIT",
    "MIT-0", "MIT-CMU", "OFL-1.1", "PSF-2.0", "Unlicense", "Zlib",
}  # fmt: skip
AS_A_LIBRARY = {"EPL-2.0", "LGPL-2.1", "LGPL-3.0-only", "LGPL-3.0-or-later", "MPL-2.0"}
"""Fit for a library that is installed on its own and not changed, which is how all of them are used."""
SERVICES = yaml.safe_load((REPOSITORY / "docker-compose.yaml").read_text("utf-8"))["services"]


@cache
def packages() -> tuple[Licensed, ...]:
    return tuple(each for each in licensed() if each.installed)


def is_allowed(licence: str) -> bool:
    """Whether an SPDX expression lets us use a package: all of what AND joins, one of what OR joins."""
    return all(
        any(choice.strip("() ") in PERMISSIVE | AS_A_LIBRARY for choice in part.split(" OR "))
        for part in licence.split(" AND ")
    )


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes_and_no_address(name):
    text = (REPOSITORY / name).read_text("utf-8")
    pins = re.split(r"\n(?=\w)", text)
    tried("supply chain: pins with hashes", len(pins))
    for pin in pins:
        assert re.match(r"[\w.-]+(\[[\w, -]+\])?==[^\s]+", pin), pin
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", pin), f"{pin.split()[0]} has no hash: make lock"
    assert "://" not in text, "where a package came from is nobody's business"
    assert not re.search(r"^\s*(-i|--index-url|--extra-index-url|--trusted-host|-e|--find-links)\b", text, re.MULTILINE)


def test_every_installation_asks_for_the_hashes():
    for file, command in (
        ("Makefile", "pip install"),
        ("Dockerfile", "pip install"),
        ("deploy/install.sh", r"^pip --"),
    ):
        lines = [line for line in (REPOSITORY / file).read_text("utf-8").splitlines() if re.search(command, line)]
        assert lines, file
        for line in lines:
            # With --no-deps, because the lock is whole, and pip counts a package with extras as another one without hash.
            assert "--no-deps" in line, f"{file}: {line}"
            assert "--require-hashes" in line or "--editable" in line, f"{file}: {line}"


def test_a_file_that_is_not_the_locked_one_is_refused(tmp_path):
    wrong = "tenacity==9.1.2 --hash=sha256:" + "0" * 64
    (tmp_path / "requirements.txt").write_text(wrong, "utf-8")
    (tmp_path / "tenacity-9.1.2-py3-none-any.whl").write_bytes(b"PK\x05\x06" + b"\0" * 18)
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--no-deps", "--find-links", tmp_path]
    command += ["--target", tmp_path / "there", "--require-hashes", "-r", tmp_path / "requirements.txt"]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode != 0
    assert "DO NOT MATCH THE HASHES" in answer.stderr


@pytest.mark.parametrize("package", packages(), ids=lambda package: package.name)
def test_every_package_has_a_license_that_an_office_may_use(package):
    tried("supply chain: licenses")
    assert package.licence, f"{package.name}: look into its files and enter what they say in licences_page"
    assert is_allowed(package.licence), f"{package.name}: {package.licence}"


@pytest.mark.parametrize(
    "licence", ["GPL-3.0-only", "AGPL-3.0-or-later", "BUSL-1.1", "MIT AND GPL-2.0-only", "", "不明"]
)
def test_other_licenses_are_refused(licence):
    assert not is_allowed(licence)


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the list is of Python 3.11's packages")
def test_the_list_of_licenses_is_that_of_the_lock():
    assert PAGE.read_text("utf-8") == licences_page(), (
        "run python -m obligations.orchestration.documents.licences_page (make docs)"
    )


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_has_a_root_folder_that_it_cannot_write(name):
    tried("supply chain: containers")
    assert SERVICES[name]["read_only"] is True
    assert "/tmp" in {place.partition(":")[0] for place in SERVICES[name]["tmpfs"]}  # noqa: S108 - a container's own
