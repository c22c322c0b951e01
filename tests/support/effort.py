"""How hard the long tests try: as hard as was promised in CI, which has the time; less where somebody waits for them."""

import os

IN_CI = os.environ.get("CI") == "true"
DATA_SETS = 500 if IN_CI else 50
"""Random data sets a publication kind, each figure recomputed by hand."""
KILLS = 50 if IN_CI else 10
"""Points at which a sweep is killed."""
MUTATED_FILES = 200 if IN_CI else 30
"""Mutated deliveries a publication kind, read cell by cell."""
ANALYSED_FILES = 40 if IN_CI else 9
"""Mutated deliveries a publication kind that are checked against the contract and analysed, too: ten times as slow."""
