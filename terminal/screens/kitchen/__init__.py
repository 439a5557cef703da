"""The kitchen display: the wall of tickets, what was bumped last, and the day's dishes still to make."""
