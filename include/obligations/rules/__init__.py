"""What follows from the words: catalogue, calendar, clocks. Pure: ``now`` is an argument, files are read by the loader only."""
