"""Taking an order: the menu, the check, the command line, and the options of a dish."""
