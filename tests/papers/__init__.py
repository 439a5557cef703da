"""A print queue whose program dies at any moment, before a printer that counts what it gets."""
