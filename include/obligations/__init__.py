"""政务公开工作台账系统: every publication duty of a Chinese government as an Airflow DAG with a ledger.

Four layers, imports run downward only (``tests/test_layers.py``): ``words`` (models, errors), ``rules`` and
``publications`` (pure), ``steps`` (input and output), ``orchestration`` (Airflow, the command line).
"""
