"""Reads a Word file that a person edited, losing nothing: text, bookmarks, formats and whatever stands in the way.

What the findings are worth is ``drafts_check``; how it becomes a document model again is the draft step's.
"""
