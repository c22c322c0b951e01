"""Airflow's entry to the daily look at published pages; what the dag does is ``obligations.orchestration.publication.dag``."""

from obligations.orchestration.publication.dag import watch_pages_dag

watch_pages = watch_pages_dag()
