"""What waits for a person: the list, what ends each, and the note where only a note does."""
