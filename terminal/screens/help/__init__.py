"""Help: what the keys of a screen do, in the reader's language."""
