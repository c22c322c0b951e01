"""Airflow form and REST entry for reporting an event; what the dag does is ``obligations.orchestration.report_event``."""

from obligations.orchestration.report_event import report_event_dag

report_event = report_event_dag()
