"""Template to document model, document model to files. Pure but for the page template it loads; ``steps.draft`` writes."""
