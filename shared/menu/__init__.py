"""What is sold: categories, items, modifiers, taxes."""
