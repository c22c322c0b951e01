"""The sweep: the state-based pass that expects, starts, reminds, marks missed and sends; it never depends on a run.

``sweeping`` is the pass; what each part decides lies beside it. Rules, storage and sending lie below.
"""
