"""Rights in Airflow under FabAuthManager: what each role is to have by the catalogue, and how it is granted."""
