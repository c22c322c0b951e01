"""What is written from the code: the catalogue page, the names for templates, the gallery. Run by ``make docs``."""
