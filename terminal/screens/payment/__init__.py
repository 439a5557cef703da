"""Taking money: what is due, by which methods, and the change."""
