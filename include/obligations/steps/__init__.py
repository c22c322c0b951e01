"""What touches the world: gather, draft, publish, verify, ledger. Steps never import one another."""
