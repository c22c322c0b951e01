"""Registers with Airflow what its scheduler must be able to deserialize, and the pages. Nothing else belongs here."""

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from obligations.orchestration.deadline import OccurrenceDeadline
from obligations.orchestration.timetable import ObligationTimetable


class ObligationsPlugin(AirflowPlugin):
    """The timetable and the deadline reference of every obligation's DAG, and the pages of drafts."""

    name = "obligations"
    timetables = (ObligationTimetable,)
    deadline_references = (OccurrenceDeadline,)

    @property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        """Import the pages only where the API server asks for them."""
        from obligations.orchestration.pages import app

        return [{"app": app, "url_prefix": "/obligations", "name": "政务公开工作台账系统"}]
