"""A sealed copy of one closed year: made, proved, and put back from."""
