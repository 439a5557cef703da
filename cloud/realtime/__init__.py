"""News of what was stored, for those who wait: hints by room, never the content."""
