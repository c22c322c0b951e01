"""Where the data of a run come from, and waiting for them."""
