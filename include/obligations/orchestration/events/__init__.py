"""How reported events enter: the form, and what a report opens. Bulletins themselves are publication kinds."""
