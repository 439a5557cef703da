"""The time clock: somebody notes their hours, and has them corrected."""
