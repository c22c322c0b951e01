from obligations.orchestration.dags import dags_of  # Airflow reads a file only if it says "airflow" and "dag"

globals().update(dags_of(__file__))
