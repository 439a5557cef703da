"""Where guests sit: spaces and tables."""
