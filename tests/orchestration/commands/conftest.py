"""What tests of the commands share: a call of the command line in a home of the module's own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Answer, Call

from obligations.orchestration.commands.cli import main


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OBLIGATIONS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def call(home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Call the command in this process, whose logging other tests may have set up, Airflow's for one."""

    def _call(*words: object) -> Answer:
        capsys.readouterr()
        code = main([str(word) for word in words])
        printed = capsys.readouterr()
        return Answer(code, printed.out, printed.err)

    logging.disable(logging.CRITICAL)
    yield _call
    logging.disable(logging.NOTSET)
