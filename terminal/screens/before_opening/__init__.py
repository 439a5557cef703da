"""Before opening: what was tried, and what somebody should see to."""
