"""Workbooks that people keep lists in: written for them to edit, and read back with every problem named.

``writing`` and ``reading`` know no list; ``contacts``, ``holidays`` and ``register`` each know one. Figures that
departments deliver are ``rules.tabular``. Pure: bytes in, values out.
"""
