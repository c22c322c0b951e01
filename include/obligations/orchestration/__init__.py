"""What ties the steps together: the only package that may import Airflow, read the clock or the environment."""
