"""The few calls of Airflow's public REST API that the demo and the tests need. No decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import httpx
from tenacity import RetryError, Retrying, retry_if_result, stop_after_attempt, wait_fixed


class AirflowRest:
    """Airflow's REST API as one logged-in user.

    Attributes:
        client: an HTTP client that carries the user's token; see ``EmbeddedAirflow.client``.
    """

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def dag_ids(self) -> set[str]:
        """Return the ids of all DAGs that this user may read."""
        return {dag["dag_id"] for dag in self._all("/dags", "dags")}

    def start(
        self, dag_id: str, run_id: str, *, period: str | None = None, conf: Mapping[str, Any] | None = None
    ) -> bool:
        """Start a run; returns False if a run of this id exists already."""
        body: dict[str, Any] = {"dag_run_id": run_id, "logical_date": None, "conf": dict(conf or {})}
        if period is not None:
            body["partition_key"] = period
        answer = self._send("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body)
        if answer.status_code == httpx.codes.CONFLICT:
            return False
        _raise_for(answer)
        return True

    def runs(self, dag_id: str) -> dict[str, str]:
        """Return the state of every run of a DAG by run id."""
        return {run["dag_run_id"]: run["state"] for run in self._all(f"/dags/{dag_id}/dagRuns", "dag_runs")}

    def tasks(self, dag_id: str, run_id: str) -> dict[str, str | None]:
        """Return the state of every task of a run by task id."""
        found = self._all(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", "task_instances")
        return {task["task_id"]: task["state"] for task in found}

    def open_forms(self, dag_ids: Iterable[str]) -> list[dict[str, Any]]:
        """Return the forms of these DAGs that wait for an answer.

        Airflow lists a form a moment before its task is parked, when an answer would fail the task, and for ever where
        the task was skipped.
        """
        wanted = set(dag_ids)
        forms = self._all("/dags/~/dagRuns/~/hitlDetails", "hitl_details", response_received=False)
        asking = (form for form in forms if form["task_instance"]["dag_id"] in wanted)
        return [form for form in asking if form["task_instance"]["state"] == "awaiting_input"]

    def answer(self, form: Mapping[str, Any], option: str, fields: Mapping[str, str | None]) -> int:
        """Answer a form and return the HTTP status: 200, 403 not allowed, 409 answered already."""
        task = form["task_instance"]
        instance = f"{task['task_id']}/{task['map_index']}"
        path = f"/api/v2/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{instance}/hitlDetails"
        return self._send("PATCH", path, json={"chosen_options": [option], "params_input": dict(fields)}).status_code

    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Send a request, again while the server fails: on SQLite two writers can keep each other waiting.

        Every request here may be repeated: runs have given ids, and a form takes one answer.
        """
        tries = Retrying(retry=retry_if_result(_is_server_error), stop=stop_after_attempt(5), wait=wait_fixed(1))
        try:
            return tries(self.client.request, method, path, **arguments)
        except RetryError as error:
            last: httpx.Response = error.last_attempt.result()
            return last

    def _all(self, path: str, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """Return the whole list ``name``: Airflow cuts a page to its ``maximum_page_limit`` whatever the caller asks."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self._send("GET", f"/api/v2{path}", params={**parameters, "limit": 100, "offset": len(found)})
            _raise_for(answer)
            page = answer.json()
            found += page[name]
            if not page[name] or len(found) >= page["total_entries"]:
                return found


def _is_server_error(answer: httpx.Response) -> bool:
    return answer.is_server_error


def _raise_for(answer: httpx.Response) -> None:
    """Raise with Airflow's own words, which say what is wrong with the request."""
    if answer.is_error:
        raise httpx.HTTPStatusError(
            f"{answer.status_code}: {answer.text[:500]}", request=answer.request, response=answer
        )
