"""The embedded Airflow of one machine, and the demo that runs on it. Nothing of production."""
