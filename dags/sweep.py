"""Airflow's entry to the sweep; what the dag does is ``obligations.orchestration.sweep_dag``."""

from obligations.orchestration.sweep_dag import sweep_dag

sweep = sweep_dag()
