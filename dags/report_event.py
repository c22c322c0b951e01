"""Airflow form and REST entry for reporting an event; what the dag does is ``obligations.orchestration.events.dag``."""

from obligations.orchestration.events.dag import report_event_dag

report_event = report_event_dag()
