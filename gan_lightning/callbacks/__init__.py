"""What watches a run: one concern per file."""
