"""Airflow form for a person's decision on one occurrence; what the dag does is ``obligations.orchestration.rulings.dag``."""

from obligations.orchestration.rulings.dag import record_decision_dag

record_decision = record_decision_dag()
