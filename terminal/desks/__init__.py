"""What screens command: one small desk a domain, over a shared way to run a command. No Textual."""
