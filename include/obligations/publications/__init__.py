"""One module a publication kind: its data contract, its blanks and its measures. Pure; sits beside ``rules``."""
