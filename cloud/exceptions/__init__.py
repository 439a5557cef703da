"""What waits for a person in all branches: the page for managers, and the API."""
