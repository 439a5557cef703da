"""A day of a busy till in an hour or two: what it holds in memory must not grow with the sales."""
