"""How the terminal looks: the palette, the two themes made of it, and the base stylesheet. No widget lives here."""
