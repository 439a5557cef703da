"""The expediter: what is ready where, order by order."""
