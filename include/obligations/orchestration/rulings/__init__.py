"""Decisions by people on one occurrence: its dates, its outcome, its record."""
