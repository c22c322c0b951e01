"""Queued notices become messages on their channels. Who is told when is decided by ``sweep``."""
