"""Files that people hand in: edited Word files, which become the next version, and attachments, which prove something."""
