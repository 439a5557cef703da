"""The agent and its carriers: pushes, pulls, and what a device makes of the histories that it meets."""
