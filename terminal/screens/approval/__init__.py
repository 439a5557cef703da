"""The dialog in which somebody approves, by PIN, what the person who is logged in may not do."""
