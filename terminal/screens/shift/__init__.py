"""Drawers and shifts: opening, money in and out, X, counting and closing, past Zs and the day of the branch."""
