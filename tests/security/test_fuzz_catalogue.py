"""Catalogue files as nobody would write them: each is an obligation that is whole, or a fault that says where and what."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from case_counts import tried
from effort import IN_CI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obligations.orchestration.documentation import documentation_of
from obligations.orchestration.settings import PACKAGE
from obligations.rules.calendar import load_calendar
from obligations.rules.catalogue import load, load_one
from obligations.rules.occurrences import occurrence_of, periods_of
from obligations.rules.periods import has_periods
from obligations.words.errors import ObligationsError, UnusableInput
from obligations.words.limits import Limit
from obligations.words.obligation import Obligation

CATALOGUE = PACKAGE / "catalogue"
WRITTEN = sorted(path for path in CATALOGUE.glob("*/*.yaml"))
CASES = 400 if IN_CI else 60
DOCUMENT = """
jurisdiction: {slug: county, name: 示例县, level: county, office: 示例县政务公开办公室}
document: {title: 2026年政务公开工作要点, issued_by: 示例县政府办公室, in_force_from: 2026-01-01}
"""
DUTY = """
title: 财政收支按月公开
clause: 一
quote: 按月公开财政收支
duty: publish
departments: [示例财政局]
publication: submission
clock: {kind: recurring, rule: FREQ=MONTHLY}
"""
STRANGE: tuple[Any, ...] = (
    None, True, -1, 0, 10**30, 1.5, float("nan"), float("inf"), "", " ", "\x00", "\u202e倒", "\ud7ff", "a" * 5000, [], {}, [[]],
    [None], {"a": {"a": {}}}, date(1, 1, 1), date(9999, 12, 31), "../../etc/passwd", "/etc/passwd", "C:\\windows", "shandong/../x",
    "{{ 7*7 }}", "{% for x in range(10**9) %}{% endfor %}", "#read(\"/etc/passwd\")", "<script>alert(1)</script>",
    "=HYPERLINK(\"http://127.0.0.1\")", "'; DROP TABLE occurrence; --", "FREQ=SECONDLY", "FREQ=DAILY;INTERVAL=0",
    "FREQ=YEARLY;BYMONTH=13", "FREQ=MONTHLY;COUNT=999999999", "P99999999999D", "P-1D", "PT5H5H", "P1Y", "P１D", "2026-02-30",
    "file:///etc/passwd", "http://169.254.169.254/", "demo\nx: 1", "* * * * *", "SELECT 1; DROP TABLE fiscal",
)  # fmt: skip


def outcome(folder: Path, key: str) -> None:
    """Load; an obligation must work as far as its DAG and its dates, a fault must name the file and what is expected."""
    found = load(folder)
    for fault in found.faults:
        assert fault.file, fault
        assert fault.expected, fault
        assert len(fault.value) <= 300, "a message is for reading"
    assert found.obligations.keys().isdisjoint(key for fault in found.faults for key in fault.loses)
    for obligation in found.obligations.values():
        assert documentation_of(obligation)
        require_chinese(refusal(partial(calculate, obligation)))
    require_chinese(refusal(partial(load_one, folder, key)))


def calculate(obligation: Obligation) -> None:
    """Compute the due dates of a quarter."""
    if has_periods(obligation.clock):
        for period in periods_of(obligation, date(2026, 1, 1), date(2026, 3, 31)):
            occurrence_of(obligation, period, load_calendar())


def refusal(act: Callable[[], object]) -> Exception | None:
    """Return why we refuse something, None where we do not; whatever else goes wrong is raised."""
    try:
        act()
    except (ObligationsError, ValueError) as said:
        return said
    return None


def require_chinese(said: Exception | None) -> None:
    assert said is None or (isinstance(said, ObligationsError) and re.search("[\u4e00-\u9fff]", str(said)))


def write(folder: Path, text: str, name: str = "monthly.yaml") -> None:
    place = folder / "county"
    place.mkdir(parents=True, exist_ok=True)
    (place / "_document.yaml").write_text(DOCUMENT, "utf-8")
    (place / name).write_bytes(text.encode("utf-8", "surrogatepass"))


def nodes(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value of a file."""
    found = [path] if path else []
    if isinstance(value, dict):
        items = list(value.items())
    else:
        items = list(enumerate(value)) if isinstance(value, list) else []
    return found + [way for key, inner in items for way in nodes(inner, (*path, key))]


def replaced(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    """Return a copy of a file with one value replaced."""
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], other)
    return copy


SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@settings(max_examples=CASES, deadline=None, suppress_health_check=SLOW)
@given(data=st.data())
def test_any_value_in_any_place_is_a_whole_obligation_or_a_fault(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("catalogue")
    own = [path for path in WRITTEN if not path.name.startswith("_") and "adopts" not in path.read_text("utf-8")]
    file = yaml.safe_load(data.draw(st.sampled_from(own)).read_text("utf-8"))
    file.pop("document", None)
    if isinstance(file, dict) and file:
        path = data.draw(st.sampled_from(nodes(file)))
        file = replaced(file, path, data.draw(st.sampled_from(STRANGE) | st.text(max_size=30) | st.integers()))
    write(folder, yaml.safe_dump(file, allow_unicode=True))
    tried("fuzz: catalogue files")
    outcome(folder, "county/monthly")


@settings(max_examples=CASES, deadline=None, suppress_health_check=SLOW)
@given(seed=st.integers(0, 2**32), text=st.sampled_from([DUTY, DOCUMENT]))
def test_any_damage_to_the_text_of_a_file_is_a_whole_obligation_or_a_fault(tmp_path_factory, seed, text):
    folder, where = tmp_path_factory.mktemp("catalogue"), random.Random(seed)  # noqa: S311 - places in a text
    written = list(text)
    for _ in range(where.randint(1, 6)):
        place = where.randrange(len(written))
        match where.randrange(3):
            case 0:
                del written[place]
            case 1:
                written.insert(place, where.choice("{}[]:,&*!|>'\"%@`#-\t\n\x00\x85\u2028\ufeff0aé中"))
            case _:
                written[place] = chr(where.randrange(0xD7FF))
    write(folder, DUTY)
    write(folder, "".join(written), "monthly.yaml" if text == DUTY else "_document.yaml")
    tried("fuzz: catalogue files")
    outcome(folder, "county/monthly")


LAUGHS = "\n".join(
    ["a0: &a0 [哈, 哈, 哈, 哈, 哈, 哈, 哈, 哈, 哈, 哈]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    + ["title: *a11"]
)
RECURSION = "title: &t [*t]\n"
DEEP = "title: " + "[" * 3000 + "]" * 3000
TAGS = (
    "!!python/object/apply:os.system ['true']",
    "!!python/name:os.system",
    "!!binary R0lGODlhDAAMA",
    "!include /etc/passwd",
)


@pytest.mark.parametrize("text", [LAUGHS, RECURSION, DEEP], ids=["a billion laughs", "itself within itself", "deep"])
def test_what_would_unfold_without_end_is_a_fault(tmp_path, text):
    write(tmp_path, DUTY.replace("title: 财政收支按月公开\n", "") + text)
    program = "import sys, pathlib; from obligations.rules.catalogue import load; print(load(pathlib.Path(sys.argv[1])).faults)"
    answer = subprocess.run(
        ["bash", "-c", 'ulimit -v 4000000; exec "$@"', "-", sys.executable, "-c", program, tmp_path],
        capture_output=True,
        text=True,
        timeout=300,
    )
    tried("bombs: YAML")
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert "monthly.yaml" in answer.stdout
    assert len(answer.stdout) < 10_000


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_that_would_run_or_read_something_is_a_fault(tmp_path, tag):
    write(tmp_path, DUTY.replace("财政收支按月公开", tag))
    tried("injection: YAML tags")
    assert [fault.file for fault in load(tmp_path).faults] == ["county/monthly.yaml"]


@pytest.mark.parametrize(
    "key", ["../x", "county/../../etc", "county/monthly.yaml", "county/_document", "/etc/passwd", "county\\monthly", "county/monthly\x00"]
)  # fmt: skip
def test_a_key_that_leads_elsewhere_is_refused(tmp_path, key):
    write(tmp_path, DUTY)
    tried("injection: paths")
    with pytest.raises(UnusableInput):
        load_one(tmp_path, key)


@pytest.mark.parametrize("field", ["adopts", "document", "publication"])
@pytest.mark.parametrize("value", ["../../secret", "county/../../secret", "/etc/passwd", "secret\x00", "secret\n"])
def test_no_field_reads_a_file_from_elsewhere(tmp_path, field, value):
    (tmp_path / "secret.yaml").write_text("title: 机密", "utf-8")
    root = tmp_path / "catalogue"
    write(root, DUTY.replace("publication: submission\n", "") + f"{field}: {yaml.safe_dump(value)}")
    tried("injection: paths")
    found = load(root)
    assert found.faults
    assert "机密" not in str(found.faults)


@settings(max_examples=CASES * 5, deadline=None)
@given(st.text("PTWDMYH0123456789.-+٣ ０", max_size=12) | st.text(max_size=12))
def test_any_text_is_a_limit_that_writes_itself_again_or_is_refused(text):
    tried("fuzz: clock rules")
    if (said := refusal(partial(Limit.parse, text))) is None:
        limit = Limit.parse(text)
        assert Limit.parse(str(limit)) == limit
    else:
        assert "应为 PT5H" in str(said)
