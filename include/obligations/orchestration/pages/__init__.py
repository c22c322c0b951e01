"""The web pages that the plugin adds to Airflow, behind its login."""
