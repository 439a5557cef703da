"""What this branch sells of its own accord, for people who may see reports."""
