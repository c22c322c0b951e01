"""Airflow form for a person's decision on one occurrence; what the dag does is ``obligations.orchestration.record_decision``."""

from obligations.orchestration.record_decision import record_decision_dag

record_decision = record_decision_dag()
