"""The Airflow tasks of an obligation's DAG: each opens the work, calls one step or asks one form, and tells Airflow the truth."""
