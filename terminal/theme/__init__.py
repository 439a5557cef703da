"""The look of the terminal: the palettes, the two themes made of them, and the base stylesheet. No widgets."""
