"""The list of benchmarks: every module that can be run, nothing that only serves them."""

from bench.__main__ import FOLDER, names


def test_what_can_be_run_is_a_benchmark_and_the_generated_province_is_none():
    listed = names()
    assert {"components", "ledger", "parse", "task_start", "waiting"} <= set(listed)
    served = {path.stem for path in FOLDER.glob("*.py")} - set(listed)
    assert all(name == "province" or name.startswith("_") for name in served)
