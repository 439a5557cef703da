"""Food safety: what is checked, how often, and what was found."""
