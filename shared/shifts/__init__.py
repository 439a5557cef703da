"""Days and their closes."""
