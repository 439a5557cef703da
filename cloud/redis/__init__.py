"""The Redis of the server, if one is configured: never needed to run, and nothing is lost with it."""
