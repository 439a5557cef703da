"""How long the kitchen took today, for people who may see reports."""
