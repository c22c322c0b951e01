"""Airflow's entry to the sweep; what the dag does is ``obligations.orchestration.sweep.dag``."""

from obligations.orchestration.sweep.dag import sweep_dag

sweep = sweep_dag()
