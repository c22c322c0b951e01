"""Statistics of punctuality (按期率统计) that departments check before they are issued: its lines, its round of feedback. Counting is ``rules``."""
