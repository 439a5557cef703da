"""What the kitchen sees and does."""
