"""Which run works on what, and what it left in the ledger."""
