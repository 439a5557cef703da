"""What each person sold and did today, for people who may see reports."""
