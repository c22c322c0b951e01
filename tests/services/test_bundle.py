"""The offline bundle, made and installed from for real; of few requirements, for all of them take minutes. Needs the index."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
DEPLOY = REPOSITORY / "deploy"
FEW = ("tenacity", "six", "markupsafe", "jinja2", "pyyaml", "python-dateutil", "setuptools")


def load():
    spec = importlib.util.spec_from_file_location("bundle", DEPLOY / "bundle.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BUNDLE = load()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    # One pin is a line that names it and the lines of its hashes.
    lock = re.split(r"\n(?=\w)", (REPOSITORY / "requirements.txt").read_text("utf-8"))
    few = [pin for pin in lock if pin.partition("==")[0] in FEW]
    assert len(few) == len(FEW)
    (folder / "requirements.txt").write_text("\n".join(few), "utf-8")
    arguments = ["make", folder / "made", "--requirements", folder / "requirements.txt"]
    subprocess.run([sys.executable, DEPLOY / "bundle.py", *arguments], check=True)
    return folder / "made"


def test_it_is_installed_from_without_a_network(bundle, tmp_path):
    nowhere = {
        "PATH": "/usr/bin:/bin:/usr/local/bin",
        "PYTHON": sys.executable,
        "HOME": str(tmp_path),
        "PIP_INDEX_URL": "http://127.0.0.1:9",
    }
    answer = subprocess.run(
        ["bash", bundle / "install.sh", tmp_path / "there"], env=nowhere, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    python = tmp_path / "there" / ".venv" / "bin" / "python"
    told = subprocess.run(
        [python, "-m", "pip", "freeze", "--exclude-editable"], check=True, capture_output=True, text=True
    ).stdout
    lock = (bundle / "requirements.txt").read_text("utf-8")
    for pin in re.findall(r"^[\w.-]+==[\w.]+", lock, re.MULTILINE):
        if not pin.startswith("setuptools"):  # which is not frozen
            assert pin.lower() in told.lower()
    shown = subprocess.run(
        [python, "-c", "import obligations; print(obligations.__file__)"], capture_output=True, text=True
    )
    assert str(tmp_path / "there" / "include") in shown.stdout
    again = subprocess.run(
        ["bash", bundle / "install.sh", tmp_path / "there"], env=nowhere, capture_output=True, text=True
    )
    assert again.returncode == 1


def test_what_is_damaged_missing_or_foreign_is_named(bundle):
    assert list(BUNDLE.faults(bundle)) == []
    wheel = next((bundle / "wheels").glob("tenacity-*.whl"))
    kept = wheel.read_bytes()
    wheel.write_bytes(b"damaged")
    assert any("已损坏" in said for said in BUNDLE.faults(bundle))
    wheel.unlink()
    said = list(BUNDLE.faults(bundle))
    assert any("缺少文件" in each for each in said)
    assert any("缺少程序包 tenacity" in each for each in said)
    wheel.write_bytes(kept)
    (bundle / "wheels" / "foreign.txt").write_text("", "utf-8")
    assert any("多出的文件" in each for each in BUNDLE.faults(bundle))
    (bundle / "wheels" / "foreign.txt").unlink()
    assert list(BUNDLE.faults(bundle)) == []


def test_every_pin_of_the_lock_is_asked_for():
    lock = (REPOSITORY / "requirements.txt").read_text("utf-8")
    found = dict(BUNDLE.pinned(REPOSITORY / "requirements.txt"))
    unconditional = re.findall(r"^([\w.-]+)(?:\[[\w, -]+\])?==([\w.+!]+)(?=\s|$)(?!.*;)", lock, re.MULTILINE)
    assert len(unconditional) > 150
    for name, version in unconditional:
        assert found[BUNDLE.canonicalize_name(name)] == version
