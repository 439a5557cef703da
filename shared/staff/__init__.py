"""Staff, their PINs, and the branches in which they work."""
