"""What operators do to the ledger as a whole: purging held files, entering an existing register."""
