"""The printers of a branch, for the API."""
