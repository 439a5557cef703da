"""People who log in to the cloud: passwords, tokens, and who may call what."""
