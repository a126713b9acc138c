"""What a run leaves: found, read and opened again."""
