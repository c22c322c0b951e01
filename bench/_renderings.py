"""The same DAGs as other people write them: by hand in Python, and in YAML for dag-factory.

Both are written from DAGs that the product has built, argument by argument, so that what they build is the same: of the
Python, byte for byte once serialized. dag-factory takes no deadlines, so its DAGs have none, which spares it their time; it
adds its own YAML to every ``doc_md``, and a tag. ``write_renderings`` is run in a process that may parse DAGs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import yaml
from airflow.sdk import DAG, BaseOperator
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert
from pydantic import BaseModel

from obligations.orchestration.deadline import OccurrenceDeadline
from obligations.orchestration.tasks.forms import ReviewOperator
from obligations.orchestration.timetable import ObligationTimetable
from obligations.rules.reviews import chain_of
from obligations.words.times import SHANGHAI

BY_HAND, DAG_FACTORY = "by-hand", "dag-factory"
DAG_FACTORY_FILE = """from pathlib import Path

from dagfactory import load_yaml_dags  # a DAG file of Airflow

load_yaml_dags(globals_dict=globals(), config_filepath=str(Path(__file__).with_suffix(".yaml")))
"""
_OF_THE_DAG = (
    "dag_id", "dag_display_name", "description", "doc_md", "catchup", "is_paused_upon_creation", "max_active_runs",
    "max_active_tasks", "render_template_as_native_obj",
)  # fmt: skip


def write_renderings(dags: Iterable[tuple[str, Sequence[DAG]]], folder: Path, every: int) -> None:
    """Write each jurisdiction's ``by-hand/<slug>.py``, and of one in ``every`` also ``dag-factory/<slug>.py`` and its YAML."""
    for name in (BY_HAND, DAG_FACTORY):
        (folder / name).mkdir()
    for number, (slug, built) in enumerate(dags):
        (folder / BY_HAND / f"{slug}.py").write_text(by_hand(built), "utf-8")
        if number % every == 0:
            (folder / DAG_FACTORY / f"{slug}.py").write_text(DAG_FACTORY_FILE, "utf-8")
            (folder / DAG_FACTORY / f"{slug}.yaml").write_text(for_dag_factory(built), "utf-8")


def by_hand(dags: Iterable[DAG]) -> str:
    """Write one Python file; chains of review and jurisdictions, which are the same in many DAGs, are constants on top."""
    writer = _Python()
    bodies = [writer.dag(dag) for dag in dags]
    imports = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(writer.imports.items())]
    constants = [f"{name} = {text}" for text, name in writer.constants.items()]
    return "\n".join(["import datetime", "", "import pendulum", *imports, "", *constants, *bodies, ""])


class _Python:
    """Writes values as Python, and remembers what must be imported for it.

    Attributes:
        imports: names by module; constants: name by text.
    """

    def __init__(self) -> None:
        self.imports: dict[str, set[str]] = {"airflow.sdk": {"DAG"}}
        self.constants: dict[str, str] = {}

    def dag(self, dag: DAG) -> str:
        given = {name: getattr(dag, name) for name in _OF_THE_DAG} | {
            "schedule": _timetable_of(dag),
            "tags": sorted(dag.tags),
            "deadline": dag.deadline,
            "default_args": dag.default_args,
        }
        day = _first_day(dag)
        start = f'pendulum.datetime({day.year}, {day.month}, {day.day}, tz="Asia/Shanghai")'
        arguments = "".join(f"    {name}={self.value(value)},\n" for name, value in given.items())
        (obligation,) = {id(task.obligation): task.obligation for task in dag.tasks}.values()
        lines = [
            f"OBLIGATION = {self.value(obligation)}",
            f"with DAG(\n{arguments}    start_date={start},\n) as dag_{_identifier(dag.dag_id)}:",
            *(f"    {task.task_id} = {self.task(task)}" for task in dag.tasks),
            *(
                f"    {task.task_id} >> {following}"
                for task in dag.tasks
                for following in sorted(task.downstream_task_ids)
            ),
        ]
        return "\n".join(lines)

    def task(self, task: BaseOperator) -> str:
        given = {"task_id": task.task_id, "task_display_name": task.task_display_name} | _own_arguments(task)
        given.pop("obligation")
        arguments = "".join(f", {name}={self.value(value)}" for name, value in given.items())
        return f"{self.name_of(type(task))}(obligation=OBLIGATION{arguments})"

    def name_of(self, kind: type) -> str:
        self.imports.setdefault(kind.__module__, set()).add(kind.__name__)
        return kind.__name__

    def value(self, value: object) -> str:
        """Write a value as Python source."""
        match value:
            case Enum():
                return f"{self.name_of(type(value))}.{value.name}"
            case timedelta():
                return f"datetime.timedelta(seconds={value.total_seconds()})"
            case date() if not isinstance(value, datetime):
                return f"datetime.date({value.year}, {value.month}, {value.day})"
            case tuple():
                return f"({''.join(f'{self.value(one)}, ' for one in value)})"
            case list():
                return f"[{', '.join(self.value(one) for one in value)}]"
            case dict():
                return f"{{{', '.join(f'{self.value(name)}: {self.value(one)}' for name, one in value.items())}}}"
            case str() | int() | float() | None:
                return repr(value)
        kind, given = _taken_apart(value)
        text = f"{self.name_of(kind)}({', '.join(f'{name}={self.value(one)}' for name, one in given.items())})"
        if kind.__name__ in {"Chain", "Jurisdiction", "Document"}:
            return self.constants.setdefault(text, f"{kind.__name__.upper()}_{len(self.constants)}")
        return text


def for_dag_factory(dags: Iterable[DAG]) -> str:
    """Write one YAML file as dag-factory reads it; an obligation is written once a DAG, and its tasks refer to it."""
    said = {}
    for dag in dags:
        objects: dict[int, Any] = {}
        said[dag.dag_id] = {name: getattr(dag, name) for name in _OF_THE_DAG if name != "dag_id"} | {
            "schedule": _typed(_timetable_of(dag), objects),
            "start_date": _first_day(dag),
            "timezone": "Asia/Shanghai",
            "tags": sorted(dag.tags),
            "default_args": _typed(dag.default_args, objects),
            "tasks": {task.task_id: _task_for_dag_factory(task, objects) for task in dag.tasks},
        }
    return yaml.dump(said, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=120)


def _task_for_dag_factory(task: BaseOperator, objects: dict[int, Any]) -> dict[str, Any]:
    return {
        "operator": f"{type(task).__module__}.{type(task).__name__}",
        "task_display_name": task.task_display_name,
        **{name: _typed(value, objects) for name, value in _own_arguments(task).items()},
        "dependencies": sorted(task.upstream_task_ids),
    }


def _typed(value: object, objects: dict[int, Any]) -> Any:
    """Write a value as dag-factory's YAML: an object is ``__type__`` and its arguments, the same one the same node."""
    match value:
        case Enum():
            return value.value
        case str() | int() | float() | None:
            return value
        case date() if not isinstance(value, datetime):
            return value
        case timedelta():
            return {"__type__": "datetime.timedelta", "seconds": value.total_seconds()}
        case tuple() | list():
            return [_typed(one, objects) for one in value]
        case dict():
            return {name: _typed(one, objects) for name, one in value.items()}
    if id(value) not in objects:
        kind, given = _taken_apart(value)
        typed = {name: _typed(one, objects) for name, one in given.items()}
        objects[id(value)] = {"__type__": f"{kind.__module__}.{kind.__name__}", **typed}
    return objects[id(value)]


def _taken_apart(value: object) -> tuple[type, dict[str, Any]]:
    """Return the class of an object and the arguments that make an equal one, those left out that are its defaults."""
    match value:
        case BaseModel():
            infos = type(value).model_fields.items()
            given = {name: one for name, info in infos if (one := getattr(value, name)) != info.default}
        case ObligationTimetable():
            names = ("clock", "in_force_from", "in_force_until", "has_limit", "duty")
            given = {name: getattr(value, name) for name in names}
        case DeadlineAlert():
            given = {name: getattr(value, name) for name in ("name", "reference", "interval", "callback")}
        case AsyncCallback():
            given = {"callback_callable": value.path, "kwargs": value.kwargs}
        case OccurrenceDeadline():
            given = {"limit": value.limit, "duty": value.duty}
        case _ if is_dataclass(value):
            given = {field.name: getattr(value, field.name) for field in fields(value)}
        case _:
            raise TypeError(f"{value!r} is not among what the DAGs are made of")
    return type(value), given


def _timetable_of(dag: DAG) -> ObligationTimetable | None:
    return dag.timetable if isinstance(dag.timetable, ObligationTimetable) else None


def _first_day(dag: DAG) -> date:
    day = dag.start_date.astimezone(SHANGHAI)
    return date(day.year, day.month, day.day)


def _own_arguments(task: BaseOperator) -> dict[str, Any]:
    """Return what an operator takes beside its names."""
    if isinstance(task, ReviewOperator):
        chain = chain_of(task.obligation)
        return {"obligation": task.obligation, "chain": chain, "step": task.step, "beside": task.beside}
    return {"obligation": task.obligation}


def _identifier(dag_id: str) -> str:
    return dag_id.replace(".", "_").replace("-", "_")


def main(folder: str, every: str, *jurisdictions: str) -> None:
    """Write what the installation of this environment builds."""
    from obligations.orchestration.dags import dags_of

    built = ((slug, list(dags_of(slug).values())) for slug in jurisdictions)
    write_renderings(built, Path(folder), int(every))


if __name__ == "__main__":
    main(*sys.argv[1:])
