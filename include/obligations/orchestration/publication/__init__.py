"""How an approved version reaches the public, and how it is proved."""
