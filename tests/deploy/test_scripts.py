"""The scripts of the deployment: on days when what they call fails nothing half done is told as done; what they match."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
A_DAY = 24 * 3600
SLEEP = """#!/usr/bin/env bash
# Takes no time; the third time it ends the script that calls it, which would go on for ever.
echo >> "${SLEPT}"
[ "$(wc -l < "${SLEPT}")" -lt 3 ] || kill "${PPID}"
"""
FAILS = "#!/usr/bin/env bash\necho 'no server' >&2\nexit 1\n"


@pytest.fixture
def daily(tmp_path):
    """Return what runs a script with ``--daily`` for three nights, or fewer if it tries again in between."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, text in {"sleep": SLEEP, "pg_dump": FAILS, "airflow": FAILS}.items():
        (commands / name).write_text(text, "utf-8")
        (commands / name).chmod(0o755)

    def run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        place = {"PATH": f"{commands}:{os.environ['PATH']}", "SLEPT": str(tmp_path / "slept")}
        return subprocess.run(
            ["bash", DEPLOY / script, "--daily"], env=place | environment, capture_output=True, text=True, timeout=60
        )

    return run


def test_a_backup_without_its_databases_is_none_and_the_old_ones_stay(daily, tmp_path):
    secrets, home, backups = (tmp_path / name for name in ("secrets", "home", "backups"))
    old = backups / "2026-08-01T020000"
    for folder in (secrets, home, old):
        folder.mkdir(parents=True)
    for name in ("ledger_database_url", "airflow_database_url"):
        (secrets / name).write_text("postgresql+psycopg2://nobody@127.0.0.1:1/none", "utf-8")
    long_ago = time.time() - 60 * A_DAY
    os.utime(old, (long_ago, long_ago))
    said = daily("backup.sh", SECRETS=str(secrets), OBLIGATIONS_HOME=str(home), BACKUPS=str(backups))
    assert [path.name for path in backups.iterdir() if not path.name.startswith(".")] == [old.name]
    assert "备份失败，一小时后重试" in said.stderr
    assert "备份失败，明日再试" in said.stderr
    assert "已备份到" not in said.stdout


def test_a_database_that_was_not_cleaned_is_not_told_as_cleaned(daily, tmp_path):
    marker = tmp_path / "housekeeping-done"
    said = daily("housekeeping.sh", HOUSEKEEPING_MARKER=str(marker))
    assert not marker.exists()
    assert "清理失败，明日再试" in said.stderr
    assert "清理完毕" not in said.stdout


def test_a_list_of_checksums_that_was_cut_off_is_named_as_damaged(tmp_path):
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  MADE_FOR\n{'0' * 20}", "utf-8")
    said = subprocess.run([sys.executable, DEPLOY / "bundle.py", "check", tmp_path], capture_output=True, text=True)
    assert said.returncode == 1
    assert said.stderr.startswith(f"{tmp_path / 'SHA256SUMS'} 已损坏"), said.stderr
    assert len(said.stderr.splitlines()) == 1


@pytest.mark.parametrize("font", ["a.ttf", "FZXBSJW.TTF", "b.otf", "B.OTF", "c.ttc", "C.Ttc"])
def test_a_font_of_any_of_the_three_forms_is_installed_however_its_ending_is_written(font):
    asked, copied = re.findall(r"/fonts/(\*\S+)", (DEPLOY / "install.sh").read_text("utf-8"))
    assert asked == copied
    assert fnmatchcase(font, asked)
