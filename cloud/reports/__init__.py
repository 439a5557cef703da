"""Sales reports: roll-ups kept while changes are folded, the API that reads them, and a manager's page."""
