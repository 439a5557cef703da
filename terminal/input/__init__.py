"""From key presses and taps to turns: what a person did, in order, before any widget sees it."""
