"""Shows faults of the catalogue in the Airflow UI as this file's import error; defines no dag while there are none."""

from obligations.orchestration.dags import raise_catalogue_faults

raise_catalogue_faults()  # seen in Airflow as an import error, with every fault's file, field, value and expected form
