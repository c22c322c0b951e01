"""Proves that a publication is at its place: a package is read back, a public address is looked at. Changes nothing.

Whether an address may be asked for is ``addresses``, asking is ``fetching``, comparing ``comparing``. What a look means
for a duty is decided above (``orchestration.publication``).
"""

from obligations.steps.verify.package import verify

__all__ = ["verify"]
