"""Many rows at once: the menu of a branch as CSV or JSON, out and in."""
