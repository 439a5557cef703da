"""Key presses and taps in the order in which a person made them, before any widget sees them."""
