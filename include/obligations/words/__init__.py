"""The words of the field: value objects and errors. No rules, no input or output, no Airflow."""
