"""API keys: the programs of others that call the API for an organization."""
