"""Parses DAG files as Airflow's DAG processor does: in a process forked for each file, which imports it and serializes its DAGs.

Run as ``python -m bench._parsing REQUEST``, a JSON of what ``parse_all`` takes, in an environment with the installation's
settings. CPU time is measured, not wall time: of the forked process alone, from its first import to the last serialized
DAG. The folders are parsed in turn, file by file, so that whatever else the machine does falls on all alike.
"""

from __future__ import annotations

import gc
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import structlog
from airflow.dag_processing import (
    manager,  # noqa: F401 - the parent of parsing processes has it imported
    processor,
)
from airflow.dag_processing.processor import DagFileParseRequest

from bench._forks import in_a_fork
from bench._telling import tell


@dataclass(frozen=True)
class Folder:
    """DAG files of one make.

    Attributes:
        name: how the figures call it; path: the folder.
        libraries: what its files import, imported before the clock of building starts (it counts in all).
        places: where else Python shall look for them.
    """

    name: str
    path: str
    libraries: tuple[str, ...]
    places: tuple[str, ...] = ()


@dataclass
class Parsed:
    """What parsing took, in seconds of CPU, of one file or of many.

    Attributes:
        whole: everything; importing: libraries; building: from a file to its DAGs; serializing: from DAGs to JSON.
        digests: SHA-256 of each serialized DAG by its id, the file's own address left out.
        errors: import errors, by file; peak_mb: resident memory of the largest process.
    """

    whole: float = 0
    importing: float = 0
    building: float = 0
    serializing: float = 0
    dags: int = 0
    tasks: int = 0
    characters: int = 0
    peak_mb: float = 0
    digests: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def add(self, other: Parsed) -> None:
        """Add another file's."""
        for name in ("whole", "importing", "building", "serializing", "dags", "tasks", "characters"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.peak_mb = max(self.peak_mb, other.peak_mb)
        self.digests |= other.digests
        self.errors |= other.errors


def parse_all(folders: Sequence[Folder], files: Sequence[str]) -> dict[str, Parsed]:
    """Parse ``files`` of every folder and add up by folder; the first file of each is parsed once before, unmeasured."""
    gc.freeze()  # as the processor does before it forks
    for folder in folders:
        _parse_apart(folder, files[0])
    found = {folder.name: Parsed() for folder in folders}
    for number, file in enumerate(files):
        if number % 20 == 0:
            tell(f"{number} of {len(files)} files")
        for folder in folders:
            found[folder.name].add(_parse_apart(folder, file))
    return found


def _parse_apart(folder: Folder, file: str) -> Parsed:
    """Parse one file in a process of its own."""
    path = Path(folder.path) / f"{file}.py"
    processor._pre_import_airflow_modules(str(path), structlog.get_logger())  # the parent does, before it forks
    said, peak = in_a_fork(lambda: asdict(_parse(folder, path)))
    return Parsed(**said | {"peak_mb": peak})


def _parse(folder: Folder, path: Path) -> Parsed:
    sys.path[:0] = folder.places
    began = time.process_time()
    for library in folder.libraries:
        import_module(library)
    parsed = Parsed(importing=time.process_time() - began)
    with _timed("BundleDagBag") as building, _timed("_serialize_dags") as serializing:
        request = DagFileParseRequest(file=str(path), bundle_path=path.parent, bundle_name="bench")
        result = processor._parse_file(request, structlog.get_logger())
    parsed.whole = time.process_time() - began
    if result is None:
        raise RuntimeError(f"{path} was not parsed")
    parsed.building, parsed.serializing = building[0], serializing[0]
    parsed.errors = dict(result.import_errors or {})
    parsed.dags = len(result.serialized_dags)
    for dag in result.serialized_dags:
        said = {name: value for name, value in dag.data["dag"].items() if name not in {"fileloc", "relative_fileloc"}}
        text = json.dumps(said, ensure_ascii=False, sort_keys=True)
        parsed.tasks += len(said["tasks"])
        parsed.characters += len(text)
        parsed.digests[dag.dag_id] = hashlib.sha256(text.encode()).hexdigest()
    return parsed


@contextmanager
def _timed(name: str) -> Iterator[list[float]]:
    """Measure what a function of the processor takes; this process parses one file and ends."""
    original: Callable[..., Any] = getattr(processor, name)
    seconds = [0.0]

    def measured(*args: Any, **kwargs: Any) -> Any:
        began = time.process_time()
        try:
            return original(*args, **kwargs)
        finally:
            seconds[0] += time.process_time() - began

    setattr(processor, name, measured)
    yield seconds
    setattr(processor, name, original)


def main(request: Mapping[str, Any]) -> None:
    """Parse what is asked for and print what it took."""
    folders = [Folder(**folder) for folder in request["folders"]]
    found = parse_all(folders, request["files"])
    print(json.dumps({name: asdict(parsed) for name, parsed in found.items()}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
