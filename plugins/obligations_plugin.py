"""Registers with Airflow what its scheduler must be able to deserialize, and the pages. Nothing else belongs here."""

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from obligations.orchestration.deadline import OccurrenceDeadline
from obligations.orchestration.priority import EarliestDueFirst
from obligations.orchestration.timetable import ObligationTimetable

_VIEW = {"icon": "/obligations/static/icon.svg"}


class ObligationsPlugin(AirflowPlugin):
    """The timetable, the deadline reference and the weight of every obligation's DAG, and the pages, with the ways to them from Airflow's own."""

    name = "obligations"
    timetables = (ObligationTimetable,)
    deadline_references = (OccurrenceDeadline,)
    priority_weight_strategies = (EarliestDueFirst,)
    external_views = (
        {
            **_VIEW,
            "name": "台账",
            "destination": "nav",
            "href": "/obligations/",
            "url_route": "obligations",
            "nav_top_level": True,
        },
        {
            **_VIEW,
            "name": "公开事项",
            "destination": "dag",
            "href": "/obligations/dags/{DAG_ID}",
            "url_route": "obligation",
        },
        {
            **_VIEW,
            "name": "稿件",
            "destination": "dag_run",
            "href": "/obligations/dags/{DAG_ID}/runs/{RUN_ID}",
            "url_route": "occurrence",
        },
    )

    @property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        """Import the pages only where the API server asks for them."""
        from obligations.orchestration.pages.app import app

        return [{"app": app, "url_prefix": "/obligations", "name": "政务公开工作台账系统"}]
