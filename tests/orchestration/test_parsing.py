"""Parsing as a province meets it: the same bytes each time, one obligation a task, nothing heavy and nobody asked."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench._renderings import by_hand
from bench.province import CITIES, COUNTIES, OBLIGATIONS_EACH, Province, places, real, write_province
from obligations.orchestration.dags import build_dag
from obligations.orchestration.demo.embedded import REPOSITORY, EmbeddedAirflow
from obligations.orchestration.settings import Settings
from obligations.rules.catalogue import jurisdictions, load

PARSE = """
import json, os, sys
opened, asked = [], []
def note(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".yaml"):
        opened.append(str(arguments[0]))
    if event in {"socket.connect", "socket.getaddrinfo", "sqlite3.connect"}:
        asked.append(f"{event} {arguments[1:]}")
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.serialization.serialized_objects import DagSerialization
from pathlib import Path
sys.addaudithook(note)
there = set(sys.modules)
catalogue, files = os.environ["OBLIGATIONS_CATALOGUE"], sys.argv[1:]
found, errors = {}, {}
for file in map(Path, files):
    bag = BundleDagBag(dag_folder=str(file), bundle_path=file.parent, bundle_name="tests", load_op_links=False)
    errors |= bag.import_errors
    found |= {name: json.dumps(DagSerialization.to_dict(dag), ensure_ascii=False, sort_keys=True) for name, dag in bag.dags.items()}
print(json.dumps({
    "dags": found,
    "errors": errors,
    "asked": asked,
    "read": sorted({path for path in opened if path.startswith(catalogue)}),
    "loaded": sorted({name.partition(".")[0] for name in set(sys.modules) - there}),
}))
"""


@pytest.fixture(scope="module")
def province(tmp_path_factory) -> Province:
    return write_province(tmp_path_factory.mktemp("province"), 3)


@pytest.fixture(scope="module")
def parse(province, tmp_path_factory):
    """Parse files in a process of its own, as the DAG processor or a worker does; what it found, read and asked."""
    variables = EmbeddedAirflow(tmp_path_factory.mktemp("airflow"), environment=province.environment()).variables()

    def act(*slugs: str, dags: Path = province.dags, **more: str) -> dict:
        files = [str(dags / f"{slug}.py") for slug in slugs]
        ran = subprocess.run(
            [sys.executable, "-c", PARSE, *files],
            cwd=REPOSITORY,
            env={**variables, **more},
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(ran.stdout.splitlines()[-1])

    return act


@pytest.fixture(scope="module")
def parsed(parse, province) -> dict:
    return parse(*(place.slug for place in province.places), PYTHONHASHSEED="1")


def test_a_whole_province_is_one_government_sixteen_cities_and_137_counties():
    found = list(places())
    assert [place.level for place in found].count("city") == CITIES
    assert [place.level for place in found].count("county") == COUNTIES
    assert len({place.slug for place in found}) == len({place.name for place in found}) == 154
    assert {place.parent for place in found[1:]} <= {place.slug for place in found}


def test_every_place_of_the_province_adopts_45_real_obligations_and_copies_none(province):
    catalogue = load(province.catalogue)
    assert catalogue.faults == ()
    for place in province.places:
        owed = [one for one in catalogue.obligations.values() if one.jurisdiction.slug == place.slug]
        assert len(owed) == OBLIGATIONS_EACH
        assert all(one.adopted_from in real() for one in owed)
        assert all(one.status(one.document.in_force_from) != "已过执行年度" and one.continued for one in owed)
        assert [path.name for path in (province.catalogue / place.slug).iterdir()] == ["_document.yaml"]
    assert [place.level for place in province.places] == ["province", "city", "county"]


def test_the_generated_province_is_the_same_each_time(province, tmp_path):
    again = write_province(tmp_path / "again", 3)
    assert jurisdictions(again.catalogue) == jurisdictions(province.catalogue)
    for place in again.places:
        file = Path(place.slug) / "_document.yaml"
        assert (again.catalogue / file).read_bytes() == (province.catalogue / file).read_bytes()


def test_every_obligation_of_the_province_is_a_dag(province, parsed):
    assert parsed["errors"] == {}
    expected = {
        one.dag_id
        for one in load(province.catalogue).obligations.values()
        if one.jurisdiction.slug in {place.slug for place in province.places}
    }
    assert set(parsed["dags"]) == expected
    assert len(expected) == 3 * OBLIGATIONS_EACH


def test_two_parses_in_two_processes_give_byte_identical_dags(parse, province, parsed):
    """Sets of strings differ in order from one process to the next; the serialized form (keys sorted, as hashed) must not."""
    again = parse(*(place.slug for place in reversed(province.places)), PYTHONHASHSEED="2")
    assert again["dags"] == parsed["dags"]


def test_a_task_reads_its_own_obligation_alone_and_sees_the_same_dag(parse, parsed):
    wanted = "county-001.fiscal-monthly"
    alone = parse(
        "county-001", _AIRFLOW_PARSING_CONTEXT_DAG_ID=wanted, _AIRFLOW_PARSING_CONTEXT_TASK_ID="gather"
    )  # as a worker starts a task
    assert alone["dags"] == {wanted: parsed["dags"][wanted]}
    names = [Path(path).parent.name + "/" + Path(path).name for path in alone["read"]]
    assert names == ["county-001/_document.yaml", "dingtao/_document.yaml", "dingtao/fiscal-monthly.yaml"]


def test_parsing_asks_no_database_and_no_network_and_loads_nothing_heavy(parsed):
    assert parsed["asked"] == []
    heavy = {"pandas", "numpy", "docx", "typst", "matplotlib", "openpyxl", "pandera", "lxml", "PIL", "psycopg2"}
    assert heavy & set(parsed["loaded"]) == set()


def test_a_file_of_the_province_is_the_shipped_two_lines(province):
    shipped = (REPOSITORY / "dags" / "shandong.py").read_bytes()
    assert {path.read_bytes() for path in province.dags.iterdir()} == {shipped}


def test_the_same_dags_written_by_hand_serialize_alike(parse, parsed, province, tmp_path):
    """What parsing is measured against (``bench/parse.py``) must be the same work."""
    settings = Settings.from_environment({"AIRFLOW_HOME": "/nowhere", **province.environment()})
    ones = [one for one in load(province.catalogue).obligations.values() if one.jurisdiction.slug == "city-01"]
    (tmp_path / "city-01.py").write_text(by_hand([build_dag(one, settings) for one in ones]), "utf-8")
    found = parse("city-01", dags=tmp_path)
    assert found["errors"] == {}
    assert {name: without_place(text) for name, text in found["dags"].items()} == {
        name: without_place(text) for name, text in parsed["dags"].items() if name.startswith("city-01.")
    }


def without_place(serialized: str) -> dict:
    said = json.loads(serialized)
    return {name: value for name, value in said["dag"].items() if name not in {"fileloc", "relative_fileloc"}}
