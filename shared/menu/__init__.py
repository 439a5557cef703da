"""The menu: categories, items, modifiers, taxes."""
